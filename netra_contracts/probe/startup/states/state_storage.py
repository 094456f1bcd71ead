"""Where a state keeps its entries, read without running its code, and who else refers to them."""

from __future__ import annotations

import sys
from typing import Any

from ...inspection.questions import answers_to_every_name
from ...inspection.safe_inspect import MISSING, ComputedAttribute, instance_dict, lookup, mro, slots, type_name
from ...runtime import bounded_calls


def _references_of_a_literal() -> int:
    """The number of references to a dict in `Recorder.adopt` written as `State({...})` and used only there.

    It is measured, because it differs between versions of Python.
    """
    counted = []

    class Calibration:
        def __init__(self, state: Any) -> None:
            object.__setattr__(self, "_state", state)

    initialise = Calibration.__init__

    def adopt(state: Any, given: Any) -> None:
        entries = object.__getattribute__(state, "_state")
        counted.append(sys.getrefcount(entries))

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - the shape of the hook that is measured
        initialise(self, *args, **kwargs)
        adopt(self, args[0] if args else kwargs.get("state"))

    Calibration.__init__ = __init__  # type: ignore[method-assign]  # as `Recorder.hook_state` does it
    Calibration({"a": object()})
    return counted[0]


def _references_of_a_lone_dict() -> int:
    """The number of references to a dict in `Recorder._adopt_owned` that only a state refers to."""

    class Calibration:
        _state: dict[str, Any]

    state = Calibration()
    object.__setattr__(state, "_state", {})
    entries = object.__getattribute__(state, "_state")
    return sys.getrefcount(entries)


def own_dict_of(state: Any) -> dict[str, Any] | None:
    """The dict that holds the entries of a state, read without running its code; None: there is no such dict."""
    if issubclass(type(state), dict):
        return state  # type: ignore[no-any-return]  # a dict by the line above
    try:
        entries = object.__getattribute__(state, "_state")
    except Exception:
        entries = None
    if issubclass(type(entries), dict):
        return entries  # type: ignore[no-any-return]  # a dict by the line above
    return None


def attributes_of(state: Any) -> dict[str, Any] | None:
    """A new dict of the attributes and slots of an object, read without running code of its own; None: it has none."""
    own = instance_dict(state)
    found = {name: value for name, value in slots(state) if not name.startswith("__")}
    if own is None and not found:
        return None
    found.update(own or {})
    return found


def attribute_of(state: Any, name: str) -> Any:
    """An attribute that the class of a state gives: a property, a cached property, a method or a class attribute.

    Those that the framework's own state classes define are no entries. Properties are called, since a contract names
    them.

    Returns:
        The object, or `MISSING`.

    Raises:
        NoAnswerError: if a property does not return in time.
    """
    cls = type(state)
    if issubclass(cls, dict) or name.startswith("__"):
        return MISSING
    value = lookup(state, name)
    if value is MISSING:
        if _is_of_framework(cls, "__getattr__") or answers_to_every_name(state):
            return MISSING
    elif _is_of_framework(cls, name):
        return MISSING
    elif type(value) is not ComputedAttribute:
        return value
    try:
        return bounded_calls.call_with_timeout(lambda: getattr(state, name))
    except bounded_calls.NoAnswerError:
        raise
    except Exception:
        return MISSING


def may_give(state: Any, name: str) -> bool:
    """Whether the class of a state gives an attribute, or its code may. Nothing is called."""
    return lookup(state, name) is not MISSING or not _is_of_framework(type(state), "__getattr__")


def _is_of_framework(cls: type, name: str) -> bool:
    for base in mro(cls):
        if name in type.__dict__["__dict__"].__get__(base):
            return type_name(base).partition(":")[0].partition(".")[0] in _FRAMEWORKS
    return True


#: Packages whose classes have attributes of their own. Classes without a module are builtins.
_FRAMEWORKS = ("starlette", "litestar", "collections", "typing", "types", "object", "dict")

LITERAL_REFERENCES = _references_of_a_literal()
LONE_REFERENCES = _references_of_a_lone_dict()
