"""The targets of a pytest run: which configuration has them, and which of them the command line names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from netra_contracts.errors import UsageError
from netra_contracts.pytest_plugin import FLAG
from netra_contracts.pytest_plugin.targets import CheckedTarget, problems_of_file
from netra_contracts.settings import targets
from netra_contracts.settings.bootstrap_config import OWN_FILE, PYPROJECT, ConfigFile, find_config, read_config
from netra_contracts.settings.options import Options


class RunTargets:
    """The targets of a run, each found once.

    Args:
        spec: the target of the command line; empty: it names none.
        invocation_dir: where pytest was started: configuration is searched for here and above first.
        rootpath: pytest's rootdir, where it is searched for next.
    """

    def __init__(self, spec: str, invocation_dir: Path, rootpath: Path) -> None:
        self._spec = spec
        self._invocation_dir = invocation_dir
        self._rootpath = rootpath
        self._default: list[CheckedTarget] = []
        self._of_files: dict[Path, list[CheckedTarget]] = {}

    @property
    def default(self) -> list[CheckedTarget]:
        """The target of the command line, else all of the nearest configuration, else a discovered one.

        Raises:
            UsageError: if the configuration is wrong, or there is no target.
        """
        if not self._default:
            config = self._nearest()
            spec, folder = self._spec, config.folder if config is not None else str(self._rootpath)
            if spec.partition(":")[0].endswith(".py"):
                spec = os.path.join(self._invocation_dir, spec)
            self._default = _targets(spec, config, folder)
        return self._default

    def of_file(self, path: Path) -> list[CheckedTarget]:
        """The targets of a configuration file; none if it is another file.

        Raises:
            UsageError: if the configuration is wrong.
        """
        if path.name not in (OWN_FILE, PYPROJECT) or not path.is_file():
            return []
        if path not in self._of_files:
            nearest = self._nearest()
            if nearest is not None and Path(nearest.path) == path:
                self._of_files[path] = self.default
            else:
                config = read_config(str(path))
                is_ours = bool(config.prefix) or path.name == OWN_FILE
                self._of_files[path] = _targets("", config, config.folder) if is_ours else []
        return self._of_files[path]

    def found(self) -> Iterator[CheckedTarget]:
        """All targets that were asked for so far, each once."""
        every = [*self._default, *(target for found in self._of_files.values() for target in found)]
        yield from {id(target): target for target in every}.values()

    def _nearest(self) -> ConfigFile | None:
        return find_config(str(self._invocation_dir)) or find_config(str(self._rootpath))


def _targets(spec: str, config: ConfigFile | None, folder: str) -> list[CheckedTarget]:
    given, problems = Options.from_arguments({"target": spec or None}, lambda _: (FLAG, "the target"))
    if problems:
        raise UsageError(problems)
    if config is None or targets.KEY not in config.table:
        return [CheckedTarget(given, config, folder)]
    if any(targets.problems_of(config)):
        raise UsageError(problems_of_file(config))
    names = targets.names_of(config)
    if spec:
        config, given = targets.choose(config, given)
        name = names[config.target] if config.target is not None else ""  # its tests have the same node ids as in all
        return [CheckedTarget(given, config, folder, name)]
    return [
        CheckedTarget(given, targets.of_target(config, position), folder, name) for position, name in enumerate(names)
    ]
