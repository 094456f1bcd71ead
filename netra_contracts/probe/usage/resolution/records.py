"""Makes the records of the protocol from what the steps of all files lead to."""

from __future__ import annotations

from typing import Any

from ....protocol.location import Location
from ....protocol.source_usage import AccessKind, Accessor, StateAccess, StateScope, Use, UseKind
from ..syntax.facts import CHECKED, DELETE, PROTECTED, STORE, TESTED, Step
from .request_time import RequestTime
from .resolution import Resolution
from .roles import ReadFile, Role
from .user_data import user_data

#: How many uses of one access are kept.
_MAX_USES = 100
_USES = frozenset(["await", "with", "async-with", "iterate", "async-iterate"])


class Records:
    """The accesses and accessors of all files."""

    def __init__(self, resolution: Resolution) -> None:
        self._resolution = resolution
        self._files = resolution.files
        self._request_time = RequestTime(resolution)
        self._uses: dict[tuple[int, int], list[Use]] = {}
        self._accesses: list[tuple[tuple[int, int], Role]] = []
        for number, file in enumerate(self._files):
            for index in range(len(file.facts.steps)):
                self._examine(number, index)

    def accesses(self) -> tuple[StateAccess, ...]:
        """By file, in the order of their lines."""
        found = {
            (access.location.file, access.location.line, access.location.column or 0, access.name, access.kind): access
            for origin, role in self._accesses
            for access in [self._access(origin, role)]
        }
        return tuple(found[key] for key in sorted(found))

    def accessors(self) -> tuple[Accessor, ...]:
        """By file, in the order of their lines."""
        found = []
        for file in self._files:
            for function in file.facts.functions[1:]:
                symbol = f"{file.source.module}:{function.name}"
                role = self._resolution.result(symbol, unwrapped=True) if function.returns else None
                if role is not None and role.kind == "entry" and role.name and not role.path:
                    location = Location(file.source.path, function.line, function.name)
                    found.append(Accessor(symbol, role.name, _scope(role), location))
        return tuple(found)

    def _examine(self, number: int, index: int) -> None:
        """Note the access that begins with a step, or the use that the step is."""
        file = self._files[number]
        step = file.facts.steps[index]
        role = self._resolution.role(number, index)
        entry = Role(*role.inner) if role is not None and role.inner is not None else role  # type: ignore[arg-type]
        if entry is not None and entry.kind == "entry" and entry.origin == (number, index):
            self._accesses.append(((number, index), entry))
        elif step.parent >= 0:
            parent = self._resolution.role(number, step.parent)
            if parent is not None and parent.kind in ("entry", "result") and parent.name:
                self._use(number, index, parent)

    def _use(self, number: int, index: int, parent: Role) -> None:
        file = self._files[number]
        step = file.facts.steps[index]
        uses = self._uses.setdefault(parent.origin, [])
        use = self._use_of(file, index, step, parent)
        if use is not None and len(uses) < _MAX_USES and not self._depends_on_question(number, index, parent.origin):
            uses.append(use)

    @staticmethod
    def _use_of(  # noqa: PLR0911 - a case for each kind of step
        file: ReadFile, index: int, step: Step, parent: Role
    ) -> Use | None:
        location, path = _location(file, step), ".".join(parent.path)
        called = parent.kind == "result"
        if step.flags & (STORE | DELETE):
            return None
        if step.kind in _USES:
            kind: UseKind = step.kind  # type: ignore[assignment]  # one of them
            return Use(kind, location, path, parent.signature, called)
        if step.kind == "item" or (step.kind == "entries" and step.name):
            return Use("subscript", location, path, parent.signature, called)
        if called:
            return None
        if step.kind == "call":
            return Use("call", location, path, step.name, True)
        if step.kind == "attribute" and index not in file.parents:
            return Use("attribute", location, ".".join((*parent.path, step.name)))
        return None

    def _depends_on_question(self, number: int, index: int, origin: tuple[int, int]) -> bool:
        """Whether code does this only after it has asked whether the object allows it."""
        file = self._files[number]
        is_read = file.facts.steps[index].kind == "attribute"
        relevant = CHECKED | PROTECTED if is_read else PROTECTED  # what a call returned is not the object
        while index >= 0:
            if (number, index) == origin:
                relevant = CHECKED
            if file.guards(index) & relevant:
                return True
            if (number, index) == origin:
                return False
            relevant = CHECKED | PROTECTED
            index = file.facts.steps[index].parent
        return False

    def _access(self, origin: tuple[int, int], role: Role) -> StateAccess:
        number, index = origin
        file = self._files[number]
        step = file.facts.steps[index]
        kind = self._kind(file, index, role)
        at_request = self._request_time.includes(number, step.function)
        data = ""
        if kind in ("write", "dynamic-write") and at_request and role.scope != "request":
            data = user_data(self._resolution, self._request_time, number, index)
        return StateAccess(
            kind,
            _scope(role),
            _location(file, step),
            role.name,
            file.source.module,
            tuple(self._uses.get(origin, ())) if kind in ("read", "guarded") else (),
            role.accessor,
            at_request,
            data,
        )

    @staticmethod
    def _kind(file: ReadFile, index: int, role: Role) -> AccessKind:
        step = file.facts.steps[index]
        if step.flags & STORE and not role.accessor:
            return "write" if role.name else "dynamic-write"
        if step.flags & DELETE and not role.accessor:
            return "delete" if role.name else "dynamic-write"
        if not role.name:
            return "dynamic-read"
        return "guarded" if role.is_guarded or file.guards(index) & (TESTED | PROTECTED) else "read"


def _scope(role: Role) -> StateScope:
    scope: Any = role.scope
    return scope if scope in ("application", "request") else "unknown"


def _location(file: ReadFile, step: Step) -> Location:
    function = file.facts.functions[step.function].name
    if step.column < 1:
        return Location(file.source.path, step.line, function)
    return Location(file.source.path, step.line, function, step.column, step.end_column or None)
