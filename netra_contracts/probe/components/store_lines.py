"""The line of a module that stores an object under a name: where an object of a module comes from."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from ..inspection.source_locations import Site, name_of
from ..module_objects.stores import code_of


class StoreLines:
    """Finds such lines. The code of a module is read once."""

    def __init__(self) -> None:
        self._codes: dict[int, CodeType | None] = {}

    def site(self, module: Any, path: str, *, is_none: bool, after_import: bool = False) -> Site | None:
        """The only line of a module that stores something under a name, or under the last name of a path.

        Args:
            module: the module.
            path: `engine`, or `Registry.instance`.
            is_none: whether what is stored there is None: lines that store None then count, and otherwise do not.
            after_import: whether it was stored after the import, so that the bodies of the module and its classes did
                not do it.

        Returns:
            The line; None: there is none or more than one, or the module's code is not known.
        """
        if type(module) is not ModuleType:
            return None
        if id(module) not in self._codes:
            self._codes[id(module)] = code_of(module)
        code = self._codes[id(module)]
        if code is None:
            return None
        owner, _, name = path.rpartition(".")
        stores = set(_stores(code, name, owner, is_body=not owner))
        found = {each.site for each in stores if each.is_none == is_none and not (each.at_import and after_import)}
        return found.pop() if len(found) == 1 else None


class _Store(NamedTuple):
    site: Site
    is_none: bool
    at_import: bool


def _stores(code: CodeType, name: str, owner: str, *, is_body: bool) -> Iterator[_Store]:
    """The lines that store under a name.

    Args:
        code: of the module, or of something in it.
        name: the name.
        owner: the class or object that has it as an attribute; empty: the module has it.
        is_body: whether the code is the body of the module or class that has it.
    """
    before: list[Any] = []
    lines = dict(dis.findlinestarts(code))
    line = code.co_firstlineno
    for one in dis.get_instructions(code) if name in code.co_names else ():
        line = lines.get(one.offset) or line
        if one.opname in ("CACHE", "RESUME", "NOP"):
            continue
        is_global = not owner and (one.opname == "STORE_GLOBAL" or (one.opname == "STORE_NAME" and is_body))
        is_attribute = bool(owner) and (one.opname == "STORE_ATTR" or (one.opname == "STORE_NAME" and is_body))
        if one.argval == name and (is_global or is_attribute):
            value = before[-2:-1] if one.opname == "STORE_ATTR" else before[-1:]  # the object is loaded after the value
            stores_none = any(each.opname == "LOAD_CONST" and each.argval is None for each in value)
            yield _Store((code.co_filename, line, name_of(code)), stores_none, is_body)
        before = [*before[-1:], one]
    for constant in code.co_consts:
        if type(constant) is CodeType:
            is_owner = bool(owner) and constant.co_name == owner.rpartition(".")[2]
            yield from _stores(constant, name, owner, is_body=is_owner)
