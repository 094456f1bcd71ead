"""What pydantic found, told as people would: the place, a sentence, the nearest valid name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from netra_contracts.errors import Problem, nearest

_KINDS = {
    "string_type": "a string",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dataclass_type": "a string",
    "enum": "one of the known words",
}
_SHOWN = {str: "a string", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}


def problems_of(
    error: ValidationError, place: Callable[[Sequence[str]], str], known: Callable[[Sequence[str]], Sequence[str]]
) -> list[Problem]:
    """Everything that is wrong.

    Args:
        error: what pydantic found.
        place: where a path of keys stands.
        known: the keys that are valid in the table at a path.
    """
    found: dict[Problem, None] = {}
    for detail in error.errors(include_url=False):
        path = [str(step) for step in detail["loc"] if not _is_branch(step)]
        found[_problem(detail, path, place, known)] = None
    return list(found)


def _is_branch(step: int | str) -> bool:
    """pydantic names the alternatives of a union in the path, e.g. `tuple[str, ...]`, `str`."""
    return isinstance(step, str) and (step in ("str", "none", "dict") or step.endswith("]") or "-" in step and "[" in step)


def _problem(
    detail: ErrorDetails,
    path: Sequence[str],
    place: Callable[[Sequence[str]], str],
    known: Callable[[Sequence[str]], Sequence[str]],
) -> Problem:
    kind = detail["type"]
    if kind == "extra_forbidden":
        names = known(path[:-1])
        hint = nearest(path[-1], names) or "the keys are " + ", ".join(names)
        return Problem(f'there is no key "{path[-1]}" here', place(path), hint)
    if kind == "value_error":
        message, _, hint = str(detail["ctx"]["error"]).partition("; ")
        return Problem(message, place(path), hint)
    wanted = _KINDS.get(kind)
    if wanted is None:
        return Problem(detail["msg"][0].lower() + detail["msg"][1:], place(path))
    return Problem(f"it must be {wanted}, not {_shown(detail['input'])}", place(path))


def _shown(value: Any) -> str:
    """A value of a configuration, by kind; strings themselves, since they are what the user wrote."""
    return f'"{value}"' if isinstance(value, str) else _SHOWN.get(type(value), type(value).__name__)
