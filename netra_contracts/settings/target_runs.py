"""The targets of a run of several: those of one configuration file, or of every file below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netra_contracts.errors import Problem, UsageError
from netra_contracts.settings import targets
from netra_contracts.settings.bootstrap_config import OWN_FILE, PREFIX, PYPROJECT, ConfigFile
from netra_contracts.settings.config_search import find_configs
from netra_contracts.settings.configuration import Settings, load_targets, place_of
from netra_contracts.settings.options import Options
from netra_contracts.settings.options.kinds import PathText
from netra_contracts.settings.unknown_codes import unknown_codes, unknown_ignored_codes


class TargetRun(NamedTuple):
    """One target of a run of several.

    Attributes:
        name: its name in the report, which no other has.
        folder: that it runs in.
        config: its configuration.
        settings: what the configuration says.
        problems: why it cannot be run; empty: it can.
    """

    name: str
    folder: str
    config: ConfigFile | None
    settings: Settings = Settings()
    problems: tuple[Problem, ...] = ()


def runs_of_file(config: ConfigFile, folder: str, codes: Sequence[str]) -> list[TargetRun]:
    """The targets of a configuration file, in their order.

    Args:
        config: the file.
        folder: that the targets run in.
        codes: of all checks.

    Raises:
        UsageError: with everything that is wrong with the file.
    """
    loaded = load_targets(config)
    problems = [problem for file, settings in loaded for problem in _wrong_codes(file, settings, codes)]
    if problems:
        raise UsageError(dict.fromkeys(problems))
    names = targets.names_of(config) or [settings.options.target or "" for _, settings in loaded]
    return [TargetRun(name, folder, file, settings) for name, (file, settings) in zip(names, loaded, strict=True)]


def _wrong_codes(config: ConfigFile, settings: Settings, codes: Sequence[str]) -> Iterator[Problem]:
    def place(name: str, step: int | str) -> str:
        return place_of(config, Options.declared[name].key, step)

    yield from unknown_codes(settings.options, codes, place)
    yield from unknown_ignored_codes(settings.ignored, codes)


def runs_below(folder: str, codes: Sequence[str]) -> list[TargetRun]:
    """The targets of every configuration file below a folder, in the order of the paths. Each runs in its own folder.

    A file with one target gives it the path of its folder as a name; each of `targets` adds its own name to that. What
    is wrong with a file or a folder is a problem of one run, and does not keep the others from running.

    Args:
        folder: to search.
        codes: of all checks.

    Raises:
        UsageError: if there is no configuration file, or no such folder.
    """
    runs: list[TargetRun] = []
    for found in find_configs(folder):
        if found.config is None:
            runs.append(TargetRun(found.name, found.folder, None, problems=found.problems))
            continue
        try:
            of_file = runs_of_file(found.config, found.folder, codes)
        except UsageError as error:
            runs.append(TargetRun(found.name, found.folder, found.config, problems=error.problems))
            continue
        several = targets.KEY in found.config.table
        runs.extend(run._replace(name=f"{found.name}:{run.name}" if several else found.name) for run in of_file)
    if not runs:
        hint = f"each project to check has a {OWN_FILE}, or [{PREFIX}] in its {PYPROJECT}"
        raise UsageError([Problem("there is no configuration file in this folder or below it", folder, hint)])
    return runs


def runs_here(config: ConfigFile | None, folder: str, codes: Sequence[str]) -> list[TargetRun]:
    """The targets of the configuration of the current folder.

    Args:
        config: its configuration file.
        folder: the current folder.
        codes: of all checks.

    Raises:
        UsageError: with everything that is wrong with the file, or if there is none.
    """
    if config is None:
        raise UsageError([targets.nothing_configured(folder)])
    return runs_of_file(config, folder, codes)


def for_another_folder(given: Options, folder: str) -> Options:
    """The options of the command line with paths that do not depend on the current folder.

    Args:
        given: the options.
        folder: the current one.
    """
    paths = {
        name: os.path.join(folder, os.path.expanduser(value))
        for name, value in given.given.items()
        if isinstance(Options.declared[name], PathText) and (name != "python" or os.sep in value)  # else it is on PATH
    }
    contracts = tuple(os.path.join(folder, name) if name.endswith(".toml") else name for name in given.contracts)
    return Options({**given.given, **paths, **({"contracts": contracts} if contracts else {})})
