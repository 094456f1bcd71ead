"""Which lines of a module store its globals and the attributes of its classes, as its compiled code says."""

from __future__ import annotations

import dis
from collections.abc import Iterable, Iterator
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from ...protocol.location import Location
from ..inspection import source_locations
from ..inspection.code_names import names_of
from ..inspection.safe_inspect import type_name

#: Loaders whose `get_code` runs no code of the application.
_LOADERS = (
    "_frozen_importlib_external:SourceFileLoader",
    "_frozen_importlib_external:SourcelessFileLoader",
    "zipimport:zipimporter",
)
#: `CO_OPTIMIZED` of `inspect`: functions have it, modules and bodies of classes have not.
_OPTIMIZED = 0x1
_STORES = tuple(dis.opmap[name] for name in ("STORE_NAME", "STORE_GLOBAL", "STORE_ATTR"))
_STORE_ATTR, _EXTENDED_ARG = dis.opmap["STORE_ATTR"], dis.EXTENDED_ARG
#: Instructions without a meaning of their own, among them the places of inline caches (0).
_NO_OPERATIONS = frozenset([0, dis.opmap["NOP"], _EXTENDED_ARG])


class Store(NamedTuple):
    """An instruction that stores an object.

    Attributes:
        by_function: whether it is in a function; else the import executes it.
        calls: whether it stores in a name what a call has returned.
    """

    code: CodeType
    offset: int
    by_function: bool
    calls: bool

    def location(self) -> Location:
        """Its line."""
        line = self.code.co_firstlineno
        for start, number in dis.findlinestarts(self.code):
            if start > self.offset:
                break
            line = number or line
        return Location(source_locations.absolute(self.code.co_filename), line, source_locations.name_of(self.code))


class _Scope(NamedTuple):
    """Where a code object is.

    Attributes:
        class_path: of the class that it is in; empty: it is in none.
        in_method: whether it is a method, or within one.
        has_cls: whether it sees the first parameter of a method of the class itself, `cls`.
    """

    class_path: str = ""
    in_method: bool = False
    has_cls: bool = False


class ModuleStores:
    """The stores of one module.

    Args:
        module: the module.
        paths: names of globals, and `Class.name`: their stores are found.

    Attributes:
        is_known: whether the code of the module could be read.
    """

    def __init__(self, module: ModuleType, paths: Iterable[str]) -> None:
        self._stores: dict[str, list[Store]] = {path: [] for path in paths}
        self._names = frozenset(path.rpartition(".")[2] for path in self._stores)
        self._classes = frozenset(path.rpartition(".")[0] for path in self._stores)
        code = code_of(module)
        self.is_known = code is not None
        if code is not None:
            self._read(code, _Scope())

    def of(self, path: str) -> list[Store]:
        """The stores of a global, or of `Class.name`. An import of a name is none."""
        return self._stores[path]

    def _read(self, code: CodeType, scope: _Scope) -> None:
        if not self._names.isdisjoint(code.co_names):
            for offset, name in self._offsets(code):
                self._note(code, scope, offset, name)
        for constant in code.co_consts:
            if type(constant) is CodeType:
                self._read(constant, _scope_of(constant, scope))

    def _offsets(self, code: CodeType) -> Iterator[tuple[int, str]]:
        """Where a name of interest is stored, in a global, an attribute, or the namespace of a class."""
        found = [
            (offset, code.co_names[index])
            for index, name in enumerate(code.co_names)
            if name in self._names
            for operation in _STORES
            for offset in _positions(code.co_code, operation, index)
        ]
        yield from sorted(found)

    def _note(self, code: CodeType, scope: _Scope, offset: int, name: str) -> None:
        before = _operation_before(code.co_code, offset)
        if before.startswith(("IMPORT_", "MAKE_FUNCTION")):
            return
        owner: str | None = "" if code.co_flags & _OPTIMIZED else scope.class_path
        if code.co_code[offset] == _STORE_ATTR:
            owner = self._class_of(code, scope, offset)
        path = f"{owner}.{name}" if owner else name
        if owner is not None and path in self._stores:
            is_function = bool(code.co_flags & _OPTIMIZED)
            self._stores[path].append(Store(code, offset, is_function, before.startswith("CALL")))

    def _class_of(self, code: CodeType, scope: _Scope, offset: int) -> str | None:
        """The class whose attribute an instruction stores; None: it is the attribute of something else."""
        loaded = None
        for instruction in dis.get_instructions(code):
            if instruction.offset >= offset:
                break
            if instruction.opcode not in _NO_OPERATIONS:
                loaded = instruction
        if loaded is None:
            return None
        name = names_of(loaded)[-1]
        if loaded.opname in ("LOAD_GLOBAL", "LOAD_NAME") and name in self._classes:
            return str(name)
        is_class = name == "__class__" if loaded.opname == "LOAD_ATTR" else name == "cls" and scope.has_cls
        return scope.class_path if scope.in_method and is_class else None


def code_of(module: ModuleType) -> CodeType | None:
    """The code of a module; None: it cannot be read without running code of the application."""
    spec = vars(module).get("__spec__")
    loader: Any = getattr(spec, "loader", None)
    if type_name(type(loader)) not in _LOADERS:
        return None
    try:
        code = loader.get_code(getattr(spec, "name", module.__name__))
    except Exception:  # the source or its cached code has changed, or is gone
        return None
    return code if type(code) is CodeType else None


def _scope_of(code: CodeType, outer: _Scope) -> _Scope:
    if not code.co_flags & _OPTIMIZED:
        return _Scope(f"{outer.class_path}.{code.co_name}" if outer.class_path else code.co_name)
    if outer.in_method or not outer.class_path:
        return outer
    return _Scope(outer.class_path, in_method=True, has_cls=code.co_varnames[:1] == ("cls",))


def _positions(instructions: bytes, operation: int, index: int) -> Iterator[int]:
    """The offsets of an instruction with an argument: two bytes, the higher bytes of its argument in those before."""
    wanted = bytes([operation, index & 0xFF])
    prefix = [_EXTENDED_ARG, index >> 8] if index > 0xFF else []
    offset = instructions.find(wanted)
    while offset >= 0:
        if offset % 2 == 0:
            before = instructions[max(offset - 2, 0) : offset]
            if list(before) == prefix if prefix else before[:1] != bytes([_EXTENDED_ARG]):
                yield offset
        offset = instructions.find(wanted, offset + 1)


def _operation_before(instructions: bytes, offset: int) -> str:
    """The name of the operation before an instruction."""
    offset -= 2
    while offset >= 0 and instructions[offset] in _NO_OPERATIONS:
        offset -= 2
    return dis.opname[instructions[offset]] if offset >= 0 else ""
