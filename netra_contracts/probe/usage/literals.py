"""Literal texts, names and shapes of calls, as far as the source shows them."""

from __future__ import annotations

import ast
import string

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


def pairs_of(node: ast.AST) -> list[tuple[ast.AST, ...]]:
    """The elements of a literal sequence of sequences, or of `{...}.items()`, as tuples of their expressions."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Dict):
        table = node.func.value
        if node.func.attr == "items" and None not in table.keys:
            return [(key, value) for key, value in zip(table.keys, table.values) if key is not None]
        if node.func.attr == "keys":
            return [(key,) for key in table.keys if key is not None]
    if isinstance(node, ast.Dict):
        return [(key,) for key in node.keys if key is not None]
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return [tuple(item.elts) if isinstance(item, (ast.Tuple, ast.List)) else (item,) for item in node.elts]
    return []
