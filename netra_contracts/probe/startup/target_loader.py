"""Finds, imports, classifies and builds the target. Nothing is judged: what fails becomes a fault record."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from ...protocol.failures import StageFailure
from ...protocol.names import nearest_name
from ...protocol.stages import StageOutcome
from ..inspection import source_locations
from ..inspection.safe_inspect import MISSING, class_attribute, mro
from ..runtime import exceptions
from .app_structure import family_of, unwrap

#: Where an application is looked for when the target names a module only, as fastapi-cli does, and factories after it.
APPLICATION_NAMES = ("app", "api", "application")
FACTORY_NAMES = ("create_app", "make_app", "get_app", "build_app", "app_factory")


class LoadError(Exception):
    """The target could not be loaded; `fault` says why."""

    def __init__(self, fault: StageFailure, outcome: StageOutcome = "failed") -> None:
        self.fault = fault
        self.outcome = outcome
        super().__init__(fault.message)


class LoadedObject(NamedTuple):
    """What the target named."""

    thing: Any
    attr: str
    how: str


def import_target(module: str, app_dir: str) -> Any:
    """Import the target's module.

    Raises:
        LoadError: if it does not exist, or does not import.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if _is_target_itself(error, module):
            missing = error.name or module
            fault = StageFailure("module-not-found", str(error), missing=missing)
            found_in = _folder_with(missing, app_dir)
            near = "" if found_in else _nearest_module(missing, app_dir)
            raise LoadError(replace(fault, found_in=found_in, near=near)) from error
        raise _import_fault(error) from error
    except BaseException as error:
        raise _import_fault(error) from error


def _is_target_itself(error: ModuleNotFoundError, module: str) -> bool:
    """Whether the missing module is the target's or one of its parents, and not one that the target imports.

    Comparing with the whole path alone, as servers do, lets `nope.sub` slip through.
    """
    parents = {module.rsplit(".", count)[0] for count in range(module.count(".") + 1)}
    return error.name in parents and not any(
        not source_locations.is_library_file(line.file) for line in source_locations.trace_of(error.__traceback__)
    )


def _import_fault(error: BaseException) -> LoadError:
    fault = exceptions.of_exception("import-raised", error)
    cycle = _find_cycle(error)
    if cycle:
        fault = replace(fault, cycle=cycle)
    return LoadError(fault, "exited" if fault.kind == "exited" else "failed")


def _find_cycle(error: BaseException) -> tuple[str, ...]:
    """The modules of a circular import, from the modules that were being executed when it failed."""
    text = str(error) if isinstance(error, (ImportError, AttributeError)) else ""
    if "partially initialized module" not in text:
        return ()
    running = [
        str(frame.f_globals.get("__name__"))
        for frame, _ in source_locations.frames_of(error.__traceback__)
        if frame.f_code.co_name == "<module>" and not source_locations.is_own(frame.f_code.co_filename)
    ]
    named = text.split("partially initialized module ")[1].split("'")[1]
    if named not in running:
        return tuple(running)
    return (*running[running.index(named) :], named)


def _nearest_module(missing: str, app_dir: str) -> str:
    parent, _, last = missing.rpartition(".")
    if parent:
        paths = getattr(sys.modules.get(parent), "__path__", None)
        close = nearest_name(last, _modules_in(paths)) if paths else ""
        return f"{parent}.{close}" if close else ""
    return nearest_name(last, _modules_in([app_dir]))


def _modules_in(folders: Iterable[str]) -> Iterator[str]:
    """Names of the modules and packages in some folders, as `pkgutil.iter_modules` gives them."""
    for folder in folders:
        try:
            entries = os.listdir(folder)
        except OSError:
            continue
        for entry in entries:
            module = inspect.getmodulename(entry)
            if module is not None and module != "__init__":
                yield module
            elif os.path.isfile(os.path.join(folder, entry, "__init__.py")):
                yield entry


def _folder_with(module: str, app_dir: str) -> str:
    """The folder below `app_dir` that has a top-level module; empty: none has."""
    if "." in module:
        return ""
    for folder in sorted(_folders(app_dir)):
        base = os.path.join(app_dir, folder, module)
        if os.path.isfile(base + ".py") or os.path.isdir(base):
            return folder
    return ""


def _folders(app_dir: str) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(app_dir) if entry.is_dir() and not entry.name.startswith(".")]
    except OSError:
        return []


def find(module: Any, attr: str | None) -> LoadedObject:
    """The object that the target names, or the most likely one where it names only a module.

    Raises:
        LoadError: if there is none.
    """
    if attr is None:
        return _find_unnamed(module)
    thing = module
    walked = module.__name__
    for step in attr.split("."):
        try:
            thing = getattr(thing, step)
        except AttributeError as error:
            known = [name for name in dir(thing) if not name.startswith("_")]
            message = f"{walked} has no attribute {step!r}"
            raise LoadError(
                StageFailure("attribute-not-found", message, missing=step, near=nearest_name(step, known))
            ) from error
        except BaseException as error:
            raise LoadError(exceptions.of_exception("import-raised", error)) from error
        walked += ("." if ":" in walked else ":") + step
    return LoadedObject(thing, attr, "")


