"""The configuration file, validated: everything that is wrong with it is told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    WithJsonSchema,
)

from netra_contracts.contracts.consistency import check_contracts
from netra_contracts.contracts.contract_schema import (
    Address,
    ContractSchema,
    Listed,
    Number,
    PerUserSchema,
    PhaseName,
    Text,
    Word,
    kebab,
    one_of,
)
from netra_contracts.contracts.event_contract_schema import EventContractSchema, ExpectedEventSchema
from netra_contracts.contracts.json_schema import WithoutNull
from netra_contracts.contracts.model import ComponentContract, ContractSource, DeliveryContract
from netra_contracts.contracts.toml_positions import Path, TomlPositions
from netra_contracts.contracts.type_expressions import InvalidValue, quoted
from netra_contracts.contracts.validation_messages import problems_of
from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.settings.bootstrap_config import ConfigFile, read_config, refused_variable
from netra_contracts.settings.target_discovery import parse_target

__all__ = [
    "ContractsFile",
    "Settings",
    "check_contracts",
    "contracts_from_file",
    "contracts_from_toml",
    "events_from_toml",
    "load_settings",
    "read_contracts_file",
    "schema",
]

FailLevel = Literal["error", "warning", "never"]
_FAIL_LEVELS: Sequence[FailLevel] = ("error", "warning", "never")
#: First digits of our own codes. Those of plugins begin with other letters, and are known only when a check runs.
_FAMILIES = "1234568"
_DOTTED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"


def _fail_level(value: object) -> str:
    return one_of("fail level", _FAIL_LEVELS, value)


def _code(value: str) -> str:
    code = value.strip().upper()
    if re.match(r"NC\d", code) and code[2] not in _FAMILIES:
        hint = "the families are " + ", ".join(f"NC{digit}" for digit in _FAMILIES)
        raise InvalidValue(f"{quoted(value)}: there is no family of checks NC{code[2]}", hint)
    if re.fullmatch(r"NC\d{0,3}" if code.startswith("NC") else r"[A-Z]+\d*", code) is None:
        raise InvalidValue(
            f"{quoted(value)} is not a code or the beginning of one", "write e.g. NC303, or NC3 for its family"
        )
    return code


def _module(value: str) -> str:
    if re.fullmatch(_DOTTED, value) is None:
        raise InvalidValue(f"{quoted(value)} is not a module", "write the import path of a module, e.g. myapp.checks")
    return value


def _reference(value: str) -> str:
    if not value.endswith(".toml") and re.fullmatch(rf"{_DOTTED}(?::{_DOTTED})?", value) is None:
        raise InvalidValue(f"{quoted(value)} names no contracts", "write module:attr, or the path of a TOML file")
    return value


def _variables(value: dict[str, str]) -> dict[str, str]:
    refused = next(filter(None, (refused_variable(name, text) for name, text in value.items())), "")
    if refused:
        raise InvalidValue(refused)
    return value


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Code = Annotated[Text, AfterValidator(_code)]
Module = Annotated[Text, AfterValidator(_module)]
Reference = Annotated[Text, AfterValidator(_reference)]
OneOrMore = BeforeValidator(_one_or_more)
_ONE_OR_MORE: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
Seconds = Annotated[Number, Field(ge=0)]
Deadline = Annotated[Number, Field(gt=0)]


class Settings(BaseModel):
    """Everything that a configuration file may say. Paths are relative to its folder."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="netra-contracts")

    target: Word | None = Field(
        None, description="What to check: module:attr, a module, or a file such as src/main.py:app."
    )
    factory: StrictBool | None = Field(
        None, description="Whether the target is called; default: found out from what it is."
    )
    app_dir: Word | None = Field(None, description="Folder that is put first on the import path.")
    python: Word | None = Field(None, description="Interpreter to start the target in.")
    env: Annotated[dict[str, Text], AfterValidator(_variables)] = Field({}, description="Environment for the target.")
    env_file: Word | None = Field(None, description="File with environment for the target.")
    contracts: Annotated[tuple[Reference, ...], Listed, OneOrMore, WithJsonSchema(_ONE_OR_MORE)] = Field(
        (), description="Contracts declared elsewhere: module:attr, the path of a TOML file, or a list of them."
    )
    checks: Annotated[tuple[Module, ...], Listed] = Field((), description="Modules with `phase_check` functions.")
    phase: PhaseName | None = Field(None, description="The last phase that is judged.")
    select: Annotated[tuple[Code, ...], Listed] = Field((), description="Codes to report, or beginnings of codes.")
    ignore: Annotated[tuple[Code, ...], Listed] = Field((), description="Codes not to report, or beginnings of codes.")
    fail_level: Annotated[FailLevel, BeforeValidator(_fail_level)] | None = Field(
        None, description="The least severity with which a finding makes the check fail; default: error."
    )
    startup_timeout: Deadline | None = Field(None, description="Seconds that import and startup may take; default: 30.")
    shutdown_timeout: Deadline | None = Field(None, description="Seconds that the shutdown may take; default: 10.")
    settle: Seconds | None = Field(
        None, description="Seconds to watch after startup for tasks that die; default: a few turns of the loop."
    )
    format: Word | None = Field(None, description="Format of the report: table, json, ...")
    components: dict[Address, ContractSchema] = Field({}, description="Contracts, by address of the component.")
    events: EventContractSchema | None = Field(
        None, description="What each user must receive over a WebSocket: see Events."
    )


