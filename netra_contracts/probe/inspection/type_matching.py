"""Matches objects against types: annotations to data, data back to classes, and whether an object is an instance.

Matching uses `type(obj)` and its real bases, ABC registration included, never what `__class__` claims.
"""

from __future__ import annotations

import abc
import builtins
import importlib
import inspect
import sys
import typing
from typing import Any, Callable, NamedTuple

from ...protocol.names import nearest_name
from ...protocol.plan import Scalar, TypeSpec
from ..runtime import bounded_calls
from .safe_inspect import MISSING, ComputedAttribute, class_attribute, class_name, dotted_name, lookup, mro, type_name
from .signatures import accepts_all_calls_of

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
    anything = not _flatten(annotation, names, literals)
    if anything:
        names, literals = [], []
    text = " | ".join([*names, *[repr(value) for value in literals]])
    return AnnotatedType(TypeSpec(text, tuple(dict.fromkeys(names)), tuple(literals)), metadata)


def _flatten(annotation: Any, names: list[str], literals: list[Scalar]) -> bool:
    """Add the types and literals that an annotation allows to two lists; False if it allows any object."""
    origin = typing.get_origin(annotation)
    kind = class_name(annotation)
    if annotation is Any or annotation is object:
        return False
    inner = _inner(annotation, origin, kind)
    if inner is not None:
        return _flatten(inner, names, literals)
    if origin is typing.Union or kind == "UnionType":
        found = [_flatten(member, names, literals) for member in typing.get_args(annotation)]
        return all(found)
    if _origin_name(origin) == "Literal":
        literals.extend(typing.get_args(annotation))
        return True
    if annotation is None or isinstance(annotation, type):
        names.append("None" if annotation in (None, type(None)) else _reference(annotation))
        return True
    if kind not in _UNCHECKABLE:
        raise NotATypeError(f"an object of type {kind} is not a type")
    return False


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
        if resolve(name) is cls:
            return name
    except UnresolvedTypeError:
        pass
    _local_classes[name] = cls
    return name


def resolve(name: str) -> Any:
    """The class with the name `module:qualname`, or a builtin class by its plain name.

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
        message = f"`{module_name}` cannot be imported: {dotted_name(type(error))}: {error}"
        near = nearest_name(module_name, [name for name in sys.modules if not name.startswith("_")])
        raise UnresolvedTypeError(message, f"{near}:{path}" if near else "") from error
    for step in path.split("."):
        members = [member for member in dir(found) if isinstance(getattr(found, member, None), type)]
        found = getattr(found, step, None)
        if found is None:
            near = nearest_name(step, members)
            raise UnresolvedTypeError(f"`{module_name}` has no `{path}`", f"{module_name}:{near}" if near else "")
    while typing.get_origin(found) is not None:
        found = typing.get_origin(found)
    if not isinstance(found, type):
        raise UnresolvedTypeError(f"`{name}` is not a class")
    return found


class TypeMatch(NamedTuple):
    """Whether an object fits a type. None: unknown, and `note` says why."""

    holds: bool | None
    note: str = ""
    near: str = ""


def unresolved(spec: TypeSpec) -> list[UnresolvedTypeError]:
    """An error for each name of a type that cannot be resolved."""
    found = []
    for name in spec.names:
        try:
            resolve(name)
        except UnresolvedTypeError as error:
            found.append(error)
    return found


def fits(obj: Any, spec: TypeSpec) -> TypeMatch:
    """Whether an object is an instance of any of a type's alternatives."""
    if not spec.names and not spec.literals:
        return TypeMatch(True)
    if any(type(value) is type(obj) and value == obj for value in spec.literals if type(value) is type(obj)):
        return TypeMatch(True)
    unresolved: UnresolvedTypeError | None = None
    notes = []
    for name in spec.names:
        try:
            cls = resolve(name)
        except UnresolvedTypeError as error:
            unresolved = error
            continue
        fit = _fits_class(obj, cls)
        if fit.holds:
            return fit
        if fit.note:
            notes.append(fit.note)
    if unresolved is not None:
        return TypeMatch(None, str(unresolved), unresolved.near)
    return TypeMatch(False, "; ".join(notes))


