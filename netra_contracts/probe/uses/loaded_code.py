"""What the code says that the process has loaded: of the application, and of installed packages. Nothing is called."""

from __future__ import annotations

import dis
import gc
from collections.abc import Iterable, Iterator, Set
from functools import cached_property
from types import CodeType, FunctionType

from ...protocol.source_usage import LateImport
from ..inspection import own_code
from ..inspection.code_names import names_of

_STATE = "state"
#: What code names that stores entries by their names as texts.
_BY_TEXT = frozenset(["setattr", "__setattr__", "_state", "__dict__", "vars"])


class LoadedCode:
    """The functions that exist in the process, searched once and when something asks for them."""

    @cached_property
    def _own(self) -> list[tuple[str, CodeType]]:
        """Code of the application's functions, each with the module of the function."""
        return self._functions[0]

    @cached_property
    def _of_libraries(self) -> list[CodeType]:
        """Code of installed packages that names something `state`."""
        return self._functions[1]

    @cached_property
    def _functions(self) -> tuple[list[tuple[str, CodeType]], list[CodeType]]:
        own: list[tuple[str, CodeType]] = []
        of_libraries: list[CodeType] = []
        seen: set[int] = set()
        for function in gc.get_objects():
            if type(function) is not FunctionType:
                continue
            code = function.__code__
            if id(code) in seen:
                continue
            seen.add(id(code))
            rank = own_code.rank(code.co_filename)
            if rank == own_code.OWN:
                module = function.__module__
                own.extend((module if type(module) is str else "", each) for each in _with_inner(code))
            elif rank == own_code.LIBRARY:
                of_libraries.extend(filter(_names_state, _with_inner(code)))
        return own, of_libraries

    def stores(self, name: str) -> bool:
        """Whether code of the application stores an attribute of this name."""
        return any(self.is_stored_by(code, name) for _, code in self._own)

    @staticmethod
    def is_stored_by(code: CodeType, name: str) -> bool:
        """Whether code, or code within it, stores an attribute of this name."""
        return any(
            name in each.co_names
            and any(found.opname == "STORE_ATTR" and found.argval == name for found in dis.get_instructions(each))
            for each in _with_inner(code)
        )

    def writes_elsewhere(self, names: Iterable[str], known: Set[tuple[str, int]]) -> tuple[str, ...]:
        """Those of some names that code of the application stores into objects which may be a state.

        What an object stores as its own attribute, as in `self.pool = pool`, is not in a state.

        Args:
            names: of entries.
            known: lines, of which it is known into what they write.
        """
        wanted = set(names)
        if not wanted:
            return ()
        found = {
            name
            for _, code in (self._own if wanted else ())
            for name in wanted.intersection(_mentioned(code))
            if (name in code.co_names and _stores_elsewhere(code, name, known)) or _stores_by_text(code, name)
        }
        return tuple(sorted(found))

    def library_writes(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of some names that code of installed packages may write into a state."""
        wanted = set(names)
        found = {
            name
            for code in (self._of_libraries if wanted else ())
            for name in wanted.intersection(_mentioned(code))
            if _may_write(code, name)
        }
        return tuple(sorted(found))

    def library_reads(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of some names that code of installed packages may read from a state."""
        wanted = set(names)
        found: set[str] = set()
        for code in self._of_libraries if wanted else ():
            found.update(wanted.intersection(_mentioned(code)))
        return tuple(sorted(found))

    def imports_of(self, modules: Iterable[str]) -> tuple[LateImport, ...]:
        """Imports by functions of the application of modules that are not loaded.

        Args:
            modules: their names. What a relative import names is compared with the end of these.
        """
        by_leaf: dict[str, list[str]] = {}
        for name in modules:
            by_leaf.setdefault(name.rpartition(".")[2], []).append(name)
        found = {
            LateImport(importer, name): None
            for importer, code in (self._own if by_leaf else ())
            if any(name.rpartition(".")[2] in by_leaf for name in code.co_names)
            for leaf in _imported(code)
            for name in by_leaf.get(leaf, ())
        }
        return tuple(found)


def _stores_elsewhere(code: CodeType, name: str, known: Set[tuple[str, int]]) -> bool:
    """Whether code stores an attribute of a name into an object that is not its own, at a line that is not known."""
    line, loaded = code.co_firstlineno, ""
    starts = dict(dis.findlinestarts(code))
    for instruction in dis.get_instructions(code):
        line = starts.get(instruction.offset) or line
        is_store = instruction.opname == "STORE_ATTR" and instruction.argval == name
        if is_store and loaded not in ("self", "cls") and (code.co_filename, line) not in known:
            return True
        loaded = names_of(instruction)[-1] if "LOAD_FAST" in instruction.opname else ""
    return False


def _stores_by_text(code: CodeType, name: str) -> bool:
    """Whether code may store under a name that it has as a text: by `setattr`, or in the dict of a state."""
    return name in code.co_consts and not _BY_TEXT.isdisjoint(code.co_names)


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _with_inner(constant)


def _names_state(code: CodeType) -> bool:
    return _STATE in code.co_names or _STATE in code.co_consts


def _mentioned(code: CodeType) -> Iterator[str]:
    """Names and texts in code; the keys of a mapping are in a tuple."""
    yield from code.co_names
    for constant in code.co_consts:
        if type(constant) is str:
            yield constant
        elif type(constant) is tuple:
            yield from (each for each in constant if type(each) is str)


def _may_write(code: CodeType, name: str) -> bool:
    """Whether code stores an attribute of this name, or has it as a text, as in `setattr` and for a key."""
    if name not in code.co_names:
        return True
    return LoadedCode.is_stored_by(code, name)


def _imported(code: CodeType) -> Iterator[str]:
    """The last part of the names that code imports."""
    is_import = False
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            is_import = True
            yield instruction.argval.rpartition(".")[2]
        elif is_import and instruction.opname == "IMPORT_FROM":
            yield instruction.argval
