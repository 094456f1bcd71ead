"""A note for an `AttributeError` of a state whose application's lifespan did not run in this process."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, ModuleType, TracebackType
from typing import Any

from netra_contracts.probe.inspection import own_code
from netra_contracts.probe.inspection.safe_inspect import instance_attribute, type_name
from netra_contracts.probe.startup.lifespans.monitor import leaves_of, lifespans_of
from netra_contracts.probe.startup.mounts import has_startup, routes_below
from netra_contracts.probe.startup.target_loader import framework_of
from netra_contracts.pytest_plugin.lifespan_record import LifespanRecord

#: The classes of applications, each after its module.
_FRAMEWORKS = (("starlette.applications", "Starlette"), ("litestar.app", "Litestar"))
#: How many exceptions of a chain are examined.
_MAX_CHAIN = 50


def add_notes(error: BaseException, record: LifespanRecord) -> None:
    """Add a note to each exception of a chain that a missing lifespan explains."""
    if not any(module in sys.modules for module, _ in _FRAMEWORKS):
        return
    applications = cache(_applications)  # all objects of the process are searched for them
    for each in _chain(error):
        if isinstance(each, AttributeError):
            note = _note(each, record, applications)
            if note and note not in getattr(each, "__notes__", ()):
                each.add_note(note)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, what it was raised from, and the members of a group."""
    pending, seen = [error], {id(error)}
    while pending and len(seen) < _MAX_CHAIN:
        each = pending.pop()
        yield each
        members = each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        for other in (each.__cause__, each.__context__, *members):
            if other is not None and id(other) not in seen:
                seen.add(id(other))
                pending.append(other)


def _note(error: AttributeError, record: LifespanRecord, applications: Callable[[], list[Any]]) -> str:
    """The note for an error of a state; empty: there is nothing to say."""
    state, name = error.obj, error.name
    if state is None or name is None or name.startswith("__"):
        return ""
    app = next((one for one in applications() if instance_attribute(one, "state") is state), None)
    if app is None:
        app = _application_of_request(state, error.__traceback__)
        if app is None or not _names(app, name):  # what a middleware sets, a lifespan would not
            return ""
    around = [other for other in applications() if other is not app and _mounts(other, app)]
    if not has_startup(app):
        missing = next((other for other in around if has_startup(other) and record.ran(other) is False), None)
        return "" if missing is None else _sentence(missing, name, f", in which {_named(app)} is mounted,")
    if record.ran(app) is not False:
        return ""
    if any(record.ran(other) for other in around):
        hint = "The lifespan of the application in which it is mounted did run, and must enter this lifespan, too."
        return f"netra-contracts: the lifespan of {_named(app)} did not run in this process. {hint}"
    return _sentence(app, name)


def _sentence(app: Any, name: str, mounted: str = "") -> str:
    what = f"the lifespan of {_named(app)}{mounted} did not run in this process, so it has not set `{name}`"
    return f"netra-contracts: {what}. Write `with TestClient(app) as client:`, or use the fixture `started_app`."


def _applications() -> list[Any]:
    """The applications of a framework in this process."""
    classes: set[type] = set()
    for module, name in _FRAMEWORKS:
        cls = getattr(sys.modules.get(module), name, None)
        if cls is not None:
            classes |= _with_subclasses(cls)
    return [obj for obj in gc.get_objects() if type(obj) in classes]


def _with_subclasses(cls: type) -> set[type]:
    return {cls}.union(*map(_with_subclasses, type.__subclasses__(cls)))


def _application_of_request(state: Any, traceback: TracebackType | None) -> Any:
    """The application that handled the request whose `state` an object is; None: it is none of a request."""
    entries = instance_attribute(state, "_state")
    while entries is not None and traceback is not None:
        for value in traceback.tb_frame.f_locals.values():
            scope = value if issubclass(type(value), dict) else instance_attribute(value, "scope")
            if issubclass(type(scope), dict) and scope.get("state") is entries:
                return scope.get("app") or scope.get("litestar_app")
        traceback = traceback.tb_next
    return None


def _names(app: Any, name: str) -> bool:
    """Whether a lifespan of an application has a name as a key, as in `yield {"pool": pool}`."""
    leaves = [leaf for lifespan in lifespans_of(app) for leaf in leaves_of(lifespan)]
    return any(name in _constants(leaf.code) for leaf in leaves if leaf.code is not None)


def _constants(code: CodeType) -> Iterator[object]:
    """The constants of a function, those within tuples and inner functions included."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _constants(constant)
        elif isinstance(constant, tuple):
            yield from constant
        else:
            yield constant


def _mounts(outer: Any, inner: Any) -> bool:
    return any(route.app is inner for route in routes_below(outer))


def _named(app: Any) -> str:
    """An application as its user knows it: its name in a module, or its type."""
    framework = framework_of(app)[0] or type_name(type(app))
    names = [
        (name.startswith(("test", "conftest")) or name == "__main__", f"`{name}:{attribute}`")
        for name, module in list(sys.modules.items())
        if isinstance(module, ModuleType)
        and isinstance(file := vars(module).get("__file__"), str)
        and not own_code.is_library_file(file)
        for attribute, value in list(vars(module).items())
        if value is app
    ]
    return f"{min(names)[1]} ({framework})" if names else f"the application ({framework})"
