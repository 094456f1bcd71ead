"""Matches objects against types that `isinstance` cannot judge: protocols, typed dictionaries and types of files."""

from __future__ import annotations

import inspect
import io
import typing
from collections.abc import Iterable, Iterator
from typing import Any, Callable, NamedTuple

from ...protocol.plan import TypeSpec
from . import signatures
from .declared_types import NotATypeError, split_annotation
from .safe_inspect import MISSING, ComputedAttribute, class_attribute, instance_attribute, lookup, mro, type_name

_CLASS_DICT = type.__dict__["__dict__"]


class TypeMatch(NamedTuple):
    """Whether an object fits a type. None: unknown, and `note` says why."""

    holds: bool | None
    note: str = ""
    near: str = ""


#: Matches an object against a type: how members and values of structural types are matched.
Matcher = Callable[[Any, TypeSpec], TypeMatch]


def is_protocol(cls: type) -> bool:
    """Whether a class is a protocol (PEP 544), not a class that implements one."""
    return _CLASS_DICT.__get__(cls).get("_is_protocol") is True


def protocol_members(cls: type) -> tuple[str, ...]:
    """The names of a protocol's members, those of its bases included (PEP 544)."""
    found: dict[str, None] = {}
    for base in mro(cls):
        if base.__module__ in ("typing", "typing_extensions", "builtins", "abc") or base.__name__ in (
            "Protocol",
            "Generic",
        ):
            continue
        own = _CLASS_DICT.__get__(base)
        for name in [*own.get("__annotations__", ()), *own]:
            if not name.startswith("_abc_") and name not in _NOT_MEMBERS:
                found[name] = None
        found.update(dict.fromkeys(getattr(base, "__annotations__", None) or ()))
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


class _Part(NamedTuple):
    """A member of a protocol or a key of a `TypedDict`, and how an object fits it; `match` is None if it is missing."""

    name: str
    subject: str
    match: TypeMatch | None


def _all_fit(parts: Iterable[_Part], to: str) -> TypeMatch:
    """Whether an object has all parts of a structural type and each fits, in the words "fits" and `to`.

    The first part that does not fit is named before those that are missing, and these before one that is unknown.
    """
    missing, unknown = [], ""
    for part in parts:
        if part.match is None:
            missing.append(part.name)
        elif part.match.holds is False:
            return TypeMatch(False, f"{part.subject} does not fit{to}: {part.match.note}")
        elif part.match.holds is None:
            unknown = f"whether {part.subject} fits{to} is unknown: {part.match.note}"
    if missing:
        return TypeMatch(False, "it lacks " + ", ".join(missing))
    return TypeMatch(None if unknown else True, unknown)


def fits_protocol(obj: Any, cls: type, fits: Matcher) -> TypeMatch:
    """Whether an object has the members of a protocol: methods that accept the calls, data of the annotated types."""
    return _all_fit(_members(obj, cls, fits), " the protocol")


def _members(obj: Any, cls: type, fits: Matcher) -> Iterator[_Part]:
    hints = _hints(cls)
    for name in protocol_members(cls):
        member, quoted = lookup(obj, name), f"`{name}`"
        if member is MISSING:
            yield _Part(quoted, quoted, None)
        elif type(member) is not ComputedAttribute:
            match = _fits_member(member, class_attribute(cls, name), hints.get(name, MISSING), fits)
            yield _Part(quoted, quoted, match)


def _fits_member(member: Any, declared: Any, hint: Any, fits: Matcher) -> TypeMatch:
    if inspect.isfunction(declared):
        if member is None:
            return TypeMatch(False, "it is None")
        problem = signatures.accepts_all_calls_of(member, declared)
        return TypeMatch(not problem, problem)
    if type(declared) is property:
        hint = _hints(declared.fget).get("return", MISSING)
    return TypeMatch(True) if hint is MISSING else _fits_hint(member, hint, fits)


