"""Several targets in one configuration file: `targets`, its validation, and the choice of one.

Standard library only: one may be chosen before it is started.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from netra_contracts.contracts.values import InvalidValue, quoted, wrong_type
from netra_contracts.errors import Problem, UsageError, did_you_mean
from netra_contracts.settings.bootstrap_config import MERGED_TABLES, PREFIX, PYPROJECT, ConfigFile
from netra_contracts.settings.options import KEYS, TARGET_KEYS, Options

Path = tuple[str | int, ...]

KEY = "targets"
NAME = "name"
_MAX_NAME = 100
#: What a name looks like in JSON Schema. It is shown on one line, and can be an argument of `check`.
NAME_PATTERN = rf"^[^-\s\x00-\x1f\x7f/](?:[^\x00-\x1f\x7f/]{{0,{_MAX_NAME - 2}}}[^\s\x00-\x1f\x7f/])?$"
#: How many names a message lists.
_MAX_LISTED = 20


def tables_of(config: ConfigFile) -> list[dict[str, Any]]:
    """The tables of the targets of a configuration file; those that are not tables are empty."""
    written = config.table.get(KEY)
    return [entry if isinstance(entry, dict) else {} for entry in written] if isinstance(written, list) else []


def names_of(config: ConfigFile) -> list[str]:
    """The names of the targets, in their order. Without a name, it is what `target` says; empty: it has neither."""
    return [_name_of(table, config) for table in tables_of(config)]


def configured_names(config: ConfigFile) -> list[str]:
    """The names of all targets of the file, also where `config` is the configuration of one of them."""
    return names_of(config if config.whole is None else config._replace(table=config.whole))


def _name_of(table: Mapping[str, Any], config: ConfigFile) -> str:
    name = table.get(NAME, _target_of(table, config))
    return name if isinstance(name, str) else ""


def _target_of(table: Mapping[str, Any], config: ConfigFile) -> Any:
    return table.get("target", config.table.get("target", ""))


def of_target(config: ConfigFile, position: int) -> ConfigFile:
    """The configuration of one target: its own keys, and those outside of `targets` that it does not have."""
    own = tables_of(config)[position]
    outside = {key: value for key, value in config.table.items() if key != KEY}
    merged = {**outside, **{key: value for key, value in own.items() if key != NAME}}
    for key in MERGED_TABLES:
        tables = (outside.get(key), own.get(key))
        if all(isinstance(table, dict) for table in tables):
            merged[key] = {**outside[key], **own[key]}
    return config._replace(table=merged, target=position, whole=config.table)


def choose(config: ConfigFile, options: Options) -> tuple[ConfigFile, Options]:
    """The configuration of the target that a command names, where one file configures several.

    The target may be given by its name, or as its key `target` has it. Any other target has the keys outside of
    `targets`.

    Returns:
        The configuration, and the options without the target, if it is that of the configuration. Both are unchanged if
        `targets` is not valid.

    Raises:
        UsageError: if it is not clear which of them is meant.
    """
    if KEY not in config.table or any(problems_of(config)):
        return config, options
    target, names = options.target, names_of(config)
    if target is None:
        if len(names) > 1:
            raise UsageError([_not_one(config, f"{len(names)} targets are configured: {_listed(names)}", names)])
        return of_target(config, 0), options
    meant = [names.index(target)] if target in names else _with_target(config, target)
    if len(meant) > 1:
        names = [names[position] for position in meant]
        raise UsageError([_not_one(config, f"`{target}` is the target of {_listed(names)}", names)])
    if meant:
        others = {name: value for name, value in options.given.items() if name != "target"}
        return of_target(config, meant[0]), Options(others)
    near = "" if ":" in target or target.endswith(".py") else did_you_mean(target, names)
    if near:
        hint = f"{near} To check a module of this name, name its application as well: {target}:app"
        raise UsageError([Problem(f"no configured target has the name {quoted(target)}", "TARGET", hint)])
    outside = {key: value for key, value in config.table.items() if key not in (KEY, "target")}
    return config._replace(table=outside, whole=config.table), options


def _with_target(config: ConfigFile, target: str) -> list[int]:
    return [position for position, table in enumerate(tables_of(config)) if _target_of(table, config) == target]


def _not_one(config: ConfigFile, message: str, names: Sequence[str]) -> Problem:
    hint = f"name one as the target, e.g. {quoted(names[0])}, or check all with `netra-contracts check --all`"
    return Problem(message, config.positions().of((KEY,)), hint)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
    return f"{', '.join(names[:_MAX_LISTED])}{more}"


def problems_of(config: ConfigFile) -> Iterator[tuple[Path, InvalidValue]]:
    """What is wrong with `targets` itself, apart from the values of keys that a configuration without it has, too."""
    if KEY not in config.table:
        return
    written = config.table[KEY]
    if not isinstance(written, list):
        header = f"{config.prefix}.{KEY}" if config.prefix else KEY
        wrong = wrong_type(KEY, "a list of tables", written)
        yield (KEY,), InvalidValue(str(wrong), f"write [[{header}]] above the keys of each target")
        return
    if not written:
        yield (KEY,), InvalidValue("targets must not be empty", "leave it out, or add a target")
    seen: dict[str, int] = {}
    for position, table in enumerate(written):
        path: Path = (KEY, position)
        if not isinstance(table, dict):
            yield path, wrong_type(f"targets[{position}]", "a table", table)
            continue
        yield from ((((*path, *error.path)), error) for error in _problems_of_table(table, config))
        name = _name_of(table, config)
        if name and name in seen:
            where = (*path, NAME) if NAME in table else path
            hint = f"add {NAME} = ..., one for each" if NAME not in table else "give each target a different name"
            yield where, InvalidValue(f"targets[{seen[name]}] also has the name {quoted(name)}", hint)
        seen.setdefault(name, position)


def _problems_of_table(table: Mapping[str, Any], config: ConfigFile) -> Iterator[InvalidValue]:
    if NAME in table:
        wrong = _problem_of_name(table[NAME])
        if wrong is not None:
            yield wrong
    if "target" not in table and "target" not in config.table:
        yield InvalidValue("target is missing", 'add target = "module:attr"')
    for key in table:
        if key in KEYS and key not in TARGET_KEYS:
            message = f"{key} is about the whole run, not about one target"
            yield InvalidValue(message, "write it outside of targets", (key,))
        elif key == KEY:
            yield InvalidValue("targets cannot be nested", "write it outside of this table", (key,))


def _problem_of_name(name: object) -> InvalidValue | None:
    """Why a name cannot be that of a target, if it cannot."""
    path = (NAME,)
    if not isinstance(name, str):
        return wrong_type(NAME, "a string", name, path)
    if not name:
        return InvalidValue("name must not be empty", "leave it out, or set a value", path)
    if not name.isprintable() or name != name.strip() or "/" in name or name.startswith("-"):
        hint = f'use letters, digits and "-", e.g. name = "{_valid_name(name)}"'
        message = (
            f"the name {quoted(_escaped(name))} has a control character, a slash, a leading dash, or space at an end"
        )
        return InvalidValue(message, hint, path)
    if len(name) > _MAX_NAME:
        return InvalidValue(f"name must have at most {_MAX_NAME} characters, not {len(name)}", path=path)
    return None


def _escaped(name: str) -> str:
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in name)


def _valid_name(name: str) -> str:
    words = "".join(char if char.isalnum() or char in "._-" else " " for char in name).split()
    return "-".join(words).strip("-")[:_MAX_NAME] or "main"


def nothing_configured(folder: str) -> Problem:
    """The problem that all configured targets are to be checked where no configuration file is."""
    hint = (
        f'configure each target in {PYPROJECT}, e.g. [[{PREFIX}.{KEY}]] with target = "myapp.main:app"; or check the '
        "projects below this folder: `netra-contracts check --all .`"
    )
    return Problem("no target is configured here", folder, hint)
