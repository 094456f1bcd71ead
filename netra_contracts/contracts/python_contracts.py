"""Contracts that were declared in Python and read by the probe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from netra_contracts.contracts.contract_schema import ContractSchema, PerUserSchema, checked_address, kebab, snake
from netra_contracts.contracts.event_contract_schema import EventContractSchema, ExpectedEventSchema
from netra_contracts.contracts.model import ComponentContract, ContractSource, DeliveryContract
from netra_contracts.contracts.toml_positions import Path, dotted
from netra_contracts.contracts.validation_messages import problems_of
from netra_contracts.contracts.values import InvalidValue
from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.protocol.control import DeclaredContract, DeclaredEvents
from netra_contracts.protocol.location import Location


def contracts_from_declared(declared: Sequence[DeclaredContract]) -> tuple[ComponentContract, ...]:
    """Contracts declared in Python, validated like those in TOML.

    Raises:
        UsageError: with everything that is wrong with any of them.
    """
    contracts: list[ComponentContract] = []
    problems: list[Problem] = []
    for declaration in declared:
        positions = DeclarationPositions(declaration.location, declared_as(declaration))
        try:
            checked_address(declaration.component)
        except InvalidValue as error:
            problems.append(Problem(str(error), positions.of(()), error.hint))
            continue
        try:
            contracts.append(_contract(declaration, positions))
        except ValidationError as error:
            problems.extend(problem for _, problem in problems_of(error, positions, _keys_at))
    if problems:
        raise UsageError(problems)
    return tuple(contracts)


def events_from_declared(declared: Sequence[DeclaredEvents]) -> tuple[DeliveryContract, ...]:
    """Event contracts declared in Python, validated like those in TOML.

    Raises:
        UsageError: with everything that is wrong with any of them.
    """
    events: list[DeliveryContract] = []
    problems: list[Problem] = []
    for declaration in declared:
        positions = DeclarationPositions(declaration.location, "EventContract(...)")
        try:
            terms = EventContractSchema.model_validate(_kebab_keys(declaration.terms))
            events.append(terms.contract(ContractSource(text=positions.of(()), location=declaration.location)))
        except ValidationError as error:
            problems.extend(problem for _, problem in problems_of(error, positions, _event_keys_at))
    if problems:
        raise UsageError(problems)
    return tuple(events)


def _keys_at(path: Path) -> Sequence[str]:
    model: type[BaseModel] = PerUserSchema if path[:1] == ("per-user",) else ContractSchema
    return [kebab(name) for name in model.model_fields]


def _event_keys_at(path: Path) -> Sequence[str]:
    model: type[BaseModel] = ExpectedEventSchema if path[:1] == ("expect",) else EventContractSchema
    return [kebab(name) for name in model.model_fields]


def _kebab_keys(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Terms as TOML spells them, without those that are None. Keys of the message in `send` are kept as they are."""
    return {kebab(name): _kebab_value(name, value) for name, value in terms.items() if value is not None}


def _kebab_value(name: str, value: Any) -> Any:
    if name == "per_user" and isinstance(value, dict):
        return _kebab_keys(value)
    if name == "expect" and isinstance(value, list):
        return [_kebab_keys(member) if isinstance(member, dict) else member for member in value]
    return value


class DeclarationPositions:
    """Positions in a declaration: `myapp/contracts.py:12: AppStateContract("pool").phase`."""

    def __init__(self, location: Location | None, what: str) -> None:
        self._location = location
        self._what = what

    def line(self, path: Path) -> int:
        """The line of the declaration: the lines of its terms are not known."""
        return self._location.line if self._location else 0

    def of(self, path: Path) -> str:
        """A position as messages name it."""
        steps = [self.name(step) if isinstance(step, str) else step for step in path]
        what = f"{self._what}.{dotted(steps)}" if steps else self._what
        return f"{display_path(self._location.file)}:{self._location.line}: {what}" if self._location else what

    def name(self, key: str) -> str:
        """A key as Python spells it."""
        return snake(key)


def declared_as(declared: DeclaredContract) -> str:
    """The declaration as messages name it: `AppStateContract("pool")`, or the annotation `AppState.pool`."""
    attribute = declared.origin.partition(":")[2]
    if attribute.endswith(f".{declared.component}"):
        return attribute
    return f'AppStateContract("{declared.component}")'


def _contract(declared: DeclaredContract, positions: DeclarationPositions) -> ComponentContract:
    terms = _kebab_keys(declared.terms)
    uncheckable = tuple(str(name) for name in terms.pop("uncheckable", ()))
    spec = declared.type
    if spec is not None and spec.text and not spec.names and not spec.literals:
        terms["type"] = spec.text  # a string, which is parsed like that of TOML
        spec = None
    origin = ContractSource(text=positions.of(()), location=declared.location)
    return ContractSchema.model_validate(terms).contract(declared.component, origin, spec, uncheckable)
