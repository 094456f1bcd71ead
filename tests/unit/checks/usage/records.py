"""Builds recordings of startups with what the sources say of the states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from netra_contracts.contracts.model import ComponentContract
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.app_states import ObservedState
from netra_contracts.protocol.plan import Question, QuestionKind
from netra_contracts.protocol.source_usage import (
    AccessKind,
    LoadedModule,
    SourceUsage,
    StateAccess,
    StateScope,
    Use,
    UseAnswer,
    UseEvidence,
    UseKind,
)
from tests.unit.checks.evidence import Startup

FOLDER = "/home/ada/shop"


def line(number: int, file: str = "routes.py", function: str = "handler") -> Location:
    """A line of the application."""
    return Location(f"{FOLDER}/{file}", number, function)


def access(
    kind: AccessKind,
    name: str,
    number: int,
    *,
    scope: StateScope = "application",
    file: str = "routes.py",
    function: str = "handler",
    **more: Any,
) -> StateAccess:
    """An access in a file of the application, by default in the module of its routes."""
    module = "shop." + file.removesuffix(".py").replace("/", ".")
    return StateAccess(kind, scope, line(number, file, function), name, module, **more)


def read(name: str, number: int, *uses: Use, **more: Any) -> StateAccess:
    """A read that nothing guards."""
    return access("read", name, number, uses=uses, **more)


def use(kind: UseKind, number: int, path: str = "", **more: Any) -> Use:
    """What code does with what it read."""
    return Use(kind, line(number), path, **more)


def answer(kind: QuestionKind, component: str, path: str = "", *, asked: dict[str, Any], **more: Any) -> UseAnswer:
    """The probe's answer that an object does not allow a use."""
    return UseAnswer(Question(kind, component, path=path, **asked), **{"holds": False, "actual": "shop:Pool", **more})


class UsedStartup(Startup):
    """A startup of an application whose modules `startup.py` and `routes.py` are loaded."""

    def __init__(self, *contracts: ComponentContract) -> None:
        super().__init__(*contracts)
        self._usage: dict[str, Any] = {}
        self._uses: dict[str, Any] = {
            "modules": tuple(LoadedModule(f"shop.{name}", f"{FOLDER}/{name}.py") for name in ("startup", "routes"))
        }
        state = ObservedState("", "starlette.datastructures:State", "fastapi:FastAPI")
        self.sees(states=(state, replace(state, prefix="/api")))
        self.reads_sources()

    def reads_sources(self, *accesses: StateAccess, **more: Any) -> UsedStartup:
        """What the sources say; `more`: further fields of `SourceUsage`."""
        self._usage.update(more, **({"accesses": accesses} if accesses else {}))
        self.sees(usage=SourceUsage(**self._usage), uses=UseEvidence(**self._uses))
        return self

    def adds(self, **facts: Any) -> UsedStartup:
        """Fields of `UseEvidence`."""
        self._uses.update(facts)
        return self.reads_sources()
