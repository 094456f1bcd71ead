"""The lines of the annotations of a typed state class, read from its source: classes do not know them."""

from __future__ import annotations

import sys
import tokenize
from collections.abc import Iterator
from typing import Any

from ...protocol.location import Location
from ..inspection.safe_inspect import mro


class FieldLines:
    """Finds the lines of the fields of a class.

    Args:
        cls: a Protocol, dataclass, TypedDict or model of pydantic.
    """

    def __init__(self, cls: type) -> None:
        self._classes = mro(cls)
        self._trees: dict[str, Any] = {}

    def location(self, field: str) -> Location | None:
        """The line of a field, or of the class if the field is not in its source; None: the source is not known."""
        of_class = None
        classes = list(self._classes)
        for cls in classes:  # grows
            file: Any = getattr(sys.modules.get(cls.__module__), "__file__", None)
            definition = self._definition(file, cls.__qualname__) if isinstance(file, str) else None
            if definition is None:
                continue
            of_class = of_class or Location(file, definition.lineno)
            for statement in definition.body:
                named = getattr(getattr(statement, "target", None), "id", getattr(statement, "name", None))
                if named == field:  # an annotation, or a property
                    return Location(file, statement.lineno)
            classes.extend(base for base in _bases(cls, definition) if base not in classes)
        return of_class

    def _definition(self, file: str, qualified_name: str) -> Any:
        """The definition of a class in a file; the last one, if there are several."""
        node = self._tree(file)
        for name in qualified_name.split("."):
            found = [inner for inner in _statements(node) if getattr(inner, "name", None) == name]
            if not found:
                return None
            node = found[-1]
        return node if hasattr(node, "body") else None

    def _tree(self, file: str) -> Any:
        if file not in self._trees:
            import ast

            try:
                with tokenize.open(file) as source:
                    self._trees[file] = ast.parse(source.read())
            except (OSError, SyntaxError, ValueError, RecursionError):
                self._trees[file] = None
        return self._trees[file]


def _bases(cls: type, definition: Any) -> Iterator[type]:
    """The classes that a class is written with: a TypedDict does not know them before Python 3.12."""
    members = vars(sys.modules.get(cls.__module__, object))
    for base in definition.bases:
        found = members.get(getattr(base, "id", ""))
        if isinstance(found, type):
            yield found


def _statements(node: Any) -> Iterator[Any]:
    """The statements in a block, those in its conditions included."""
    for name in ("body", "orelse", "finalbody"):
        for statement in getattr(node, name, ()) or ():
            yield statement
            if not hasattr(statement, "name"):
                yield from _statements(statement)
