"""What keeps a reference to a task: a component, a global of a module, or a local variable."""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from netra_contracts.probe.background import holders
from netra_contracts.probe.inspection import object_graph
from netra_contracts.protocol.observed.failures import Holder

KEPT: set[Any] = set()


@pytest.fixture(autouse=True)
def _one_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search the globals of this module, not those of all that the tests have imported."""
    monkeypatch.setattr(holders, "sys", SimpleNamespace(modules={__name__: sys.modules[__name__]}))


def held(*components: tuple[str, Any]) -> Holder | None:
    """The holder of the task that `components` or this module refer to."""

    async def main() -> Holder | None:
        task = asyncio.ensure_future(asyncio.sleep(3600))
        for _, holder in components:
            if isinstance(holder, set):
                holder.add(task)
            else:
                holder.task = task
        found = holders.find([task], [entry for entry in components if entry[0]])
        KEPT.clear()
        task.cancel()
        return found.get(id(task))

    return asyncio.run(main())


def test_component_that_refers_to_a_task_is_found_with_the_path() -> None:
    assert held(("bridge", SimpleNamespace())) == Holder("component", "bridge.task", "bridge")


def test_component_is_found_before_a_module() -> None:
    assert held(("", KEPT), ("bridge", SimpleNamespace())) == Holder("component", "bridge.task", "bridge")


def test_module_global_that_refers_to_a_task_is_found() -> None:
    assert held(("", KEPT)) == Holder("module", f"{__name__}.KEPT", __name__)


def test_local_variable_of_a_suspended_function_is_found() -> None:
    async def lifespan() -> None:
        worker = asyncio.ensure_future(asyncio.sleep(3600))
        tasks.append(worker)
        await asyncio.sleep(3600)

    tasks: list[Any] = []

    async def main() -> Holder:
        running = asyncio.ensure_future(lifespan())
        await asyncio.sleep(0)
        found = holders.find(tasks[:], ())
        running.cancel()
        return found[id(tasks[0])]

    found = asyncio.run(main())
    assert found.kind == "local"


def test_objects_that_many_components_share_are_entered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[int] = []
    referents = object_graph.referents

    def counted(node: Any) -> Any:
        entered.append(id(node))
        return referents(node)

    monkeypatch.setattr(object_graph, "referents", counted)
    shared = [SimpleNamespace() for _ in range(50)]
    components = [(f"service{number}", SimpleNamespace(shared=shared)) for number in range(20)]
    last = ("last", SimpleNamespace(shared=shared, task=SimpleNamespace()))
    wanted = last[1].task
    assert holders.find([wanted], [*components, last])[id(wanted)].path == "last.task"
    assert entered.count(id(shared)) == 1
    assert entered.count(id(shared[0])) == 1


def test_search_ends_after_a_number_of_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holders, "_MAX_IN_ALL", 10)
    wanted = SimpleNamespace()
    components = [("large", [SimpleNamespace() for _ in range(20)]), ("bridge", SimpleNamespace(task=wanted))]
    assert holders.find([wanted], components) == {}
