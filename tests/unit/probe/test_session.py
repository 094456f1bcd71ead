"""What ends the probe's task is a failure of the probe, or one of the target that the event loop met."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from netra_contracts.probe import session
from netra_contracts.probe.background import running_work
from netra_contracts.protocol.observed.failures import Holder, StackSnapshot

PROBE = str(Path(session.__file__).with_name("example.py"))
APPLICATION = "/srv/shop/main.py"


def defined_in(file: str, source: str, **names: Any) -> Any:
    """The function `f` of a source text, as if it were in a file."""
    exec(compile(source, file, "exec"), names)  # noqa: S102 - the file of a function is what matters here
    return names["f"]


RAISES = defined_in(APPLICATION, "def f(): raise ValueError('called')")
FACTORY = defined_in(APPLICATION, "def f(loop, coroutine, **_):\n    coroutine.close()\n    raise ValueError('no')")
UNEQUAL = defined_in(APPLICATION, "class f:\n    def __eq__(self, other): raise ValueError('compared')")
NEW_TASK = "import asyncio\nasync def f(): asyncio.get_running_loop().create_task(asyncio.sleep(0))"
STOP = "import asyncio\nasync def f():\n    asyncio.get_running_loop().stop()\n    await asyncio.sleep(1)"
CANCEL = "import asyncio\nasync def f():\n    asyncio.current_task().cancel()\n    await asyncio.sleep(1)"


def is_of_probe(main: Callable[[], Any], factory: Any = None) -> bool:
    """How a failure of the probe's task is judged, while the application's task factory is set."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(main())
    loop.set_task_factory(factory)
    try:
        loop.run_until_complete(task)
    except BaseException as error:  # noqa: BLE001 - whatever ended the loop
        return session._is_of_probe(error, task)
    finally:
        loop.set_task_factory(None)
        task.cancel()
        loop.run_until_complete(asyncio.wait([task]))
        loop.close()
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    "main",
    [
        defined_in(PROBE, "async def f(): None.method()"),
        defined_in(PROBE, "import json\nasync def f(): json.loads('{')"),
        defined_in(PROBE, "async def f(): unequal() == unequal()", unequal=UNEQUAL),
        defined_in(PROBE, "async def f(): raises()", raises=RAISES),
    ],
)
def test_what_the_code_of_the_probe_raises_is_its_own_failure(main: Callable[[], Any]) -> None:
    assert is_of_probe(main)


@pytest.mark.parametrize(
    ("main", "factory"),
    [(defined_in(PROBE, NEW_TASK), FACTORY), (defined_in(PROBE, STOP), None), (defined_in(PROBE, CANCEL), None)],
)
def test_what_the_application_does_to_the_loop_is_not_a_failure_of_the_probe(
    main: Callable[[], Any], factory: Any
) -> None:
    assert not is_of_probe(main, factory)


def test_what_still_runs_is_recorded_before_what_refers_to_it_is_searched() -> None:
    recorded: list[Any] = []
    left = [running_work.Left(object(), StackSnapshot("task", "poll"), None)]

    def search(_: object) -> dict[int, Holder]:
        assert [stack.name for stack in recorded[-1]] == ["poll"]
        return {id(left[0].obj): Holder("component", "bridge.task", "bridge")}

    evidence = SimpleNamespace(record_left_running=recorded.append, holders_of=search)
    work = SimpleNamespace(left=lambda longest_s: left)
    probe: Any = SimpleNamespace(_evidence=evidence, _background_work=lambda: work)
    session.ProbeSession._record_left_running(probe, 1.0)
    assert [stacks[0].holder and stacks[0].holder.owner for stacks in recorded] == [None, "bridge"]
