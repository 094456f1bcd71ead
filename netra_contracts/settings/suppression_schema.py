"""What entries that suppress findings may contain: tables of `ignore` in the configuration, and those of a baseline."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from netra_contracts.contracts.contract_schema import kebab
from netra_contracts.contracts.toml_positions import TomlPositions
from netra_contracts.contracts.validation_messages import problems_of
from netra_contracts.contracts.values import InvalidValue, quoted, wrong_type
from netra_contracts.errors import Problem
from netra_contracts.model.suppression import Suppression
from netra_contracts.protocol.location import Location
from netra_contracts.settings.options.codes import CODE


def _code(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    code = value.strip().upper()
    if re.fullmatch(CODE, code) is None:
        raise InvalidValue(f"{quoted(value)} is not a code or the beginning of one", "write e.g. NC303")
    return code


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = value if isinstance(value, str) else ""
    if isinstance(value, datetime):
        raise InvalidValue("this must be a date, without a time", f"write {value.date()}")
    try:
        written = date.fromisoformat(text.strip())
    except ValueError:
        wrong = wrong_type("this", "a date", value)
        raise InvalidValue(str(wrong), "write year, month and day, without quotes: 2027-03-01") from None
    raise InvalidValue("this must be a date, not a string", f"write {written}, without quotes")


def _reason(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise InvalidValue("reason must not be empty", "write why this finding is accepted")
    return value


_Code = Annotated[str, BeforeValidator(_code)]
_Date = Annotated[date, BeforeValidator(_date)]
_Reason = Annotated[str, BeforeValidator(_reason)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab)


class IgnoredFindings(_Entry):
    """A table of `ignore`: findings that do not fail the run."""

    model_config = ConfigDict(title="Ignored findings")

    code: _Code = Field(description="Code of the findings, or the beginning of codes.")
    component: str | None = Field(None, description="Address of the component. Default: any.", min_length=1)
    subject: str | None = Field(
        None, description="What distinguishes a finding from others of this code and component, as in the JSON report."
    )
    reason: _Reason = Field(description="Why the findings are accepted.")
    until: _Date | None = Field(None, description="Last day on which this applies, a TOML date. Default: no last day.")

    def suppression(self, location: Location) -> Suppression:
        """The entry, with its line."""
        return Suppression(**self.model_dump(), source="configuration", location=location)


class KnownFinding(_Entry):
    """A table `findings` of a baseline: one finding."""

    code: _Code
    component: str = ""
    subject: str = ""
    target: str = ""
    function: str = ""
    reason: _Reason
    until: _Date | None = None
    added: _Date | None = None

    def suppression(self, location: Location) -> Suppression:
        """The entry, with its line."""
        return Suppression(**self.model_dump(), source="baseline", location=location)


def read_ignored(value: object, positions: TomlPositions) -> tuple[tuple[Suppression, ...], list[tuple[int, Problem]]]:
    """The tables of `ignore`; its texts are an option.

    Args:
        value: what was written.
        positions: of the configuration file.

    Returns:
        The entries, and what is wrong with others, each with its line.
    """
    members = value if isinstance(value, list) else []
    tables = [(member, ("ignore", number)) for number, member in enumerate(members) if isinstance(member, dict)]
    found: list[Suppression] = []
    problems: list[tuple[int, Problem]] = []
    for table, path in tables:
        entry = read_entry(IgnoredFindings, table, positions.below(path), problems)
        if entry is not None:
            found.append(entry)
    return tuple(found), problems


def read_entry(
    model: type[IgnoredFindings | KnownFinding],
    table: object,
    positions: TomlPositions,
    problems: list[tuple[int, Problem]],
) -> Suppression | None:
    """One entry; None: something is wrong with it, which is added to the problems, each with its line.

    Args:
        model: what the entry may contain.
        table: what was written.
        positions: of the entry.
        problems: receives what is wrong.
    """
    keys = [kebab(name) for name in model.model_fields]
    try:
        return model.model_validate(table).suppression(positions.location(()))
    except ValidationError as error:
        problems.extend(problems_of(error, positions, lambda path: keys))
        return None
