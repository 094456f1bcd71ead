"""Records the applications whose lifespans were entered in this process, by whatever caller.

Two methods are replaced while pytest runs: the method by which `contextlib` enters an async context, and the methods of
Starlette and FastAPI that run a lifespan. Both call what they replace and leave no line in a traceback.
"""

from __future__ import annotations

import contextlib
import sys
import weakref
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from netra_contracts.probe.inspection.safe_inspect import class_attribute
from netra_contracts.probe.runtime.import_hooks import AfterImportFinder
from netra_contracts.probe.startup.lifespans.monitor import Leaf, leaves_of, lifespans_of
from netra_contracts.probe.startup.wrappers import family_of, router_of

_MANAGER: Any = contextlib._AsyncGeneratorContextManager
#: Modules whose classes run lifespans, and the methods that do, by class.
_RUNNERS = {
    "starlette.routing": (("Router", "lifespan"), ("Router", "startup"), ("_DefaultLifespan", "__aenter__")),
    "fastapi.routing": (("_DefaultLifespan", "__aenter__"), ("APIRouter", "_startup")),
}


class LifespanRecord:
    """The lifespans that were entered since `install`."""

    def __init__(self) -> None:
        #: For each application, the functions whose contexts were entered for it.
        self._entered: dict[int, _Entry] = {}
        #: For each router that ran its lifespan, nothing.
        self._routers: dict[int, _Entry] = {}
        self._families: dict[type, bool] = {}
        self._replaced: list[tuple[Any, str, Any]] = []
        self._finder = AfterImportFinder(dict.fromkeys(_RUNNERS, self._hook))

    def install(self) -> None:
        """Begin to record."""
        enter = _MANAGER.__aenter__
        record = self

        def __aenter__(self: Any) -> Any:  # noqa: N807 - replaces the method of contextlib
            record.note(self)
            return enter(self)

        self._replace(_MANAGER, "__aenter__", __aenter__)
        self._finder.install()

    def uninstall(self) -> None:
        """Stop recording, and restore what was replaced."""
        for owner, name, original in reversed(self._replaced):
            setattr(owner, name, original)
        self._replaced = []
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self._finder)

    def note(self, manager: Any) -> None:
        """Record that a context is entered, if its function was called with an application."""
        values = manager.__dict__
        args = (*values.get("args", ()), *values.get("kwds", {}).values())
        for app in args:
            if self._is_application(app):
                _entry(self._entered, app, create=True).append(values.get("func"))

    def ran(self, app: Any) -> bool | None:
        """Whether the lifespan of an application was entered; None: that cannot be seen."""
        if _entry(self._routers, router_of(app)):
            return True
        functions = _entry(self._entered, app)
        whole = getattr(class_attribute(type(app), "lifespan"), "__wrapped__", None)  # of Litestar
        if whole is not None and any(function is whole for function in functions):
            return True
        leaves = [leaf for lifespan in lifespans_of(app) for leaf in leaves_of(lifespan)]
        seen = [_seen(leaf, functions) for leaf in leaves]
        return True if True in seen else None if None in seen else False

    def _is_application(self, obj: Any) -> bool:
        cls = type(obj)
        if cls not in self._families:
            self._families[cls] = bool(family_of(obj))
        return self._families[cls]

    def _hook(self, module: ModuleType) -> None:
        for class_name, method in _RUNNERS[module.__name__]:
            cls: Any = getattr(module, class_name, None)
            original = vars(cls).get(method) if cls is not None else None
            if original is not None:
                self._replace(cls, method, self._recording(original))

    def _recording(self, original: Any) -> Any:
        record = self

        def run(self: Any, *args: Any) -> Any:
            _entry(record._routers, getattr(self, "_router", self), create=True).append(original)
            return original(self, *args)

        run.__name__, run.__wrapped__ = original.__name__, original  # type: ignore[attr-defined]  # as functools does
        return run

    def _replace(self, owner: Any, name: str, function: Any) -> None:
        self._replaced.append((owner, name, getattr(owner, name)))
        setattr(owner, name, function)


_RECORD = pytest.StashKey[LifespanRecord]()


def record_of(config: pytest.Config) -> LifespanRecord:
    """The record of a run of pytest. It begins when this is called first, and ends with the run."""
    if _RECORD not in config.stash:
        record = config.stash[_RECORD] = LifespanRecord()
        record.install()
        config.add_cleanup(record.uninstall)
    return config.stash[_RECORD]


class _Entry(NamedTuple):
    """What is recorded of an object. It is not kept alive where it allows weak references."""

    reference: Any
    functions: list[Any]

    def is_of(self, obj: Any) -> bool:
        """Whether this is the entry of an object: another one may have had its id before."""
        reference = self.reference
        return (reference() if isinstance(reference, weakref.ref) else reference) is obj


def _entry(entries: dict[int, _Entry], obj: Any, *, create: bool = False) -> list[Any]:
    """The functions that are recorded of an object."""
    entry = entries.get(id(obj))
    if entry is not None and entry.is_of(obj):
        return entry.functions
    functions: list[Any] = []
    if create:
        reference: Any = obj
        with contextlib.suppress(TypeError):
            reference = weakref.ref(obj)
        entries[id(obj)] = _Entry(reference, functions)
    return functions


def _seen(leaf: Leaf, functions: list[Any]) -> bool | None:
    """Whether a part of a lifespan is among the functions that were entered; None: it would not be seen."""
    generators = [leaf, *leaf.inner]
    if any(part.kind == "generator" and any(part.subject is function for function in functions) for part in generators):
        return True
    return False if all(part.kind == "generator" for part in leaf.inner or (leaf,)) else None
