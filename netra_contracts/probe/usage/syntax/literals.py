"""Literal texts, names and shapes of calls, as far as the source shows them."""

from __future__ import annotations

import ast
import string
from typing import Callable

#: Names of positional arguments.
_LETTERS = [
    letter + number for number in ("", "1", "2") for letter in string.ascii_lowercase if letter + number != "as"
]


def text_of(node: ast.AST | None) -> str | None:
    """The text of a literal; None: it is none."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def last_name(node: ast.AST) -> str:
    """The last name of `a`, `a.b`, or a call of these; empty: it has none."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_none(node: ast.AST) -> bool:
    """Whether it is the literal `None`."""
    return isinstance(node, ast.Constant) and node.value is None


def call_shape(node: ast.Call) -> str:
    """The shape of a call's arguments, such as `(a, b, *, c)`; empty: unknown, since arguments are unpacked."""
    keywords = [keyword.arg for keyword in node.keywords]
    if None in keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        return ""
    names = _LETTERS if not keywords else [name for name in _LETTERS if name not in keywords]
    if len(node.args) > len(names):
        return ""
    parts = names[: len(node.args)] + (["*", *filter(None, keywords)] if keywords else [])
    return f"({', '.join(parts)})"


def rows_of(node: ast.AST, known: Callable[[ast.AST], ast.AST]) -> list[tuple[ast.AST, ...]]:
    """What is iterated, as tuples of expressions: a literal sequence or mapping, or `{...}.items()`; empty: unknown.

    Args:
        known: the literal that is the value of a name, or the expression itself.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        table = known(node.func.value)
        keys = table.keys if isinstance(table, ast.Dict) else [None]
        if node.func.attr == "items" and isinstance(table, ast.Dict):
            return [(key, value) for key, value in zip(table.keys, table.values) if key is not None]
        return [(key,) for key in keys if key is not None] if node.func.attr == "keys" else []
    literal = known(node)
    if isinstance(literal, ast.Call) and len(literal.args) == 1:  # `frozenset([...])`
        literal = literal.args[0]
    if isinstance(literal, ast.Dict):
        return [(key,) for key in literal.keys if key is not None]
    if isinstance(literal, (ast.Tuple, ast.List, ast.Set)):
        return [tuple(item.elts) if isinstance(item, (ast.Tuple, ast.List)) else (item,) for item in literal.elts]
    return []


def is_table(node: ast.AST | None) -> bool:
    """Whether an expression is a literal sequence or mapping, or a set of one."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("frozenset", "set", "tuple", "list") and len(node.args) == 1 and is_table(node.args[0])
    return isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.Dict))
