"""Errors of pydantic as messages for users: the position, what is wrong, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from netra_contracts.contracts.toml_positions import Path, SourceLocator, dotted
from netra_contracts.contracts.values import InvalidValue, describe_value, on_one_line, quoted, wrong_type
from netra_contracts.errors import Problem, did_you_mean

#: What is valid, by pydantic's type of error.
_EXPECTED = {
    "string_type": "a string",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "string_unicode": "text without lone surrogates",
}
_LIMITS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
}
#: The valid keys of the table at a path.
Known = Callable[[Path], Sequence[str]]


def problems_of(error: ValidationError, positions: SourceLocator, known: Known) -> Iterator[tuple[int, Problem]]:
    """Everything that is wrong, each with its line, in the order of the lines.

    Args:
        error: of pydantic; its paths have the spelling of TOML.
        positions: names positions.
        known: the valid keys of the table at a path, as TOML spells them.
    """
    errors = [(_path(detail), detail) for detail in error.errors(include_url=False)]
    for path, detail in sorted(errors, key=lambda entry: positions.line(entry[0])):
        yield positions.line(path), _problem(detail, path, positions, known)


def _path(detail: ErrorDetails) -> Path:
    """The path of an error, without the step `[key]` that pydantic adds for a key of a mapping."""
    path = detail["loc"]
    return path[:-1] if path[-1:] == ("[key]",) else path


def _problem(detail: ErrorDetails, path: Path, positions: SourceLocator, known: Known) -> Problem:
    kind, value, place = detail["type"], detail["input"], positions.of(path)
    subject = _subject(path, positions)
    reason = detail.get("ctx", {}).get("error")
    if kind == "extra_forbidden":
        names = [positions.name(name) for name in known(path[:-1])]
        return Problem(f"there is no key {quoted(subject)}", place, _key_hint(path, value, names, subject))
    if isinstance(reason, InvalidValue):
        return Problem(str(reason), place, reason.hint)
    if kind in _LIMITS:
        words, limit = _LIMITS[kind]
        return Problem(f"{subject} must be {words} {detail['ctx'][limit]:g}, not {describe_value(value)}", place)
    if kind == "missing":
        return Problem(f"{subject} is missing", positions.of(path[:-1]), f"add {subject} = ...")
    if kind in ("string_too_short", "too_short"):
        return Problem(f"{subject} must not be empty", place, "leave it out, or set a value")
    wrong = wrong_type(subject, _EXPECTED.get(kind, "something else"), value)
    return Problem(str(wrong), place, wrong.hint)


def _subject(path: Path, positions: SourceLocator) -> str:
    """What the user calls the value: the last key, with an index into its list."""
    keys = [position for position, step in enumerate(path) if isinstance(step, str)]
    if not keys:
        return "the configuration"
    key = path[keys[-1]]
    assert isinstance(key, str)  # noqa: S101 - by the line that made `keys`
    return f"{on_one_line(positions.name(key))}{dotted(path[keys[-1] + 1 :])}"


def _key_hint(path: Path, value: object, names: Sequence[str], subject: str) -> str:
    near = did_you_mean(subject, names)
    if near:
        return near
    if isinstance(value, dict) and len(path) == 1 and "components" in names:
        return f"contracts belong in the table components: components.{dotted(path)}"
    return "the keys are " + ", ".join(names)
