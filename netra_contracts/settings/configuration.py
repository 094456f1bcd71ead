"""The configuration file, validated: everything that is wrong with it is reported at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from netra_contracts.contracts.consistency import check_contracts
from netra_contracts.contracts.contract_schema import ComponentAddress, ContractSchema, PerUserSchema, kebab
from netra_contracts.contracts.event_contract_schema import EventContractSchema, ExpectedEventSchema
from netra_contracts.contracts.json_schema import WithoutNull
from netra_contracts.contracts.model import ComponentContract, ContractSource, DeliveryContract
from netra_contracts.contracts.toml_positions import Path, TomlPositions
from netra_contracts.contracts.validation_messages import problems_of
from netra_contracts.contracts.values import InvalidValue
from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.model.suppression import Suppression
from netra_contracts.settings import targets
from netra_contracts.settings.bootstrap_config import ConfigFile, read_config
from netra_contracts.settings.options import CONTRACT_TABLES, KEYS, TARGET_KEYS, Options, read_table
from netra_contracts.settings.options.kinds import Option
from netra_contracts.settings.target_discovery import parse_target

#: Identifies the JSON Schema of the configuration.
SCHEMA_ID = "https://github.com/netra-contracts/netra-contracts/schemas/config.json"


class ContractTables(BaseModel):
    """The tables of the configuration file that declare contracts. Its other keys are `Options`."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="netra-contracts")

    components: dict[ComponentAddress, ContractSchema] = Field({}, description="Contracts, by the component's address.")
    events: EventContractSchema | None = Field(
        None, description="Events that each user must receive over a WebSocket: see Events."
    )


class Settings(NamedTuple):
    """A configuration file. Paths are relative to its folder. `ignored` are the tables of its key `ignore`."""

    options: Options = Options()
    tables: ContractTables = ContractTables()
    ignored: tuple[Suppression, ...] = ()


class ContractsFile(NamedTuple):
    """What a TOML file of contracts contributes to a check."""

    contracts: tuple[ComponentContract, ...]
    checks: tuple[str, ...]
    events: DeliveryContract | None = None


def load_settings(config: ConfigFile | None) -> Settings:
    """The settings of a configuration file, or of one of its targets; the defaults where there is none.

    Raises:
        UsageError: with everything that is wrong with the whole file, contracts that contradict each other included.
    """
    if config is None:
        return Settings()
    settings, of_targets = _validated(config)
    return settings if config.target is None else of_targets[config.target]


def load_targets(config: ConfigFile) -> list[tuple[ConfigFile, Settings]]:
    """The configuration and the settings of each target of a configuration file. Without `targets`, it has one.

    Raises:
        UsageError: with everything that is wrong with the file.
    """
    settings, of_targets = _validated(config)
    if targets.KEY not in config.table:
        return [(config, settings)]
    return [(targets.of_target(config, position), settings) for position, settings in enumerate(of_targets)]


def _validated(config: ConfigFile) -> tuple[Settings, list[Settings]]:
    """The settings outside of `targets`, and those of each target.

    Raises:
        UsageError: with everything that is wrong.
    """
    if config.whole is not None:
        config = config._replace(table=config.whole, whole=None, target=None)
    positions = config.positions()
    outside, problems = _read(config, config.table, positions, KEYS)
    structure = [
        (positions.line(path), _problem(error, positions.of(path))) for path, error in targets.problems_of(config)
    ]
    problems.extend(structure)
    inside = []
    for position, table in enumerate(targets.tables_of(config)):
        read, wrong = _read(config, table, positions.below((targets.KEY, position)), TARGET_KEYS)
        inside.append(read)
        problems.extend(wrong)
    problems.sort(key=lambda located: located[0])
    all_problems = [problem for _, problem in problems]
    # More contracts may come from elsewhere: names that are not declared here may be declared there.
    all_problems.extend(check_contracts(_contracts(outside.tables.components, positions), complete=False))
    names = targets.names_of(config)
    of_targets = [_of_target(outside, read, name) for read, name in zip(inside, names, strict=True)]
    for position, settings in enumerate(of_targets):
        lines = targets.of_target(config, position).positions()
        all_problems.extend(check_contracts(_contracts(settings.tables.components, lines), complete=False))
    if all_problems:
        raise UsageError(dict.fromkeys(all_problems))
    return outside, of_targets


def _of_target(outside: Settings, inside: Settings, name: str) -> Settings:
    """The settings of a target: its own, and those outside of `targets` that it does not have."""
    own = tuple(entry.model_copy(update={"target": name}) for entry in inside.ignored)
    options = inside.options.over(outside.options)
    env = {**outside.options.env, **inside.options.env}
    tables = ContractTables.model_construct(
        components={**outside.tables.components, **inside.tables.components},
        events=inside.tables.events or outside.tables.events,
    )
    options = Options({**options.given, "env": env}) if env else options
    return Settings(options, tables, own if "ignore" in inside.options.given else outside.ignored)


