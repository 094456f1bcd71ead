"""The configuration file, validated: everything that is wrong with it is reported at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from netra_contracts.contracts.consistency import check_contracts
from netra_contracts.contracts.contract_schema import Address, ContractSchema, PerUserSchema, kebab
from netra_contracts.contracts.event_contract_schema import EventContractSchema, ExpectedEventSchema
from netra_contracts.contracts.json_schema import WithoutNull
from netra_contracts.contracts.model import ComponentContract, ContractSource, DeliveryContract
from netra_contracts.contracts.toml_positions import Path, TomlPositions
from netra_contracts.contracts.validation_messages import problems_of
from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.settings.bootstrap_config import ConfigFile, read_config
from netra_contracts.settings.option_kinds import Option
from netra_contracts.settings.options import KEYS, Options, read_table
from netra_contracts.settings.target_discovery import parse_target

#: Identifies the JSON Schema of the configuration.
SCHEMA_ID = "https://github.com/netra-contracts/netra-contracts/schemas/config.json"


class ContractTables(BaseModel):
    """The tables of the configuration file that declare contracts. Its other keys are `Options`."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="netra-contracts")

    components: dict[Address, ContractSchema] = Field({}, description="Contracts, by the component's address.")
    events: EventContractSchema | None = Field(
        None, description="Events that each user must receive over a WebSocket: see Events."
    )


class Settings(NamedTuple):
    """A configuration file. Paths are relative to its folder."""

    options: Options = Options()
    tables: ContractTables = ContractTables()


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
    positions = _positions(config)
    options, problems = _options(config, positions)
    tables = ContractTables()
    try:
        tables = ContractTables.model_validate({key: config.table[key] for key in config.table if key not in KEYS})
        components: Mapping[str, ContractSchema] = tables.components
    except ValidationError as error:
        problems.extend(problems_of(error, positions, _keys_at))
        components = dict(_valid_contracts(config.table.get("components")))
    problems.sort(key=lambda located: located[0])
    all_problems = [problem for _, problem in problems]
    # More contracts may come from elsewhere: names that are not declared here may be declared there.
    all_problems.extend(check_contracts(_contracts(components, positions), complete=False))
    if all_problems:
        raise UsageError(all_problems)
    return Settings(options, tables)


def place_of(config: ConfigFile, key: str, index: int = -1) -> str:
    """A key of a configuration file, or a member of its list, as messages name it."""
    return _positions(config).of((key,) if index < 0 else (key, index))


def _positions(config: ConfigFile) -> TomlPositions:
    return TomlPositions(config.path, config.text, config.prefix)


def _options(config: ConfigFile, positions: TomlPositions) -> tuple[Options, list[tuple[int, Problem]]]:
    """The options of a configuration file, and what is wrong with them, each with its line."""
    options, errors = read_table(config.table)
    problems = []
    for key, error in errors:
        path = (key, *error.path)
        problems.append((positions.line(path), Problem(str(error), positions.of(path), error.hint)))
    try:
        if options.target:
            parse_target(options.target, config.folder)
    except UsageError as error:
        place = positions.of(("target",))
        problems.extend((positions.line(("target",)), problem._replace(place=place)) for problem in error.problems)
    return options, problems


def _keys_at(path: Path) -> Sequence[str]:
    if not path:
        return [*KEYS, *ContractTables.model_fields]
    model: type[BaseModel] = PerUserSchema if path[2:3] == ("per-user",) else ContractSchema
    if path[:1] == ("events",):
        model = ExpectedEventSchema if path[1:2] == ("expect",) else EventContractSchema
    return [kebab(name) for name in model.model_fields]


def _valid_contracts(components: object) -> Iterator[tuple[str, ContractSchema]]:
    """The contracts that are valid by themselves, of a table in which something is wrong."""
    for component, terms in components.items() if isinstance(components, dict) else ():
        try:
            yield component, ContractSchema.model_validate(terms)
        except ValidationError:
            continue


def _contracts(components: Mapping[str, ContractSchema], positions: TomlPositions) -> tuple[ComponentContract, ...]:
    def origin(component: str) -> ContractSource:
        path = ("components", component)
        return ContractSource(text=positions.of(path), location=positions.location(path))

    return tuple(terms.contract(component, origin(component)) for component, terms in components.items())


def contracts_from_toml(settings: Settings, config: ConfigFile | None) -> tuple[ComponentContract, ...]:
    """The contracts of a configuration file, each with its line."""
    return () if config is None else _contracts(settings.tables.components, _positions(config))


def events_from_toml(settings: Settings, config: ConfigFile | None) -> DeliveryContract | None:
    """The event contract of a configuration file, if it has one."""
    events = settings.tables.events
    if config is None or events is None:
        return None
    positions = _positions(config)
    return events.contract(ContractSource(text=positions.of(("events",)), location=positions.location(("events",))))


def read_contracts_file(path: str) -> ContractsFile:
    """A TOML file that is named as a source of contracts.

    It is written and validated like a configuration file, with or without `[tool.netra-contracts]`. Only its
    `components`, `events` and `checks` are used.

    Raises:
        UsageError: with everything that is wrong with it, and if it declares nothing.
    """
    config = read_config(path)
    settings = load_settings(config)
    tables, checks = settings.tables, settings.options.checks
    if not tables.components and not checks and tables.events is None:
        hint = "add [components.NAME], or [tool.netra-contracts.components.NAME] in a pyproject.toml"
        raise UsageError([Problem("this file declares no contracts", display_path(path), hint)])
    return ContractsFile(contracts_from_toml(settings, config), checks, events_from_toml(settings, config))


def problems_of_contract_files(given: Options, config: ConfigFile | None) -> Iterator[Problem]:
    """What is wrong with the contents of the TOML files that a configuration names, if none are given instead."""
    named = given.contracts or read_table(config.table if config else {})[0].contracts
    folder = "" if given.contracts or config is None else config.folder
    for name in named:
        path = os.path.join(folder, name)
        if name.endswith(".toml") and os.path.isfile(path):
            try:
                read_contracts_file(path)
            except UsageError as error:
                yield from error.problems


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `netra-contracts.toml` and of `pyproject.toml`, whose other tables it ignores."""
    tables = ContractTables.model_json_schema(by_alias=True, mode="validation", schema_generator=WithoutNull)
    options = {key: _option_schema(option) for key, option in KEYS.items()}
    properties = {**options, **tables.pop("properties")}
    definitions = {**tables.pop("$defs"), "Configuration": {**tables, "properties": properties}}
    own = {"$ref": "#/$defs/Configuration"}
    tool = {"description": "Tables of tools.", "type": "object", "properties": {"netra-contracts": own}}
    keys = {key: {"$ref": f"#/$defs/Configuration/properties/{key}"} for key in properties}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": tables["title"],
        "type": "object",
        "properties": {**keys, "tool": tool},
        "if": {"anyOf": [{"required": [table]} for table in ("tool", "project", "build-system", "dependency-groups")]},
        "else": {"propertyNames": {"enum": list(keys)}},
        "$defs": definitions,
    }


def _option_schema(option: Option[Any]) -> dict[str, Any]:
    default = {"default": option.default} if option.default else {}
    return {"description": option.help, **option.schema(), **default}