class ContractsFile(NamedTuple):
    """What a TOML file of contracts contributes to a check."""

    contracts: tuple[ComponentContract, ...]
    checks: tuple[str, ...]
    events: DeliveryContract | None = None


def load_settings(config: ConfigFile | None) -> Settings:
    """The settings of a configuration file; the defaults where there is none.

    Raises:
        UsageError: with everything that is wrong with the file, contracts that contradict each other included.
    """
    if config is None:
        return Settings()
    places = _positions(config)
    problems = list(_problems_of_target(config, places))
    settings = Settings()
    try:
        settings = Settings.model_validate(config.table)
        components: Mapping[str, ContractSchema] = settings.components
    except ValidationError as error:
        problems.extend(problems_of(error, places, _keys_at))
        components = dict(_sound(config.table.get("components")))
    # Contracts may yet come from elsewhere: whether a name is a misspelt one cannot be known here.
    problems.extend(check_contracts(_contracts(components, places), complete=False))
    if problems:
        raise UsageError(problems)
    return settings


def _positions(config: ConfigFile) -> TomlPositions:
    return TomlPositions(config.path, config.text, config.prefix)


def _keys_at(path: Path) -> Sequence[str]:
    model: type[BaseModel] = Settings
    if path[:1] == ("components",):
        model = PerUserSchema if path[2:3] == ("per-user",) else ContractSchema
    elif path[:1] == ("events",):
        model = ExpectedEventSchema if path[1:2] == ("expect",) else EventContractSchema
    return [kebab(name) for name in model.model_fields]


def _sound(components: object) -> Iterator[tuple[str, ContractSchema]]:
    """The contracts that are right in themselves, of a table in which something is wrong."""
    for component, terms in components.items() if isinstance(components, dict) else ():
        try:
            yield component, ContractSchema.model_validate(terms)
        except ValidationError:
            continue


def _problems_of_target(config: ConfigFile, places: TomlPositions) -> Iterator[Problem]:
    target = config.table.get("target")
    if not isinstance(target, str) or not target:
        return
    try:
        parse_target(target, config.folder)
    except UsageError as error:
        for problem in error.problems:
            yield problem._replace(place=places.of(("target",)))


def _contracts(components: Mapping[str, ContractSchema], places: TomlPositions) -> tuple[ComponentContract, ...]:
    def origin(component: str) -> ContractSource:
        path = ("components", component)
        return ContractSource(text=places.of(path), location=places.location(path))

    return tuple(terms.contract(component, origin(component)) for component, terms in components.items())


def contracts_from_toml(settings: Settings, config: ConfigFile | None) -> tuple[ComponentContract, ...]:
    """The contracts of a configuration file, with the lines where they stand."""
    return () if config is None else _contracts(settings.components, _positions(config))


def events_from_toml(settings: Settings, config: ConfigFile | None) -> DeliveryContract | None:
    """What a configuration file says of events, if it does."""
    if config is None or settings.events is None:
        return None
    places = _positions(config)
    return settings.events.contract(ContractSource(text=places.of(("events",)), location=places.location(("events",))))


def read_contracts_file(path: str) -> ContractsFile:
    """A TOML file that is named as the source of contracts.

    It is written as a configuration file is, with or without `[tool.netra-contracts]`, and validated as one. Its
    `components`, `events` and `checks` are used; how the target is started is left to the configuration.

    Raises:
        UsageError: with everything that is wrong with it, and if it declares nothing.
    """
    config = read_config(path)
    settings = load_settings(config)
    if not settings.components and not settings.checks and settings.events is None:
        hint = "add [components.NAME], or [tool.netra-contracts.components.NAME] in a pyproject.toml"
        raise UsageError([Problem("this file declares no contracts", display_path(path), hint)])
    return ContractsFile(contracts_from_toml(settings, config), settings.checks, events_from_toml(settings, config))


def contracts_from_file(path: str) -> tuple[ComponentContract, ...]:
    """The contracts of a TOML file that is named as their source: see `read_contracts_file`.

    Raises:
        UsageError: with everything that is wrong with it.
    """
    return read_contracts_file(path).contracts


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `netra-contracts.toml`, and of `[tool.netra-contracts]` in `pyproject.toml`."""
    made = Settings.model_json_schema(by_alias=True, mode="validation", schema_generator=WithoutNull)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