def _fits_hint(value: Any, hint: Any, fits: Matcher) -> TypeMatch:
    """Whether a value is of an annotated type. An annotation that is not a type allows any."""
    try:
        spec = split_annotation(hint).type
    except (NotATypeError, RecursionError):
        return TypeMatch(True)
    match = fits(value, spec)
    if match.holds is False:
        return TypeMatch(False, match.note or f"it is of type {type_name(type(value))}, not {spec.text}")
    return match


def _hints(annotated: Any) -> dict[str, Any]:
    """The annotations of a class or function, without those that cannot be read."""
    try:
        return typing.get_type_hints(annotated, include_extras=True)
    except Exception:  # a name that exists for type checkers only
        return {}


def is_typed_dict(cls: type) -> bool:
    """Whether a class is a `TypedDict`, of `typing` or of `typing_extensions`."""
    return issubclass(cls, dict) and "__required_keys__" in _CLASS_DICT.__get__(cls) and "__total__" in vars(cls)


def fits_typed_dict(obj: Any, cls: Any, fits: Matcher) -> TypeMatch:
    """Whether a dict has the required keys of a `TypedDict`, and values of the annotated types (PEP 589)."""
    return _all_fit(_keys(obj, cls, fits), "") if issubclass(type(obj), dict) else TypeMatch(False)


def _keys(obj: Any, cls: Any, fits: Matcher) -> Iterator[_Part]:
    hints = _hints(cls)
    for key in cls.__annotations__:
        value, name = dict.get(obj, key, MISSING), f"the key `{key}`"
        if value is not MISSING:
            match = TypeMatch(True) if key not in hints else _fits_hint(value, hints[key], fits)
            yield _Part(name, f"its value of {name}", match)
        elif _is_required(key, cls, hints.get(key)):
            yield _Part(name, "", None)


def _is_required(key: str, cls: Any, hint: Any) -> bool:
    """`__required_keys__` does not know of qualifiers in annotations that are strings, so those count first."""
    origin = str(getattr(typing.get_origin(hint), "_name", ""))
    written = str(getattr(cls.__annotations__[key], "__forward_arg__", ""))
    if origin in ("Required", "NotRequired"):
        return origin == "Required"
    if "NotRequired[" in written.partition("(")[0]:
        return False
    return key in cls.__required_keys__


#: What `typing` calls the types of files, and the classes of `io` that typeshed derives from them.
_FILE_TYPES: dict[str, tuple[type, ...]] = {
    "IO": (io.IOBase,),
    "TextIO": (io.TextIOBase,),
    "BinaryIO": (io.RawIOBase, io.BufferedIOBase),
}


def is_file_type(cls: type) -> bool:
    """Whether a class is `typing.IO`, `TextIO` or `BinaryIO`, which files are not instances of."""
    return cls.__module__ == "typing" and cls.__name__ in _FILE_TYPES


def fits_file_type(obj: Any, cls: type) -> TypeMatch:
    """Whether an object is a file of a kind. Wrappers of `tempfile` and `codecs` count as the file that they wrap."""
    if type(obj).__module__ == "tempfile":
        wrapped = [instance_attribute(obj, name) for name in ("file", "_file")]
        obj = next((file for file in wrapped if file is not None), obj)
    if issubclass(type(obj), io.IOBase):
        return TypeMatch(issubclass(type(obj), _FILE_TYPES[cls.__name__]))
    if type_name(type(obj)) == "codecs:StreamReaderWriter":
        return TypeMatch(cls.__name__ != "BinaryIO")
    lacks = [name for name in ("read", "write", "close") if lookup(obj, name) is MISSING]
    if lacks and lookup(obj, "__getattr__") is MISSING:
        return TypeMatch(False, "it lacks " + ", ".join(f"`{name}`" for name in lacks))
    return TypeMatch(None, f"whether it is a `{cls.__name__}` can only be determined for files of the standard library")
