"""Types and methods as users write them in TOML, taken apart into data."""

from __future__ import annotations

import ast
import builtins
import re

from netra_contracts.errors import nearest
from netra_contracts.model.contract import Method
from netra_contracts.wire import Scalar, TypeSpec

_REFERENCE = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)")
_MARK = "__of__"
_BUILTINS = [name for name in dir(builtins) if isinstance(getattr(builtins, name), type)]
_METHOD = re.compile(r"^([A-Za-z_][\w.]*)\s*(\(.*\))?$", re.DOTALL)


def parse_type(text: str) -> TypeSpec:
    """A type such as `myapp.ws:Pool | None`, `Optional[int]`, `list[str]`, `Literal["a", "b"]`.

    Unions are flattened; generics are judged on their origin, so their arguments are read and left out.

    Raises:
        ValueError: with a sentence, if it is none.
    """
    try:
        # `module:Class` is no Python expression; `module.__of__.Class` is.
        tree = ast.parse(_REFERENCE.sub(rf"\1.{_MARK}.\2", text.strip()), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f'"{text}" is no type: write e.g. myapp.ws:Pool, int | None, or Literal["a", "b"]') from error
    names: list[str] = []
    literals: list[Scalar] = []
    if not _collect(tree, names, literals):
        names, literals = [], []
    return TypeSpec(text.strip(), tuple(dict.fromkeys(names)), tuple(literals))


def _collect(node: ast.expr, names: list[str], literals: list[Scalar]) -> bool:
    """Add what a part of a type allows; False if it allows anything."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return all([_collect(node.left, names, literals), _collect(node.right, names, literals)])
    if isinstance(node, ast.Constant) and node.value is None:
        names.append("None")
        return True
    if isinstance(node, ast.Subscript):
        return _collect_subscript(node, names, literals)
    name = _dotted(node)
    if name in ("Any", "typing.Any", f"typing.{_MARK}.Any", "object"):
        return False
    names.append(_reference(name))
    return True


def _collect_subscript(node: ast.Subscript, names: list[str], literals: list[Scalar]) -> bool:
    origin = _dotted(node.value)
    last = origin.rpartition(".")[2]
    arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if last == "Literal":
        literals.extend(_literal(argument) for argument in arguments)
        return True
    if last in ("Optional", "Union"):
        found = [_collect(argument, names, literals) for argument in arguments]
        if last == "Optional":
            names.append("None")
        return all(found)
    names.append(_reference(origin))
    return True


def _literal(node: ast.expr) -> Scalar:
    value = ast.literal_eval(node)
    if value is not None and not isinstance(value, (bool, int, str)):
        raise ValueError(f"Literal holds strings, integers, booleans and None, not {ast.unparse(node)}")
    return value


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    raise ValueError(f'"{ast.unparse(node)}" is no type')


def _reference(name: str) -> str:
    if f".{_MARK}." in name:
        module, _, path = name.partition(f".{_MARK}.")
        return f"{module}:{path}"
    if name in _BUILTINS:
        return name
    if "." in name:
        module, _, cls = name.rpartition(".")
        raise ValueError(f'"{name}" does not say where the module ends: write {module}:{cls}')
    hint = nearest(name, _BUILTINS)
    raise ValueError(f'"{name}" is no builtin type: {hint or f"write module:{name}"}')


def parse_method(text: str, *, asynchronous: bool = False) -> Method:
    """A method such as `close` or `emit_event(event, data)`.

    Raises:
        ValueError: with a sentence, if it is none.
    """
    found = _METHOD.match(text.strip())
    if found is None:
        raise ValueError(f'"{text}" is no method: write a name, or a call such as emit_event(event, data)')
    signature = found[2] or ""
    if signature:
        try:
            ast.parse(f"def _{signature}: ...")
        except SyntaxError as error:
            raise ValueError(f'"{text}" has no valid parameters: write them as in a definition, without self') from error
    return Method(name=found[1], signature=signature, asynchronous=asynchronous)
