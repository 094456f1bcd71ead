"""The configuration file, validated: everything that is wrong with it is said at once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from netra_contracts.config.early import ConfigFile, PREFIX, read_toml
from netra_contracts.config.places import Lines
from netra_contracts.config.problems import problems_of
from netra_contracts.config.terms import PhaseName, Terms, kebab, one_of
from netra_contracts.errors import Problem, UsageError
from netra_contracts.model.contract import ComponentContract, Origin
from netra_contracts.wire import Location

FAIL_LEVELS = ("error", "warning", "never")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class Settings(BaseModel):
    """Everything that a configuration file may say."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, populate_by_name=True)

    target: str | None = Field(None, description="What to start: module:attr, a module, or a file.")
    factory: bool | None = Field(None, description="Call the target, or do not; default: found out.")
    app_dir: str | None = Field(None, description="Put first on the import path; relative to this file.")
    python: str | None = Field(None, description="Interpreter to start the target in.")
    env: Mapping[str, str] = Field({}, description="Environment for the target.")
    env_file: str | None = Field(None, description="A file with environment for the target.")
    contracts: Words = Field((), description="Contracts in Python (module:attr) or in other TOML files.")
    checks: Words = Field((), description="Modules with functions marked with phase_check.")
    phase: PhaseName | None = Field(None, description="Judge no later phase.")
    select: Words = Field((), description="Codes, or prefixes of codes, to report.")
    ignore: Words = Field((), description="Codes, or prefixes of codes, not to report.")
    fail_level: Annotated[str | None, one_of("fail level", list(FAIL_LEVELS))] = Field(
        None, description="From which severity on findings fail: error, warning, never."
    )
    startup_timeout: Annotated[float, Field(gt=0)] | None = Field(None, description="Seconds for import and startup.")
    shutdown_timeout: Annotated[float, Field(gt=0)] | None = Field(None, description="Seconds for shutdown.")
    settle: Annotated[float, Field(ge=0)] | None = Field(None, description="Seconds to watch after startup.")
    format: str | None = Field(None, description="Format of the report.")
    components: dict[str, Terms] = Field({}, description="Contracts, by component.")

    @field_validator("components")
    @classmethod
    def _have_names(cls, value: dict[str, Terms]) -> dict[str, Terms]:
        if "" in value:
            raise ValueError("a component has no name")
        return value


def _known_keys(path: Sequence[str]) -> Sequence[str]:
    model: type[BaseModel] = Terms if len(path) == 2 and path[0] == "components" else Settings
    return [kebab(name) for name in model.model_fields]


def _validate(config: ConfigFile) -> Settings:
    prefix = tuple(config.prefix.split(".")) if config.prefix else ()
    lines = Lines(config.text)

    def place(path: Sequence[str]) -> str:
        keys = (*prefix, *path)
        line = lines.of(keys)
        return f"{_shown(config.path)}{'' if line is None else f':{line}'}: {'.'.join(map(_quoted, keys))}"

    try:
        return Settings.model_validate(config.table)
    except ValidationError as error:
        raise UsageError(problems_of(error, place, _known_keys)) from error


def _quoted(key: str) -> str:
    return key if key.replace("-", "_").isidentifier() or key.isdigit() else f'"{key}"'


def _shown(path: str) -> str:
    """A path as the user would write it from here."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def load_settings(config: ConfigFile | None) -> Settings:
    """The validated settings of a configuration file; the defaults without one.

    Raises:
        UsageError: with everything that is wrong.
    """
    return Settings() if config is None else _validate(config)


def contracts_from_toml(settings: Settings, config: ConfigFile | None) -> tuple[ComponentContract, ...]:
    """The contracts of a configuration, with the lines where they stand."""
    if config is None:
        return ()
    lines = Lines(config.text)
    prefix = tuple(config.prefix.split(".")) if config.prefix else ()
    found = []
    for name, terms in settings.components.items():
        keys = (*prefix, "components", name)
        line = lines.of(keys)
        location = None if line is None else Location(config.path, line)
        text = f"{_shown(config.path)}{'' if line is None else f':{line}'}: {'.'.join(map(_quoted, keys))}"
        found.append(terms.contract(name, Origin(text=text, location=location)))
    return tuple(found)


def contracts_from_file(path: str) -> tuple[ComponentContract, ...]:
    """The contracts of another TOML file: a `pyproject.toml`, or one with the same keys without a prefix.

    Raises:
        UsageError: with everything that is wrong.
    """
    document, text = read_toml(path)
    tool = document.get("tool")
    ours = tool.get("netra-contracts") if isinstance(tool, dict) else None
    table, prefix = (ours, PREFIX) if isinstance(ours, dict) else (document, "")
    config = ConfigFile(path, os.path.dirname(path), prefix, table, text)
    settings = _validate(config)
    if not settings.components:
        raise UsageError([Problem("it declares no components", _shown(path), "add [components.NAME] tables")])
    return contracts_from_toml(settings, config)


def schema() -> dict[str, Any]:
    """JSON Schema of the configuration."""
    made = Settings.model_json_schema(by_alias=True)
    made["title"] = "netra-contracts configuration"
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return made
