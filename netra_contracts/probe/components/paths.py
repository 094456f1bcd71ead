"""Follows the path from a component to an object below it, without running the application's code where possible."""

from __future__ import annotations

import operator
from functools import partial
from typing import Any, Callable, NamedTuple

from ...protocol.address import split_path
from ...protocol.names import nearest_name
from ..inspection.object_graph import members
from ..inspection.questions import LONGEST_NUMBER, SEQUENCES, ComponentNotFoundError, follow_path, member
from ..inspection.safe_inspect import MISSING, ComputedAttribute, class_attribute, lookup, mro, type_name
from ..runtime import bounded_calls
from ..startup.states.recorder import RecordingDict
from ..startup.states.state_storage import own_dict_of

#: The states of frameworks, which keep their entries in a dict.
_STATES = (
    "starlette.datastructures:State",
    "litestar.datastructures.state:ImmutableState",
    "litestar.datastructures.state:State",
)


class Below(NamedTuple):
    """An object below a component.

    Attributes:
        value: the object.
        holder: what it is an attribute or a member of.
        holder_address: the address of the holder.
        key: its name there.
    """

    value: Any
    holder: Any
    holder_address: str
    key: str


#: Returns what a container has of a type. Receives the container, the step `[module:Class]`, and the address.
OfContainer = Callable[[Any, str, str], Any]


def follow(
    address: str, value: Any, path: str, *, computed: bool = True, of_container: OfContainer | None = None
) -> Below:
    """Follow a path.

    Args:
        address: of the component that the path begins at.
        value: that component.
        path: see `split_path`.
        computed: whether properties and `__getattr__` may run; if not, what they give is not found.
        of_container: follows the steps that name a type; None: the path has none.

    Raises:
        ComponentNotFoundError: if a step does not exist.
        NoAnswerError: if a property does not return in time.
    """
    holder, holder_address, key = None, "", ""
    for step in split_path(path) if path else ():
        holder, holder_address, key = value, address, step
        address += step if step.startswith("[") else f".{step}"
        if step.startswith("[") and holder is not None and of_container is not None:
            value = of_container(holder, step, address)
        else:
            value = _step(holder, holder_address, step, address, computed)
    return Below(value, holder, holder_address, key)


def recorded_dict(holder: Any) -> RecordingDict | None:
    """The recorded dict in which an object keeps its entries, if it is a state or such a dict; else None."""
    entries = own_dict_of(holder)
    return entries if type(entries) is RecordingDict else None


def _step(holder: Any, holder_address: str, step: str, address: str, computed: bool) -> Any:
    value = _member(holder, step)
    if value is not MISSING:
        return value
    if holder is None:
        raise ComponentNotFoundError(address, detail=f"`{holder_address}` is None")
    if step.startswith("["):
        raise ComponentNotFoundError(address, detail=f"`{holder_address}` is not a container that is known")
    if not computed:
        value = lookup(holder, step)
        if value is MISSING or type(value) is ComputedAttribute:
            raise ComponentNotFoundError(address)
        return value
    reached = follow_path(holder, step)
    if reached.missing:
        value = _subscript(holder, step)
        if value is not MISSING:
            return value
        detail = reached.detail or _lacks(holder, holder_address, step)
        raise ComponentNotFoundError(address, near=_near(holder, holder_address, step, reached.near), detail=detail)
    return reached.value


def _member(holder: Any, step: str) -> Any:
    """The entry of a mapping or state, or the member of a sequence, that a step names; `MISSING`: there is none."""
    entries = _entries_of(holder)
    return member(holder if entries is None else entries, step)


def _entries_of(holder: Any) -> dict[str, Any] | None:
    """The entries of a mapping that is a dict, or of a framework's state; None: it is neither."""
    is_state = any(type_name(base) in _STATES for base in mro(type(holder)))
    return own_dict_of(holder) if is_state or issubclass(type(holder), dict) else None


def _subscript(holder: Any, step: str) -> Any:
    """What the `__getitem__` of a mapping or sequence of another class gives; `MISSING`: nothing.

    Raises:
        NoAnswerError: if it does not return in time.
    """
    if class_attribute(type(holder), "__getitem__") is MISSING or issubclass(type(holder), (str, bytes, type)):
        return MISSING
    for key in (step, *([int(step)] if step.isdecimal() and len(step) < LONGEST_NUMBER else [])):
        try:
            return bounded_calls.call_with_timeout(partial(operator.getitem, holder, key))
        except bounded_calls.NoAnswerError:
            raise
        except Exception:  # whatever it raises, it has no such member
            continue
    return MISSING


def _lacks(holder: Any, address: str, step: str) -> str:
    if step.isdecimal() and issubclass(type(holder), SEQUENCES):
        count = len(members(holder))
        return f"`{address}` has {count} member{'s' if count != 1 else ''}"
    return f"`{address}` has no `{step}`"


def _near(holder: Any, address: str, step: str, near: str) -> str:
    entries = _entries_of(holder)
    known = [key for key in list(entries) if type(key) is str] if entries is not None else []
    near = nearest_name(step, known) or near
    return f"{address}.{near}" if near else ""