def place_of(config: ConfigFile, key: str, step: int | str = -1) -> str:
    """A key of a configuration file, or a member of its list or table, as messages name it.

    Args:
        config: the file.
        key: of the configuration.
        step: the number of a text in the list, or a key of the table; -1: the whole value is meant.
    """
    if step == -1:
        return config.positions().of((key,))
    value = config.table.get(key)
    if isinstance(step, int) and isinstance(value, list):
        step = [number for number, member in enumerate(value) if isinstance(member, str)][step]
    return config.positions().of((key, step))


def _problem(error: InvalidValue, place: str) -> Problem:
    return Problem(str(error), place, error.hint)


def _read(
    config: ConfigFile, table: Mapping[str, Any], positions: TomlPositions, keys: Mapping[str, Option[Any]]
) -> tuple[Settings, list[tuple[int, Problem]]]:
    """The settings in a table, and what is wrong with them, each with its line.

    Args:
        config: the file that has the table.
        table: the whole configuration, or that of one target.
        positions: of the keys in the table.
        keys: the options that it can have.
    """
    options, problems = _options({key: table[key] for key in table if key in keys}, positions, config.folder)
    known = (*keys, targets.KEY) if keys is KEYS else (*KEYS, targets.KEY, targets.NAME)
    try:
        tables = ContractTables.model_validate({key: table[key] for key in table if key not in known})
    except ValidationError as error:
        names = [*keys, *CONTRACT_TABLES, targets.KEY if keys is KEYS else targets.NAME]
        problems.extend(problems_of(error, positions, lambda path: _keys_at(path) if path else names))
        tables = ContractTables.model_construct(components=dict(_valid_contracts(table.get("components"))))
    ignored: tuple[Suppression, ...] = ()
    if _has_tables(table.get("ignore")):
        from netra_contracts.settings.suppression_schema import read_ignored  # noqa: PLC0415 - only where it is used

        ignored, wrong = read_ignored(table["ignore"], positions)
        problems.extend(wrong)
    return Settings(options, tables, ignored), problems


def _has_tables(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(member, dict) for member in value)


def _options(
    table: Mapping[str, Any], positions: TomlPositions, folder: str
) -> tuple[Options, list[tuple[int, Problem]]]:
    """The options in a table, and what is wrong with them, each with its line."""
    options, errors = read_table(table)
    problems = []
    for key, error in errors:
        path = (key, *error.path)
        problems.append((positions.line(path), _problem(error, positions.of(path))))
    try:
        if options.target:
            parse_target(options.target, folder)
    except UsageError as error:
        place = positions.of(("target",))
        problems.extend((positions.line(("target",)), problem._replace(place=place)) for problem in error.problems)
    return options, problems


def _keys_at(path: Path) -> Sequence[str]:
    """The keys of a table of contracts."""
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
    return () if config is None else _contracts(settings.tables.components, config.positions())


def events_from_toml(settings: Settings, config: ConfigFile | None) -> DeliveryContract | None:
    """The event contract of a configuration file, if it has one."""
    events = settings.tables.events
    if config is None or events is None:
        return None
    positions = config.positions()
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
    of_contracts, definitions = tables.pop("properties"), tables.pop("$defs")
    properties = {**_target_options(), **of_contracts}
    target = {**tables, "title": "Target", "description": "One of several targets.", "properties": properties}
    several = {
        "description": "Targets, each with its own keys; keys outside of `targets` are their defaults.",
        "type": "array",
        "minItems": 1,
        "items": {"$ref": "#/$defs/Target"},
    }
    properties = {**_option_schemas(KEYS), **of_contracts, targets.KEY: several}
    definitions = {**definitions, "Configuration": {**tables, "properties": properties}, "Target": target}
    from netra_contracts.settings.suppression_schema import IgnoredFindings  # noqa: PLC0415 - only where it is used

    definitions["IgnoredFindings"] = IgnoredFindings.model_json_schema(by_alias=True, schema_generator=WithoutNull)
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


def _target_options() -> dict[str, Any]:
    name = {
        "description": "Name of the target in reports and for `netra-contracts check NAME`. Default: its `target`.",
        "type": "string",
        "pattern": targets.NAME_PATTERN,
    }
    return {targets.NAME: name, **_option_schemas(TARGET_KEYS)}


def _option_schemas(options: Mapping[str, Option[Any]]) -> dict[str, Any]:
    return {key: _option_schema(option) for key, option in options.items()}


def _option_schema(option: Option[Any]) -> dict[str, Any]:
    default = {"default": option.default} if option.default else {}
    return {"description": option.help, **option.schema(), **default}