def _find_unnamed(module: Any) -> LoadedObject:
    members = vars(module)
    for name in APPLICATION_NAMES:
        if name in members and kind_of(members[name]) == "application":
            return LoadedObject(members[name], name, f"found the application `{name}` in `{module.__name__}`")
    for name, member in members.items():
        if family_of(member):
            return LoadedObject(
                member, name, f"found the application `{name}` in `{module.__name__}`, the first one there"
            )
    for name in FACTORY_NAMES:
        if name in members and kind_of(members[name]) == "factory":
            return LoadedObject(members[name], name, f"found the factory `{name}` in `{module.__name__}`")
    looked = ", ".join(APPLICATION_NAMES + FACTORY_NAMES)
    message = f"{module.__name__} has no application; looked for: {looked}, and for any FastAPI, Starlette or Litestar"
    raise LoadError(
        StageFailure("attribute-not-found", message, missing="app", near=nearest_name("app", list(members)))
    )


def kind_of(thing: Any) -> str:
    """ "application", "factory", "state", or "" for what can be none of them."""
    kind = type(thing)
    if family_of(unwrap(thing)):
        return "application"
    if issubclass(kind, _NO_TARGETS) or any(_is_mock(base) for base in mro(kind)):
        return ""
    if issubclass(kind, type):
        return "factory"
    if not is_state(thing) and class_attribute(kind, "__call__") is not MISSING:
        return "application" if _takes_asgi(thing) else "factory"
    return "state"


_NO_TARGETS = (str, bytes, int, float, complex, list, tuple, set, frozenset, type(None), type(sys))


def _is_mock(kind: type) -> bool:
    return exceptions.type_name(kind).startswith(("unittest.mock:", "mock.mock:"))


def is_state(thing: Any) -> bool:
    """Whether this is a mapping or a framework's `State`."""
    kind = type(thing)
    if issubclass(kind, dict):
        return True
    names = [exceptions.type_name(base) for base in mro(kind)]
    return any(name.endswith((":State", ":ImmutableState")) for name in names) or "collections.abc:Mapping" in names


def _takes_asgi(thing: Any) -> bool:
    """Whether a callable takes `(scope, receive, send)`: three required positional parameters."""
    try:
        parameters = list(inspect.signature(thing).parameters.values())
    except (TypeError, ValueError):
        return False
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = [p.name for p in positional if p.default is p.empty]
    if len(required) != 3 or any(p.kind is p.KEYWORD_ONLY and p.default is p.empty for p in parameters):
        return False
    function = thing if inspect.isfunction(thing) else class_attribute(type(thing), "__call__")
    return inspect.iscoroutinefunction(function) or required == ["scope", "receive", "send"]


def missing_arguments(factory: Any) -> tuple[str, ...]:
    """The parameters that a factory cannot be called without."""
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))


def call_factory(factory: Any, name: str) -> Any:
    """Call a factory. What it gives may still have to be awaited or entered.

    Raises:
        LoadError: if it needs arguments or raises.
    """
    missing = missing_arguments(factory)
    if missing:
        arguments = ", ".join(f"`{argument}`" for argument in missing)
        place = source_locations.location_of_object(factory)
        raise LoadError(
            StageFailure(
                "factory-arguments", f"{name} needs arguments: {arguments}", location=place, missing=", ".join(missing)
            )
        )
    try:
        if inspect.isasyncgenfunction(factory):
            import contextlib

            factory = contextlib.asynccontextmanager(factory)
        return factory()
    except BaseException as error:
        raise factory_fault(error) from error


def factory_fault(error: BaseException) -> LoadError:
    """A factory raised."""
    fault = exceptions.of_exception("factory-raised", error)
    return LoadError(fault, "exited" if fault.kind == "exited" else "failed")


def is_async_context(thing: Any) -> bool:
    """Whether a factory's result is to be entered: an async context manager that is neither application nor state."""
    kind = type(thing)
    return (
        class_attribute(kind, "__aenter__") is not MISSING
        and class_attribute(kind, "__aexit__") is not MISSING
        and kind_of(thing) != "application"
        and not is_state(thing)
    )


def not_a_target(thing: Any, name: str, hint: str = "") -> LoadError:
    """The fault for something that is neither application, factory nor state."""
    shown = exceptions.type_name(type(thing)).replace(":", ".")
    what = "None" if thing is None else f"an object of type {shown}"
    message = f"{name} is {what}: neither an ASGI application, nor a factory, nor a state"
    return LoadError(StageFailure("not-a-target", message, near=hint))


def framework_of(thing: Any) -> tuple[str, str]:
    """Name and version of the framework of an application, e.g. ("FastAPI", "0.115.0")."""
    for base in mro(type(thing)):
        top = exceptions.type_name(base).partition(".")[0].partition(":")[0]
        if top in ("fastapi", "starlette", "litestar"):
            version = getattr(sys.modules.get(top), "__version__", "")
            names = {"fastapi": "FastAPI", "starlette": "Starlette", "litestar": "Litestar"}
            return names[top], version if isinstance(version, str) else _distribution_version(top)
    return "", ""


def _distribution_version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""
