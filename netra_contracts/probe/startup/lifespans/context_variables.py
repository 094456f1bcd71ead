"""Finds context variables that the lifespan sets and that request handlers read, without seeing what was set.

A server runs the lifespan in a task of its own, so in a copy of its context (PEP 567), and starts the tasks of requests
from its own context: uvicorn in `lifespan/on.py`, `LifespanOn.startup`, and in `protocols/http/h11_impl.py`. Imported
only if the lifespan's context has other values than the one that requests get.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from ....protocol.location import Location
from ....protocol.observed.lifecycle import UnseenVariable
from ...inspection import own_code
from ...inspection.safe_inspect import instance_dict
from .request_code import ReachableCode, VariableUse, app_code, uses_of

#: Own code that copies contexts may carry values of the lifespan to requests.
_COPIES = "copy_context"


def unseen(variables: list[ContextVar[Any]], app: Any) -> tuple[UnseenVariable, ...]:
    """Those that belong to the application, and that request handlers read and never set.

    Args:
        variables: that have another value in the lifespan.
        app: the application that servers call.
    """
    owned = _names(variables)
    if not owned:
        return ()
    requests, lifespan = app_code(app)
    if _COPIES in requests.names or _COPIES in lifespan.names:
        return ()
    found = [_judged(variable, name, requests, lifespan) for variable, name in owned]
    return tuple(one for one in found if one is not None)


def _judged(
    variable: ContextVar[Any], name: str, requests: ReachableCode, lifespan: ReachableCode
) -> UnseenVariable | None:
    by_requests, by_lifespan = list(_uses(variable, name, requests)), list(_uses(variable, name, lifespan))
    reads = [use.location for use in by_requests if use.method == "get"]
    is_passed_on = any(not use.method for use in (*by_requests, *by_lifespan))
    if not reads or is_passed_on or any(use.method == "set" for use in by_requests):
        return None
    sets = [use.location for use in by_lifespan if use.method == "set"]
    return UnseenVariable(name, sets[0] if len(set(sets)) == 1 else _innermost(sets, lifespan), tuple(reads[:5]))


def _innermost(sets: list[Location], lifespan: ReachableCode) -> Location | None:
    """The line of the lifespan's own functions, if several set a variable; None: unknown."""
    direct = [location for location in sets if location.function in lifespan.root_names]
    return direct[0] if len(set(direct)) == 1 else None


def _uses(variable: ContextVar[Any], name: str, code: ReachableCode) -> Iterator[VariableUse]:
    attribute = name.rpartition(".")[2] if "." in name.partition(":")[2] else ""
    for function in code.functions():
        yield from uses_of(function, variable, attribute)


def _names(variables: list[ContextVar[Any]]) -> list[tuple[ContextVar[Any], str]]:
    """The variables that only modules of the application have, each with its address."""
    wanted = {id(variable): variable for variable in variables}
    names: dict[int, str] = {}
    of_libraries: set[int] = set()
    for module in list(sys.modules.values()):
        if type(module) is not ModuleType:
            continue
        if not _is_own(module):
            of_libraries.update(wanted.keys() & {id(value) for value in list(vars(module).values())})
            continue
        for path, value in _attributes(module):
            if id(value) in wanted:
                names.setdefault(id(value), f"{module.__name__}:{path}")
    return [(wanted[key], name) for key, name in names.items() if key not in of_libraries]


def _is_own(module: ModuleType) -> bool:
    file = vars(module).get("__file__")
    return type(file) is str and own_code.is_own_code(file)


def _attributes(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Globals of a module, and the attributes of its classes and of objects that are globals."""
    for name, value in list(vars(module).items()):
        yield name, value
        members = type.__dict__["__dict__"].__get__(value) if issubclass(type(value), type) else instance_dict(value)
        if type(value) is not ModuleType and members is not None:
            for attribute, member in list(dict(members).items()):
                if type(member) is ContextVar:
                    yield f"{name}.{attribute}", member
