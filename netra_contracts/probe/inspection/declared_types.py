"""Annotations as data, and names in that data back to the annotations that they refer to."""

from __future__ import annotations

import builtins
import importlib
import sys
import types
import typing
from typing import Any, NamedTuple

from ...protocol.masking import mask
from ...protocol.names import nearest_name
from ...protocol.plan import Scalar, TypeSpec
from .safe_inspect import class_name, dotted_name, type_name

#: Annotated classes that cannot be imported by their name, such as those defined in a function.
_local_classes: dict[str, Any] = {}


class UnresolvedTypeError(Exception):
    """A name that does not refer to a type; `near` is the nearest name that does."""

    def __init__(self, message: str, near: str = "") -> None:
        self.near = near
        super().__init__(message)


class NotATypeError(Exception):
    """An object was declared as a type but is not one."""


class AnnotatedType(NamedTuple):
    """An annotation split into its type and the metadata of `Annotated`."""

    type: TypeSpec
    metadata: tuple[Any, ...]


def split_annotation(annotation: Any) -> AnnotatedType:
    """Split an annotation into its type, as data, and the metadata of `Annotated`.

    Raises:
        NotATypeError: if it is not an annotation.
    """
    metadata: tuple[Any, ...] = ()
    while typing.get_origin(annotation) is not None and hasattr(annotation, "__metadata__"):
        metadata = (*annotation.__metadata__, *metadata)
        annotation = annotation.__origin__
    names: list[str] = []
    literals: list[Scalar] = []
    if not _flatten(annotation, names, literals):
        names, literals = [], []
    text = " | ".join([*names, *[repr(value) for value in literals]])
    return AnnotatedType(TypeSpec(text, tuple(dict.fromkeys(names)), tuple(literals)), metadata)


def _flatten(annotation: Any, names: list[str], literals: list[Scalar]) -> bool:
    """Add the types and literals that an annotation allows to two lists; False if it allows any object."""
    origin = typing.get_origin(annotation)
    kind = class_name(annotation)
    if annotation is Any or annotation is object:
        return False
    alternatives = _alternatives(annotation, origin, kind)
    if alternatives:
        flattened = [_flatten(member, names, literals) for member in alternatives]
        return all(flattened)
    if _origin_name(origin) == "Literal":
        _add_literals(typing.get_args(annotation), names, literals)
    elif annotation is None or isinstance(annotation, type):
        names.append("None" if annotation in (None, type(None)) else _reference(annotation))
    elif kind not in _UNCHECKABLE:
        raise NotATypeError(f"an object of type {kind} is not a type")
    else:
        return False
    return True


def _alternatives(annotation: Any, origin: Any, kind: str) -> tuple[Any, ...]:
    """The annotations that one consists of; none if it is a class or a special form."""
    if origin is typing.Union or kind == "UnionType":
        return typing.get_args(annotation)
    if kind == "TypeVar" and annotation.__constraints__:
        constraints: tuple[Any, ...] = annotation.__constraints__
        return constraints
    if getattr(annotation, "_name", None) == "LiteralString":
        return (str,)
    inner = _inner(annotation, origin, kind)
    return () if inner is None else (inner,)


def _add_literals(values: tuple[Any, ...], names: list[str], literals: list[Scalar]) -> None:
    """Members of an enumeration and bytes have no form as data: any value of their class is accepted."""
    for value in values:
        if value is None:
            names.append("None")
        elif type(value) in (bool, int, str):
            literals.append(value)
        else:
            names.append(_reference(type(value)))


#: Classes of annotations that cannot be checked.
_UNCHECKABLE = ("ParamSpec", "TypeVarTuple", "_SpecialForm", "_AnyMeta", "ForwardRef", "_TypedCacheSpecialForm")


def _inner(annotation: Any, origin: Any, kind: str) -> Any:
    """The annotation that another one wraps or names; None if it does neither."""
    if _origin_name(origin) in ("ClassVar", "Final", "Required", "NotRequired", "ReadOnly"):
        return typing.get_args(annotation)[0]
    if kind in ("_AnnotatedAlias", "NewType", "TypeAliasType", "TypeVar") or hasattr(annotation, "__supertype__"):
        for name in ("__supertype__", "__value__", "__bound__", "__origin__"):
            if getattr(annotation, name, None) is not None:
                return getattr(annotation, name)
        return Any
    if origin is not None and origin is not typing.Union and _origin_name(origin) != "Literal" and kind != "UnionType":
        return origin
    return None


def _origin_name(origin: Any) -> str:
    return str(getattr(origin, "_name", None) or getattr(origin, "__name__", "")) if origin is not None else ""


def _reference(cls: type) -> str:
    name = type_name(cls)
    try:
        if _find(name) is cls:
            return name
    except UnresolvedTypeError:
        pass
    _local_classes[name] = cls
    return name


def resolve(name: str) -> type | TypeSpec:
    """What a name refers to: a class, or the alternatives of an alias such as `Engine = Union[Sync, Async]`.

    Args:
        name: `module:qualname`, the plain name of a builtin class, or `None`.

    Raises:
        UnresolvedTypeError: if there is no such name, or it is not a type.
    """
    found = _find(name)
    if isinstance(found, type) and typing.get_origin(found) is None and found is not Any:
        return found  # `list[int]` claims to be a class, and `Any` is one since Python 3.11
    try:
        spec = split_annotation(_without_forward_references(found, name.partition(":")[0])).type
    except (NotATypeError, RecursionError):
        raise UnresolvedTypeError(f"`{name}` is not a type") from None
    if name in spec.names:
        raise UnresolvedTypeError(f"`{name}` refers to itself")
    return spec


def _without_forward_references(alias: Any, module: str) -> Any:
    """An alias in which names given as strings are replaced by what they refer to in the module of the alias."""
    holder = types.SimpleNamespace(__annotations__={"alias": alias})
    try:
        return typing.get_type_hints(holder, globalns=vars(sys.modules[module]), include_extras=True)["alias"]
    except Exception:
        return alias


def _find(name: str) -> Any:
    """The object with a name.

    Raises:
        UnresolvedTypeError: if there is none.
    """
    if name in _local_classes:
        return _local_classes[name]
    if name == "None":
        return type(None)
    module_name, colon, path = name.partition(":")
    if not colon:
        found = getattr(builtins, name, None)
        if not isinstance(found, type):
            raise UnresolvedTypeError(f"there is no builtin type `{name}`", nearest_name(name, dir(builtins)))
        return found
    try:
        found = importlib.import_module(module_name)
    except Exception as error:
        message = f"`{module_name}` cannot be imported: {dotted_name(type(error))}: {mask(str(error))}"
        near = nearest_name(module_name, [name for name in sys.modules if not name.startswith("_")])
        raise UnresolvedTypeError(message, f"{near}:{path}" if near else "") from error
    for step in path.split("."):
        owner, found = found, getattr(found, step, None)
        if found is None:
            near = nearest_name(step, [name for name in dir(owner) if isinstance(getattr(owner, name, None), type)])
            raise UnresolvedTypeError(f"`{module_name}` has no `{path}`", f"{module_name}:{near}" if near else "")
    return found
