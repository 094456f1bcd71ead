"""Evaluates annotations: what the value of a parameter or a variable is that is annotated so."""

from __future__ import annotations

import ast

from .calls import Calls
from .facts import Value
from .literals import is_none, last_name, text_of

_INJECTIONS = frozenset(["Depends", "Security"])
#: The longest text of an annotation that is parsed.
_MAX_TEXT = 500


class Annotations(Calls):
    """Evaluates annotations in addition to expressions."""

    def annotation(self, node: ast.AST | None) -> Value | None:  # noqa: PLR0911 - a case for each node
        """The value of what is annotated by an expression; None: none of interest."""
        if isinstance(node, ast.Constant):
            return self._of_text(text_of(node))
        if isinstance(node, ast.Subscript):
            return self._of_generic(node)
        if isinstance(node, ast.BinOp):  # X | None
            sides = [side for side in (node.left, node.right) if not is_none(side)]
            return self.annotation(sides[0]) if len(sides) == 1 else None
        if isinstance(node, ast.Name):
            alias = self.file.aliases.get(node.id)
            if alias is not None:
                return alias
            symbol = self.names.value(node.id)
            return self.instance_of(symbol) if isinstance(symbol, str) else None
        if isinstance(node, ast.Attribute):
            return self._of_attribute(node)
        return None

    def instance_of(self, symbol: str) -> int:
        """An object of a class."""
        return self.root(symbol, "instance")

    def _of_text(self, text: str | None) -> Value | None:
        if text is None or len(text) > _MAX_TEXT:
            return None
        try:
            return self.annotation(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def _of_attribute(self, node: ast.Attribute) -> Value | None:
        names = [node.attr]
        base: ast.AST = node.value
        while isinstance(base, ast.Attribute):
            names.append(base.attr)
            base = base.value
        symbol = self.names.value(base.id) if isinstance(base, ast.Name) else None
        if not isinstance(symbol, str):
            return None
        names.reverse()
        if ":" in symbol:
            return self.instance_of(".".join([symbol, *names]))
        return self.instance_of(".".join([symbol, *names[:-1]]) + ":" + names[-1])

    def _of_generic(self, node: ast.Subscript) -> Value | None:
        name = last_name(node.value)
        items = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Annotated" and items:
            first = self.annotation(items[0])
            for item in items[1:]:
                if isinstance(item, ast.Call) and last_name(item) in _INJECTIONS:
                    return self.dependency(item, first)
            return first
        if name in ("Optional", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"):
            return self.annotation(items[0]) if items else None
        if name == "Union":
            rest = [item for item in items if not is_none(item)]
            return self.annotation(rest[0]) if len(rest) == 1 else None
        if name in ("type", "Type", "list", "List", "dict", "Dict", "Callable", "Sequence", "Iterable", "Mapping"):
            return None
        return self.annotation(node.value)

    def alias(self, name: str, node: ast.AST) -> None:
        """Note what `name = Annotated[...]` means as an annotation."""
        if isinstance(node, ast.Subscript) and last_name(node.value) in ("Annotated", "Optional", "Union"):
            value = self.annotation(node)
            if value is not None:
                self.file.aliases[name] = value
            if any(isinstance(item, ast.Call) and last_name(item) in _INJECTIONS for item in ast.walk(node.slice)):
                self.file.injected.add(name)


def type_name(annotation: ast.AST | None) -> str:
    """The last name of an annotation, also of one that is a text; empty: it has none."""
    return "" if annotation is None else text_of(annotation) or last_name(annotation)


def says_nothing(annotation: ast.AST | None) -> bool:
    """Whether an annotation is missing, or `Any`, `object` or one of these or None."""
    if isinstance(annotation, ast.BinOp):
        return all(is_none(side) or says_nothing(side) for side in (annotation.left, annotation.right))
    if isinstance(annotation, ast.Subscript) and last_name(annotation) == "Optional":
        return says_nothing(annotation.slice)
    return type_name(annotation) in ("", "Any", "object", "ASGIApp", "ASGI3Application", "Callable")