def _fits_class(obj: Any, cls: type, depth: int = 0) -> TypeMatch:
    if _is_protocol(cls):
        return _fits_protocol(obj, cls)
    try:
        if _is_subclass(type(obj), cls):
            return TypeMatch(True)
    except bounded_calls.NoAnswerError:
        raise
    except Exception as error:
        return TypeMatch(None, f"checking against `{cls.__name__}` raised {dotted_name(type(error))}")
    wrapped = lookup(obj, "__wrapped__") if depth < 5 else MISSING
    if wrapped is not MISSING and type(wrapped) is not ComputedAttribute and wrapped is not obj:
        return _fits_class(wrapped, cls, depth + 1)
    return TypeMatch(False)


def _is_subclass(subclass: type, cls: type) -> bool:
    """`issubclass`, with a timeout if a metaclass of the application implements it."""
    if type(cls) is type or type(cls) is abc.ABCMeta:
        return issubclass(subclass, cls)
    return bool(bounded_calls.call_with_timeout(lambda: issubclass(subclass, cls)))


def _is_protocol(cls: type) -> bool:
    return type.__dict__["__dict__"].__get__(cls).get("_is_protocol") is True


def protocol_members(cls: type) -> tuple[str, ...]:
    """The names of a protocol's members, those of its bases included (PEP 544)."""
    found: dict[str, None] = {}
    for base in mro(cls):
        if base.__module__ in ("typing", "typing_extensions", "builtins", "abc") or base.__name__ in (
            "Protocol",
            "Generic",
        ):
            continue
        own = type.__dict__["__dict__"].__get__(base)
        for name in [*own.get("__annotations__", ()), *own]:
            if not name.startswith("_abc_") and name not in _NOT_MEMBERS:
                found[name] = None
        annotate = getattr(base, "__annotations__", None)
        found.update(dict.fromkeys(annotate or ()))
    return tuple(found)


_NOT_MEMBERS = frozenset(
    [
        "__abstractmethods__",
        "__annotations__",
        "__dict__",
        "__doc__",
        "__init__",
        "__module__",
        "__new__",
        "__slots__",
        "__subclasshook__",
        "__weakref__",
        "__parameters__",
        "__orig_bases__",
        "__class_getitem__",
        "__match_args__",
        "_is_protocol",
        "_is_runtime_protocol",
        "__protocol_attrs__",
        "__non_callable_proto_members__",
        "__qualname__",
        "__static_attributes__",
        "__firstlineno__",
        "__annotate__",
        "__annotate_func__",
        "__annotations_cache__",
        "__callable_proto_members_only__",
        "__type_params__",
    ]
)


def _fits_protocol(obj: Any, cls: type) -> TypeMatch:
    missing = []
    for name in protocol_members(cls):
        found_member = lookup(obj, name)
        if found_member is MISSING:
            missing.append(name)
            continue
        asked = class_attribute(cls, name)
        if asked is MISSING or not inspect.isfunction(asked):
            continue
        if type(found_member) is ComputedAttribute or found_member is None:
            continue
        problem = accepts_all_calls_of(found_member, asked)
        if problem:
            return TypeMatch(False, f"`{name}` does not fit the protocol: {problem}")
    if missing:
        return TypeMatch(False, "it lacks " + ", ".join(f"`{name}`" for name in missing))
    return TypeMatch(True)


#: Classes whose values can be compared with an operand without running code of the application.
_COMPARABLE = frozenset(id(cls) for cls in (bool, int, float, str, bytes, list, tuple, dict, set, frozenset))


def bound_holds(value: Any, operator: str, operand: Any) -> TypeMatch:
    """Whether a value satisfies a constraint. The value itself is not reported."""
    if id(type(value)) not in _COMPARABLE:
        return TypeMatch(None, f"`{operator}` can be checked on numbers, texts and builtin containers only")
    try:
        return TypeMatch(_compare(value, operator, operand))
    except TypeError:
        return TypeMatch(False, f"`{operator}` does not apply to {class_name(value)}")


def _compare(value: Any, operator: str, operand: Any) -> bool:
    if operator == "pattern":
        import re

        if type(value) is not str:
            raise TypeError
        return re.search(operand, value) is not None
    holds: dict[str, Callable[[], Any]] = {
        "gt": lambda: value > operand,
        "ge": lambda: value >= operand,
        "lt": lambda: value < operand,
        "le": lambda: value <= operand,
        "multiple_of": lambda: value % operand == 0,
        "min_length": lambda: len(value) >= operand,
        "max_length": lambda: len(value) <= operand,
    }
    return bool(holds[operator]())
