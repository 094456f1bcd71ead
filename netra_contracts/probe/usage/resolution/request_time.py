"""Which functions run when requests are served."""

from __future__ import annotations

from .resolution import Resolution
from .roles import Role

#: How many calls deep functions are followed from those that a framework calls.
_MAX_CALLS = 4
_FunctionKey = tuple[int, int]


class RequestTime:
    """Endpoints, dependencies, middleware, handlers of exceptions, and what these call.

    Attributes:
        endpoints: functions whose parameters a framework fills.
    """

    def __init__(self, resolution: Resolution) -> None:
        self._resolution = resolution
        self._symbols = {
            f"{file.source.module}:{name}": (number, index)
            for number, file in enumerate(resolution.files)
            for name, index in file.functions.items()
        }
        self.endpoints = self._endpoints()
        self._functions = set(self.endpoints) | self._with_requests()
        self._follow_calls()

    def includes(self, file: int, function: int) -> bool:
        """Whether a function, or one around it, runs when requests are served."""
        while function:
            if (file, function) in self._functions:
                return True
            function = self._resolution.files[file].facts.functions[function].outer
        return False

    def _endpoints(self) -> set[_FunctionKey]:
        found = set()
        for number, file in enumerate(self._resolution.files):
            facts = file.facts
            found |= {(number, index) for index, function in enumerate(facts.functions) if function.is_endpoint}
            for value in facts.for_requests:
                found |= set(self._functions_of(self._resolution.value(number, value)))
        return found

    def _functions_of(self, role: Role | None) -> list[_FunctionKey]:
        """The function that a role is, or the methods of a class that a framework calls."""
        if role is None:
            return []
        if role.kind == "function" and role.name in self._symbols:
            return [self._symbols[role.name]]
        if role.kind in ("class", "instance"):
            prefix = role.name + "."
            return [
                key for name, key in self._symbols.items() if name.startswith(prefix) and not name.endswith("__init__")
            ]
        return []

    def _with_requests(self) -> set[_FunctionKey]:
        """Functions that a request or a connection is passed to, or that read one from elsewhere."""
        found = set()
        for number, file in enumerate(self._resolution.files):
            for index, step in enumerate(file.facts.steps):
                if step.parent < 0:
                    role = self._resolution.role(number, index)
                    if role is not None and role.kind == "request":
                        found.add((number, step.function))
            found |= {(number, index) for index, function in enumerate(file.facts.functions) if function.has_request}
        return {key for key in found if key[1]}

    def _follow_calls(self) -> None:
        calls: dict[_FunctionKey, set[_FunctionKey]] = {}
        for number, file in enumerate(self._resolution.files):
            for index in file.called:
                role = self._resolution.role(number, index)
                if role is not None and role.kind == "function" and role.name in self._symbols:
                    caller = number, file.facts.steps[index].function
                    calls.setdefault(caller, set()).add(self._symbols[role.name])
        added = set(self._functions)
        for _ in range(_MAX_CALLS):
            added = {callee for caller in added for callee in calls.get(caller, ())} - self._functions
            self._functions |= added
