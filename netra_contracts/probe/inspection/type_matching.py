"""Matches objects against types as a type checker would.

Matching uses `type(obj)` and its real bases, ABC registration included, never what `__class__` claims.
"""

from __future__ import annotations

import abc
from typing import Any, Callable

from ...protocol.plan import TypeSpec
from ..runtime import bounded_calls
from . import structural_types
from .declared_types import UnresolvedTypeError, resolve
from .safe_inspect import MISSING, ComputedAttribute, class_name, dotted_name, lookup
from .structural_types import TypeMatch

#: How deep values in values are matched. Deeper ones are not matched.
_MAX_DEPTH = 5

#: Classes that a type checker accepts where another is declared, from
#: https://typing.python.org/en/latest/spec/special-types.html#special-cases-for-float-and-complex.
_PROMOTIONS: dict[type, tuple[type, ...]] = {float: (float, int), complex: (complex, float, int)}


def unresolved(spec: TypeSpec) -> list[UnresolvedTypeError]:
    """An error for each name of a type that cannot be resolved."""
    found = []
    for name in spec.names:
        try:
            resolve(name)
        except UnresolvedTypeError as error:
            found.append(error)
    return found


def fits(obj: Any, spec: TypeSpec, depth: int = 0) -> TypeMatch:
    """Whether an object is an instance of any of a type's alternatives.

    Args:
        obj: the object.
        spec: the type.
        depth: the number of objects around it that are being matched.
    """
    if (not spec.names and not spec.literals) or depth > _MAX_DEPTH:
        return TypeMatch(True)
    if any(type(value) is type(obj) and value == obj for value in spec.literals):
        return TypeMatch(True)
    unknown: TypeMatch | None = None
    notes = []
    for name in spec.names:
        try:
            declared = resolve(name)
        except UnresolvedTypeError as error:
            unknown = TypeMatch(None, str(error), error.near)
            continue
        match = fits(obj, declared, depth + 1) if isinstance(declared, TypeSpec) else _fits_class(obj, declared, depth)
        if match.holds:
            return match
        if match.holds is None:
            unknown = match
        elif match.note:
            notes.append(match.note)
    return unknown or TypeMatch(False, "; ".join(notes))


def names_none(spec: TypeSpec, depth: int = 0) -> bool:
    """Whether None is among a type's alternatives, by name: `object` and `Any` do not name it."""
    if "None" in spec.names or depth > _MAX_DEPTH:
        return depth <= _MAX_DEPTH
    for name in spec.names:
        try:
            declared = resolve(name)
        except UnresolvedTypeError:
            continue
        if declared is type(None) or (isinstance(declared, TypeSpec) and names_none(declared, depth + 1)):
            return True
    return False


def _fits_class(obj: Any, cls: type, depth: int) -> TypeMatch:
    def fits_inner(value: Any, spec: TypeSpec) -> TypeMatch:
        return fits(value, spec, depth + 1)

    if structural_types.is_protocol(cls):
        return structural_types.fits_protocol(obj, cls, fits_inner)
    if structural_types.is_typed_dict(cls):
        return structural_types.fits_typed_dict(obj, cls, fits_inner)
    match = _is_instance(obj, cls)
    if match.holds is not False:
        return match
    if structural_types.is_file_type(cls):
        return structural_types.fits_file_type(obj, cls)
    wrapped = lookup(obj, "__wrapped__") if depth < _MAX_DEPTH else MISSING
    if wrapped is not MISSING and type(wrapped) is not ComputedAttribute and wrapped is not obj:
        return _fits_class(wrapped, cls, depth + 1)
    return match


def _is_instance(obj: Any, cls: type) -> TypeMatch:
    try:
        return TypeMatch(any(_is_subclass(type(obj), accepted) for accepted in _PROMOTIONS.get(cls, (cls,))))
    except bounded_calls.NoAnswerError:
        raise
    except Exception as error:
        return TypeMatch(None, f"checking against `{cls.__name__}` raised {dotted_name(type(error))}")


def _is_subclass(subclass: type, cls: type) -> bool:
    """`issubclass`, with a timeout if a metaclass of the application implements it."""
    if type(cls) is type or type(cls) is abc.ABCMeta:
        return issubclass(subclass, cls)
    return bool(bounded_calls.call_with_timeout(lambda: issubclass(subclass, cls)))


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
