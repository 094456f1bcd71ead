"""Objects are matched against annotations."""

from __future__ import annotations

import io
import sys
import tempfile
from typing import Annotated, Any, Literal, Protocol

import pytest

from netra_contracts.probe.inspection import declared_types, type_matching
from netra_contracts.protocol.plan import TypeSpec
from tests.unit.probe.inspection import typed_samples as samples


class Emits(Protocol):
    def emit(self, event: str) -> None: ...


class Emitter:
    def emit(self, event: str) -> None: ...


class Silent:
    def emit(self) -> None: ...


def fits(obj: Any, annotation: Any) -> bool | None:
    return type_matching.fits(obj, declared_types.split_annotation(annotation).type).holds


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


def fits_name(obj: Any, name: str) -> bool | None:
    return type_matching.fits(obj, TypeSpec(name, (name,))).holds


def sample(name: str) -> str:
    return f"{samples.__name__}:{name}"


@pytest.mark.parametrize(
    ("obj", "name", "holds"),
    [
        (1, "float", True),
        (1.5, "complex", True),
        (1.5, "int", False),
        ("1", "float", False),
        (samples.Writer(), sample("Either"), True),
        (1, sample("Either"), False),
        (None, sample("MaybeReader"), True),
        (samples.Writer(), sample("MaybeReader"), False),
        (samples.Writer(), sample("Later"), True),
        (samples.Reader(), sample("Later"), False),
        ("r", sample("Mode"), True),
        ("x", sample("Mode"), False),
        (3, sample("UserId"), True),
        ("3", sample("UserId"), False),
        ([], sample("Rates"), True),
        ((), sample("Rates"), False),
        (len, sample("Handler"), True),
        (3, sample("Handler"), False),
        (samples.Reader(), sample("Constrained"), True),
        (3, sample("Constrained"), False),
        (3, sample("Anything"), True),
        (3, sample("NUMBER"), None),
    ],
)
def test_object_fits_numbers_and_aliases_as_a_type_checker_decides(obj: Any, name: str, holds: bool | None) -> None:
    assert fits_name(obj, name) is holds


@pytest.mark.parametrize(
    ("obj", "note"),
    [
        ({"name": "a", "timeout": 1}, None),
        ({"name": "a", "timeout": 1.5, "retries": 2, "more": ()}, None),
        ({"name": "a"}, "it lacks the key `timeout`"),
        ({"name": 1, "timeout": 1}, "its value of the key `name` does not fit: it is of type int, not str"),
        ({"name": "a", "timeout": 1, "retries": "2"}, "its value of the key `retries` does not fit"),
        ([], ""),
    ],
)
def test_dict_fits_a_typed_dict_by_its_keys_and_values(obj: Any, note: str | None) -> None:
    match = type_matching.fits(obj, TypeSpec("", (sample("Settings"),)))
    assert match.holds is (note is None)
    assert match.note.startswith(note or "")
    nested = type_matching.fits({"settings": obj}, TypeSpec("", (sample("Deployment"),)))
    assert nested.holds is match.holds


def test_files_fit_the_file_types_of_typing() -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as text, tempfile.SpooledTemporaryFile() as spooled:
        files: dict[str, list[Any]] = {
            "text": [io.StringIO(), text, sys.__stdout__],
            "binary": [io.BytesIO(), spooled, io.FileIO(0, closefd=False)],
        }
        for kind, members in files.items():
            for file in members:
                assert fits_name(file, "typing:IO") is True
                assert fits_name(file, "typing:TextIO") is (kind == "text")
                assert fits_name(file, "typing:BinaryIO") is (kind == "binary")
    assert fits_name([], "typing:TextIO") is False


def test_file_of_another_library_is_unknown() -> None:
    class File:
        def read(self) -> str:
            return ""

        def write(self, text: str) -> None: ...

        def close(self) -> None: ...

    assert fits_name(File(), "typing:TextIO") is None


@pytest.mark.parametrize(
    ("obj", "name", "note"),
    [
        (samples.Pool(), "Named", None),
        (samples.WithNumberAsName(), "Named", "`name` does not fit the protocol: it is of type int, not str"),
        (samples.WithTextAsSize(), "Named", "`size` does not fit the protocol: it is of type str, not int"),
        (samples.OpensAtOnce(), "Named", "`open` does not fit the protocol: it is not async"),
        (samples.OpensAtOnce(), "Opens", None),
        (samples.Pool(), "Opens", "`open` does not fit the protocol: it is async"),
    ],
)
def test_object_fits_a_protocol_with_data_and_async_methods(obj: Any, name: str, note: str | None) -> None:
    match = type_matching.fits(obj, TypeSpec("", (sample(name),)))
    assert (match.holds, match.note) == ((True, "") if note is None else (False, note))


def test_method_set_to_none_does_not_fit_a_protocol() -> None:
    class Pool:
        open = None

    assert fits_name(Pool(), sample("Opens")) is False


def test_number_is_not_an_annotation() -> None:
    with pytest.raises(declared_types.NotATypeError):
        declared_types.split_annotation(42)


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
