"""Objects of modules that the application has imported, and modules that it has imported under several names."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Set
from types import FunctionType
from typing import Any

from ...protocol.address import Address
from ...protocol.names import nearest_name
from ...protocol.observed.answers import DuplicateModule
from ...protocol.observed.failures import StageFailure
from ..inspection import own_code, source_locations
from ..inspection.questions import ComponentNotFoundError
from ..inspection.safe_inspect import instance_dict
from ..runtime import exceptions
from .bounded import Stopped, stopping_after
from .paths import Below, follow

#: The package of the probe's modules, some of which are also files of netra-contracts.
_PROBE = "_netra_contracts"
#: How many files that were loaded under several names are reported.
_MOST_DUPLICATES = 20


def find(address: Address, failed: dict[str, StageFailure], *, computed: bool = True) -> Below:
    """The object of a module, before any call.

    Args:
        address: of an object of a module.
        failed: imports that contracts asked for and that failed.
        computed: whether the module's `__getattr__`, and properties, may run.

    Raises:
        ComponentNotFoundError: if the module has not been imported, or does not have it.
        NoAnswerError: if a property or `__getattr__` does not return in time.
    """
    module = sys.modules.get(address.module)
    if module is None:
        failure = failed.get(address.module)
        if failure is not None:
            detail = f"importing `{address.module}` failed: {failure.message}"
            raise ComponentNotFoundError(address.text, detail=detail, reason="raised")
        near = _nearest_module(address)
        near = address.text.replace(address.module, near, 1) if near else ""
        raise ComponentNotFoundError(address.text, near=near, reason="not-imported")
    try:
        return follow(address.module, module, address.attribute, computed=computed)
    except ComponentNotFoundError as error:  # it was followed as `myapp.db.engine`
        near = _with_colon(address, error.near)
        if near and address.is_provider and error.missing == f"{address.module}.{address.attribute}":
            near += "()"
        raise ComponentNotFoundError(_with_colon(address, error.missing), near=near, detail=error.detail) from error


def _with_colon(address: Address, dotted: str) -> str:
    """The address of what lies on the path to an object of a module, given as `myapp.db.engine`."""
    if not dotted:
        return ""
    prefix = address.text[: len(address.text) - len(address.name)]
    return prefix + dotted[len(address.module) + 1 :]


def _nearest_module(address: Address) -> str:
    """The imported module of the application that is meant: it has the name, below another package or misspelt."""
    first = address.attribute.partition(".")[0]
    known = [name for name, module, _ in _own_modules() if first in (instance_dict(module) or {})]
    name, end = address.module, f".{address.module}"
    longer = [other for other in known if other.endswith(end) or name.endswith(f".{other}")]
    return longer[0] if len(longer) == 1 else nearest_name(name, known)


def is_used(name: str, others: Set[str]) -> bool:
    """Whether a module of the application refers to a module, or to a class or function of it.

    Args:
        name: of the module.
        others: modules that do not count.
    """
    module, package = sys.modules.get(name), name.rpartition(".")[0]
    for own, user, _ in _own_modules():
        if own != name and own not in others:
            for value in list((instance_dict(user) or {}).values()):
                # The import system sets a module as an attribute of its package.
                if (value is module and own != package) or _module_of(value) == name:
                    return True
    return False


def _module_of(value: Any) -> Any:
    if issubclass(type(value), type):
        return type.__dict__["__module__"].__get__(value)
    return value.__module__ if type(value) is FunctionType else None


def import_all(names: Iterable[str], timeout_s: float) -> dict[str, StageFailure]:
    """Import modules that the application has not imported. The failures, by name."""
    failed: dict[str, StageFailure] = {}
    for name in names:
        if name in sys.modules:
            continue
        try:
            with stopping_after(timeout_s):
                importlib.import_module(name)
        except Stopped:
            failed[name] = StageFailure("timeout", f"it did not end within {timeout_s:g} s")
        except BaseException as error:
            failed[name] = exceptions.of_exception("raised", error)
    return failed


def duplicates() -> tuple[DuplicateModule, ...]:
    """The files of the target that were executed as modules of several names."""
    by_file: dict[str, dict[str, Any]] = {}
    for name, module, file in _own_modules():
        by_file.setdefault(os.path.realpath(file), {})[name] = module
    found = [(file, sorted(named)) for file, named in by_file.items() if len(set(map(id, named.values()))) > 1]
    return tuple(
        DuplicateModule(source_locations.absolute(file), tuple(names)) for file, names in found[:_MOST_DUPLICATES]
    )


def _own_modules() -> Iterator[tuple[str, Any, str]]:
    for name, module in list(sys.modules.items()):
        entries = instance_dict(module)
        file = entries.get("__file__") if entries is not None else None
        is_named = type(name) is str and not name.startswith(_PROBE)
        if is_named and type(file) is str and own_code.is_own_code(file):
            yield name, module, file
