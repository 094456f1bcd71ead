"""Finds, imports, classifies and builds the target. Every failure becomes a `StageFailure`."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ...protocol.masking import mask
from ...protocol.names import nearest_name
from ...protocol.observed.failures import StageFailure
from ...protocol.record import replace
from ...protocol.stages import StageOutcome
from ..inspection import own_code, source_locations
from ..inspection.safe_inspect import MISSING, class_attribute, class_name, dotted_name, instance_dict, mro, type_name
from ..inspection.test_doubles import mock_class
from ..runtime import exceptions
from .wrappers import could_be_asgi, family_of, unwrap

#: Names tried if the target names only a module: those of applications, as fastapi-cli does, then those of factories.
APPLICATION_NAMES = ("app", "api", "application")
FACTORY_NAMES = ("create_app", "make_app", "get_app", "build_app", "app_factory")


class LoadError(Exception):
    """The target could not be loaded; `failure` says why, `outcome` how the stage ends."""

    def __init__(self, failure: StageFailure) -> None:
        self.failure = failure
        self.outcome: StageOutcome = "exited" if failure.kind == "exited" else "failed"
        super().__init__(failure.message)


class LoadedObject(NamedTuple):
    """The object that the target names. `how` is a sentence on how the name was found; empty: it was given."""

    value: Any
    attr: str
    how: str


def import_target(module: str, app_dir: str) -> Any:
    """Import the target's module.

    Raises:
        LoadError: if it does not exist, or importing it raises.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if _is_target_missing(error, module):
            missing = error.name or module
            failure = StageFailure("module-not-found", mask(str(error)), missing=missing)
            found_in = _folder_with(missing, app_dir)
            near = "" if found_in else _nearest_module(missing, app_dir)
            raise LoadError(replace(failure, found_in=found_in, near=near)) from error
        failure = _import_failure(error)
        missing = (error.name or "").partition(".")[0]
        found_in = _folder_with(missing, app_dir) or _above(missing, app_dir)
        raise LoadError(replace(failure, found_in=found_in)) from error
    except BaseException as error:
        raise LoadError(_import_failure(error)) from error


def _is_target_missing(error: ModuleNotFoundError, module: str) -> bool:
    """Whether the missing module is the target's or one of its parents, not one that the target imports.

    Comparing with the whole path only, as servers do, would miss `nope.sub`.
    """
    parents = {module.rsplit(".", count)[0] for count in range(module.count(".") + 1)}
    return error.name in parents and not any(
        not own_code.is_library_file(line.file) for line in source_locations.trace_of(error.__traceback__)
    )


def _import_failure(error: BaseException) -> StageFailure:
    failure = exceptions.of_exception("import-raised", error)
    cycle = _find_cycle(error)
    if cycle:
        failure = replace(failure, cycle=cycle)
    return failure


def _find_cycle(error: BaseException) -> tuple[str, ...]:
    """The modules of an import cycle, from the modules that were being executed when the import failed."""
    text = str(error) if isinstance(error, (ImportError, AttributeError)) else ""
    if "partially initialized module" not in text:
        return ()
    running = [
        str(frame.f_globals.get("__name__"))
        for frame, _ in source_locations.frames_of(error.__traceback__)
        if frame.f_code.co_name == "<module>" and not own_code.is_probe(frame.f_code.co_filename)
    ]
    named = text.split("partially initialized module ")[1].split("'")[1]
    if named not in running:
        return tuple(running)
    return (*running[running.index(named) :], named)


def _nearest_module(missing: str, app_dir: str) -> str:
    parent, _, last = missing.rpartition(".")
    if parent:
        module = sys.modules.get(parent)
        paths = getattr(module, "__path__", None)
        if module is not None and paths is None:  # a module, not a package
            if nearest_name(last, ["py"]):
                return f"{parent.replace('.', '/')}.py"
            return f"{parent}:{last}" if hasattr(module, last) else ""
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


def _above(module: str, app_dir: str) -> str:
    """`..` if a module is missing whose folder is the import folder itself: `src.shop` cannot be imported in `src`."""
    is_own_name = bool(module) and os.path.basename(os.path.abspath(app_dir)) == module
    return ".." if is_own_name else ""


def _folders(app_dir: str) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(app_dir) if entry.is_dir() and not entry.name.startswith(".")]
    except OSError:
        return []


def find(module: Any, name: str, attr: str | None) -> LoadedObject:
    """The object that the target names, or the most likely one if it names only a module.

    Args:
        module: what `sys.modules` has for the module: any object, if the module has replaced itself there.
        name: of the module.
        attr: the attribute, or a dotted path; None: the target does not name one.

    Raises:
        LoadError: if there is none.
    """
    if attr is None:
        return _find_unnamed(module, name)
    obj, walked = module, name
    for step in attr.split("."):
        try:
            obj = getattr(obj, step)
        except AttributeError as error:
            near = nearest_name(step, _public_names(obj)) or (_likely_target(module, name) if obj is module else "")
            message = f"`{walked}` has no attribute `{step}`"
            raise LoadError(StageFailure("attribute-not-found", message, missing=step, near=near)) from error
        except BaseException as error:
            raise LoadError(exceptions.of_exception("import-raised", error)) from error
        walked += ("." if ":" in walked else ":") + step
    return LoadedObject(obj, attr, "")


def _public_names(obj: Any) -> list[str]:
    try:
        return [name for name in dir(obj) if not name.startswith("_")]
    except Exception:  # the class of the object has a `__dir__`
        return []


