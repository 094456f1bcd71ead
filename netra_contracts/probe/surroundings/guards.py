"""Whether a line that reads a variable decides which environment file is loaded, and must precede that.

Read from the source, since a value is not followed: `load_dotenv(f".env.{os.getenv("ENV")}")` is right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...protocol.location import Location

_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def decides_what_is_loaded(read: Location, loaded: Location) -> bool:
    """Whether the load depends on what was read, in the same file."""
    if read.file != loaded.file:
        return False
    try:
        with open(read.file, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, ValueError, SyntaxError):
        return False
    path = list(_statements_at(tree, loaded.line))
    parts = [*path[-1:], *(part for statement in path for part in _conditions(statement))]
    parts += [test for body in _bodies(tree, path) for test in _early_ends(body, loaded.line)]
    names = {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}
    assigned = [node for node in ast.walk(tree) if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr))]
    for _ in assigned:  # what a name is made of decides as well
        before = len(names)
        for node in assigned:
            if node.value is not None and names.intersection(_targets(node)):
                parts.append(node.value)
                names.update(inner.id for inner in ast.walk(node.value) if isinstance(inner, ast.Name))
        if len(names) == before:
            break
    return any(_covers(part, read.line) for part in parts)


def _statements_at(tree: ast.AST, line: int) -> Iterator[ast.stmt]:
    """The statements that contain a line, the outermost first."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and _covers(node, line):
            yield node


def _conditions(statement: ast.stmt) -> Iterator[ast.expr]:
    if isinstance(statement, (ast.If, ast.While)):
        yield statement.test
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        yield from (item.context_expr for item in statement.items)
    elif isinstance(statement, (ast.For, ast.AsyncFor)):
        yield statement.iter


def _bodies(tree: ast.AST, path: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    for node in (tree, *path):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                yield body


def _early_ends(body: list[ast.stmt], line: int) -> Iterator[ast.expr]:
    """The conditions in a body that end it before a line: `if os.getenv("PRODUCTION"): return`."""
    for statement in body:
        if isinstance(statement, ast.If) and statement.lineno < line and any(map(_ends, ast.walk(statement))):
            yield statement.test


def _ends(node: ast.AST) -> bool:
    return isinstance(node, _ENDS)


def _targets(node: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        yield from (inner.id for inner in ast.walk(target) if isinstance(inner, ast.Name))


def _covers(node: ast.AST, line: int) -> bool:
    first: int = getattr(node, "lineno", 0)
    last: int = getattr(node, "end_lineno", None) or first
    return first <= line <= last
