"""Objects are matched against annotations."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

import pytest

from netra_contracts.probe.inspection import type_matching


class Emits(Protocol):
    def emit(self, event: str) -> None: ...


class Emitter:
    def emit(self, event: str) -> None: ...


class Silent:
    def emit(self) -> None: ...


def fits(obj: Any, annotation: Any) -> bool | None:
    return type_matching.fits(obj, type_matching.split_annotation(annotation).type).holds


@pytest.mark.parametrize(
    ("obj", "annotation", "holds"),
    [
        (1, int, True),
        (1, str, False),
        (True, int, True),
        (None, int | None, True),
        ([1], list[int], True),
        ((1,), list[int], False),
        ("a", Literal["a", "b"], True),
        ("c", Literal["a", "b"], False),
        (1, Annotated[int, "note"], True),
        (object(), Any, True),
        (Emitter(), Emits, True),
        (Silent(), Emits, False),
        (Emitter(), Emitter | None, True),
    ],
)
def test_object_fits_an_annotation_or_does_not(obj: Any, annotation: Any, holds: bool) -> None:
    assert fits(obj, annotation) is holds


def test_number_is_not_an_annotation() -> None:
    with pytest.raises(type_matching.NotATypeError):
        type_matching.split_annotation(42)


def test_claimed_class_does_not_count_but_a_wrapped_object_does() -> None:
    class Claims:
        @property  # type: ignore[misc]  # the false claim under test
        def __class__(self) -> type:
            return Emitter

    class Wraps:
        def __init__(self) -> None:
            self.__wrapped__ = Emitter()

    assert fits(Claims(), Emitter) is False
    assert fits(Wraps(), Emitter) is True


@pytest.mark.parametrize(
    ("value", "operator", "operand", "holds"),
    [(5, "ge", 5, True), (5, "gt", 5, False), ("abc", "pattern", "^b", False), ({1}, "min_length", 1, True)],
)
def test_constraint_holds_or_does_not(value: Any, operator: str, operand: Any, holds: bool) -> None:
    assert type_matching.bound_holds(value, operator, operand).holds is holds


def test_constraint_on_another_object_is_unknown() -> None:
    assert type_matching.bound_holds(Emitter(), "ge", 1).holds is None