def _members(module: Any) -> dict[str, Any]:
    """The names of a module with their objects."""
    return dict(instance_dict(module) or {})


def _likely_target(module: Any, module_name: str) -> str:
    """The name of an application or factory in a module; empty: there is none."""
    try:
        return _find_unnamed(module, module_name).attr
    except LoadError:
        names = (_factory_name(name, member, module_name) for name, member in _members(module).items())
        return next(filter(None, names), "")


def _factory_name(name: str, member: Any, module_name: str) -> str:
    """The name of a function of the module that is called after an application; empty: it is not."""
    words = name.lower().split("_")
    own = class_name(member) == "function" and member.__module__ == module_name
    return name if own and words[0] and ("app" in words or "application" in words) else ""


def _find_unnamed(module: Any, module_name: str) -> LoadedObject:
    members = _members(module)
    for name in APPLICATION_NAMES:
        if name in members and classify(members[name]) == "application":
            return LoadedObject(members[name], name, f"found the application `{name}` in `{module_name}`")
    for name, member in members.items():
        if family_of(member):
            return LoadedObject(member, name, f"found the application `{name}` in `{module_name}`, the first one there")
    for name in FACTORY_NAMES:
        if name in members and classify(members[name]) == "factory":
            return LoadedObject(members[name], name, f"found the factory `{name}` in `{module_name}`")
    looked = ", ".join(APPLICATION_NAMES + FACTORY_NAMES)
    message = f"{module_name} has no application; looked for: {looked}, and for any FastAPI, Starlette or Litestar"
    raise LoadError(
        StageFailure("attribute-not-found", message, missing="app", near=nearest_name("app", list(members)))
    )


def classify(obj: Any) -> str:
    """ "application", "factory", "state", or "" for an object that can be none of them."""
    cls = type(obj)
    if family_of(obj):
        return "application"
    if issubclass(cls, _NOT_TARGETS) or mock_class(cls):
        return ""
    if issubclass(cls, type):
        return "factory"
    if could_be_asgi(obj) and family_of(unwrap(obj)):
        return "application"
    if not is_state(obj) and class_attribute(cls, "__call__") is not MISSING:
        return "application" if _takes_asgi(obj) else "factory"
    return "state"


_NOT_TARGETS = (str, bytes, int, float, complex, list, tuple, set, frozenset, type(None), type(sys))


def is_state(obj: Any) -> bool:
    """Whether an object is a mapping or the `State` of a framework."""
    cls = type(obj)
    if issubclass(cls, dict):
        return True
    names = [type_name(base) for base in mro(cls)]
    return any(name.endswith((":State", ":ImmutableState")) for name in names) or "collections.abc:Mapping" in names


def _takes_asgi(obj: Any) -> bool:
    """Whether a callable has the parameters `(scope, receive, send)`: three required positional ones."""
    try:
        parameters = list(inspect.signature(obj).parameters.values())
    except (TypeError, ValueError):
        return False
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = [p.name for p in positional if p.default is p.empty]
    if len(required) != 3 or any(p.kind is p.KEYWORD_ONLY and p.default is p.empty for p in parameters):
        return False
    function = obj if inspect.isfunction(obj) else class_attribute(type(obj), "__call__")
    return inspect.iscoroutinefunction(function) or required == ["scope", "receive", "send"]


def missing_arguments(factory: Any) -> tuple[str, ...]:
    """The names of a factory's required parameters."""
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))


def call_factory(factory: Any, name: str) -> Any:
    """Call a factory. Its result may still have to be awaited or entered.

    Args:
        factory: the factory.
        name: what a message calls it.

    Raises:
        LoadError: if it needs arguments or raises.
    """
    missing = missing_arguments(factory)
    if missing:
        arguments = ", ".join(f"`{argument}`" for argument in missing)
        location = source_locations.location_of_object(factory)
        message = f"{name} needs arguments: {arguments}"
        failure = StageFailure("factory-arguments", message, location=location, missing=", ".join(missing))
        raise LoadError(failure)
    try:
        if inspect.isasyncgenfunction(factory):
            import contextlib

            factory = contextlib.asynccontextmanager(factory)
        return factory()
    except BaseException as error:
        raise factory_failure(error) from error


def factory_failure(error: BaseException) -> LoadError:
    """The error for an exception that a factory raised."""
    return LoadError(exceptions.of_exception("factory-raised", error))


def must_be_awaited(obj: Any) -> bool:
    """Whether what a factory returned has to be awaited: some applications can be awaited as well.

    A coroutine is never one, though its frame may refer to the application that it will return.
    """
    return inspect.isawaitable(obj) and not (callable(obj) and classify(obj) == "application")


def is_async_context(obj: Any) -> bool:
    """Whether an object is an async context manager that is neither an application nor a state."""
    cls = type(obj)
    return (
        class_attribute(cls, "__aenter__") is not MISSING
        and class_attribute(cls, "__aexit__") is not MISSING
        and classify(obj) != "application"
        and not is_state(obj)
    )


def not_a_target(obj: Any, name: str, hint: str = "") -> LoadError:
    """The error for an object that is neither an application, nor a factory, nor a state."""
    what = "None" if obj is None else f"an object of type {dotted_name(type(obj))}"
    message = f"{name} is {what}: neither an ASGI application, nor a factory, nor a state"
    return LoadError(StageFailure("not-a-target", message, near=hint))


def framework_of(obj: Any) -> tuple[str, str]:
    """Name and version of the framework of an application, such as `("FastAPI", "0.115.0")`."""
    for base in mro(type(obj)):
        top = type_name(base).partition(".")[0].partition(":")[0]
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
