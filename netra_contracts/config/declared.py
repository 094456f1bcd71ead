"""Contracts declared in Python, as the probe handed them over."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from netra_contracts.config.problems import problems_of
from netra_contracts.config.terms import Terms
from netra_contracts.config.typespec import parse_type
from netra_contracts.errors import Problem, UsageError
from netra_contracts.model.contract import ComponentContract, Origin
from netra_contracts.wire import DeclaredContract, TypeSpec


def contracts_from_declared(declared: Sequence[DeclaredContract]) -> tuple[ComponentContract, ...]:
    """Contracts validated as those of TOML are.

    Raises:
        UsageError: with everything that is wrong with any of them.
    """
    found: list[ComponentContract] = []
    problems: list[Problem] = []
    for one in declared:
        try:
            found.append(_contract(one))
        except UsageError as error:
            problems.extend(error.problems)
    if problems:
        raise UsageError(problems)
    return tuple(found)


def _contract(declared: DeclaredContract) -> ComponentContract:
    place = _place(declared)
    terms: dict[str, Any] = dict(declared.terms)
    uncheckable = tuple(str(name) for name in terms.pop("uncheckable", ()))
    if not declared.component:
        raise UsageError([Problem("a component has no name", place)])
    terms["type"] = _type(declared.type, place)
    try:
        validated = Terms.model_validate(terms)
    except ValidationError as error:
        raise UsageError(
            problems_of(
                error,
                lambda path: f"{place}.{'.'.join(step.replace('-', '_') for step in path)}",
                lambda path: list(Terms.model_fields),
            )
        ) from error
    return validated.contract(declared.component, Origin(text=place, location=declared.location), uncheckable)


def _type(spec: TypeSpec | None, place: str) -> TypeSpec | None:
    """A type given as a string arrives as text only: it is read as TOML's are."""
    if spec is None or spec.names or spec.literals or not spec.text:
        return spec
    try:
        return parse_type(spec.text)
    except ValueError as error:
        raise UsageError([Problem(str(error), f"{place}.type")]) from error


def _place(declared: DeclaredContract) -> str:
    where = declared.location
    what = f'AppStateContract("{declared.component}")' if "." not in declared.origin.partition(":")[2] else declared.origin
    if where is None:
        return what
    relative = os.path.relpath(where.file)
    return f"{where.file if relative.startswith('..') else relative}:{where.line}: {what}"
