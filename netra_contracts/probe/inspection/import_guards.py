"""Whether an import of netra-contracts that fails would be handled by the application, read from its source.

Imported only where netra-contracts is not installed and the application imports it.
"""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator

_CAUGHT = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_TRY: tuple[type, ...] = (ast.Try, *([ast.TryStar] if hasattr(ast, "TryStar") else []))
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
#: Texts and names in a condition that make it depend on whether netra-contracts is there.
_AVAILABILITY_TEXTS = ("netra_contracts", "netra-contracts", "NETRA_CONTRACTS")
_AVAILABILITY_NAMES = frozenset({"find_spec", "TYPE_CHECKING"})


def read_source(file: str) -> ast.Module | None:
    """The syntax tree of a source file; None if it cannot be read."""
    try:
        with tokenize.open(file) as source:
            return ast.parse(source.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def is_guarded(tree: ast.Module, line: int) -> bool:
    """Whether an `ImportError` at a line is handled there, or the line runs only where netra-contracts is there.

    The callers of the line are not considered.
    """
    enclosing = _innermost_function(_enclosing(tree, line))
    for outer, inner in zip(enclosing, [*enclosing[1:], None]):
        if isinstance(outer, _TRY) and _try_guards(outer, line):
            return True
        if isinstance(outer, (ast.With, ast.AsyncWith)) and inner in outer.body and _suppresses(outer):
            return True
        if isinstance(outer, ast.If) and inner is not outer.test and _asks_for_availability(outer.test, tree):
            return True
        if inner is not None and _is_left_before(outer, inner):
            return True
    return False


def _enclosing(tree: ast.Module, line: int) -> list[ast.AST]:
    """The nodes that a line is in, outermost first."""
    path: list[ast.AST] = [tree]
    while True:
        inner = [node for node in _children(path[-1]) if node.lineno <= line <= (node.end_lineno or 0)]
        if not inner:
            return path
        path.append(inner[-1])


def _children(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements directly within a node, those of its handlers and cases included."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler) or type(child).__name__ == "match_case":
            yield from _children(child)


def _innermost_function(path: list[ast.AST]) -> list[ast.AST]:
    """The part of a path within its innermost function, whose body does not run where the function is defined."""
    starts = [index for index, node in enumerate(path) if isinstance(node, _FUNCTION)]
    return path[starts[-1] :] if starts else path


def _is_in(body: list[ast.stmt], line: int) -> bool:
    return any(statement.lineno <= line <= (statement.end_lineno or 0) for statement in body)


def _try_guards(node: ast.AST, line: int) -> bool:
    assert isinstance(node, ast.Try) or type(node).__name__ == "TryStar"  # noqa: S101 - as the caller has checked
    body: list[ast.stmt] = getattr(node, "body", [])
    if not any(_handles(handler) for handler in getattr(node, "handlers", [])):
        return False
    return _is_in(body, line) or (_is_in(getattr(node, "orelse", []), line) and _imports_it(body))


def _handles(handler: ast.ExceptHandler) -> bool:
    """Whether a handler handles an `ImportError`, and does not raise again."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    if not any(kind is None or _last_name(kind) in _CAUGHT for kind in kinds):
        return False
    last = handler.body[-1]
    called = last.value.func if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) else None
    return not isinstance(last, ast.Raise) and _last_name(called) not in ("exit", "_exit", "abort")


def _last_name(node: ast.AST | None) -> str:
    return getattr(node, "attr", "") or getattr(node, "id", "")


def _suppresses(node: ast.With | ast.AsyncWith) -> bool:
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    suppressing = [call for call in calls if _last_name(call.func) == "suppress"]
    return any(_last_name(argument) in _CAUGHT for call in suppressing for argument in call.args)


def _asks_for_availability(test: ast.expr, tree: ast.Module) -> bool:
    """Whether a condition depends on whether netra-contracts is there, directly or by a name that the module sets."""
    if _mentions_availability(test):
        return True
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    return bool(names) and not names.isdisjoint(_availability_flags(tree))


def _mentions_availability(expression: ast.AST) -> bool:
    for node in ast.walk(expression):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.startswith(_AVAILABILITY_TEXTS):
                return True
        elif _last_name(node) in _AVAILABILITY_NAMES:
            return True
    return False


def _availability_flags(tree: ast.Module) -> Iterator[str]:
    """Names that a module sets to whether netra-contracts is there: by asking for it, or beside a guarded import."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            if _mentions_availability(node.value):
                yield from _assigned(node)
        elif _is_guarded_import(node):
            for inner in ast.walk(node):
                yield from _assigned(inner)
                if isinstance(inner, ast.alias):
                    yield inner.asname or inner.name


def _is_guarded_import(node: ast.AST) -> bool:
    if not isinstance(node, _TRY) or not _imports_it(getattr(node, "body", [])):
        return False
    return any(_handles(handler) for handler in getattr(node, "handlers", []))


def _assigned(node: ast.AST) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    for target in targets if isinstance(node, (ast.Assign, ast.AnnAssign)) else ():
        if isinstance(target, ast.Name):
            yield target.id


def _imports_it(body: list[ast.stmt]) -> bool:
    return any(
        (isinstance(node, ast.Import) and any(alias.name.startswith("netra_contracts") for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("netra_contracts"))
        for statement in body
        for node in ast.walk(statement)
    )


def _is_left_before(outer: ast.AST, inner: ast.AST) -> bool:
    """Whether a block is left before one of its statements where netra-contracts is not there."""
    for name in ("body", "orelse", "finalbody"):
        block: list[ast.stmt] = getattr(outer, name, [])
        if not isinstance(block, list) or inner not in block:
            continue
        if any(map(_leaves, block[: block.index(inner)])):
            return True
    return False


def _leaves(statement: ast.stmt) -> bool:
    """Whether a statement leaves its block where netra-contracts is not there."""
    lasts: list[ast.stmt] = []
    if _is_guarded_import(statement):
        lasts = [handler.body[-1] for handler in getattr(statement, "handlers", []) if _handles(handler)]
    elif isinstance(statement, ast.If) and _mentions_availability(statement.test):
        lasts = [statement.body[-1]]
    return any(isinstance(last, (ast.Return, ast.Continue, ast.Break)) for last in lasts)
