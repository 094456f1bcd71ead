"""Where other tools show a finding: a line in the repository, and its path as they want it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property

from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions


class FindingLocations:
    """Where the findings of one report are shown.

    Args:
        report: with the contracts and the target.
        options: with the folders.
    """

    def __init__(self, report: Report, options: RenderOptions) -> None:
        self._report = report
        self._options = options
        self._paths: dict[str, str] = {}

    def anchor(self, finding: Finding) -> Location:
        """Return the line at which a finding is shown. There is always one: GitHub refuses a result without.

        That is the finding's own line, else the line of a cause, else that of the contract, else the target's file.
        Lines in the repository go before others, since consumers show no file outside of it.
        """
        first = None
        for location in self._candidates(finding):
            if location.file and self.is_inside(location):
                return location
            first = first or (location if location.file else None)
        return first or self.target

    def contract(self, address: str) -> Location | None:
        """Return the line of a component's contract; None: it has none, or its line is unknown."""
        return self._contracts.get(address)

    def path(self, file: str) -> str:
        """Return what `repository_path` does. The file system is read once for each file."""
        path = self._paths.get(file)
        if path is None:
            path = self._paths[file] = repository_path(file, self._options)
        return path

    def is_inside(self, location: Location) -> bool:
        """Return whether a line is in the repository."""
        return not os.path.isabs(self.path(location.file))

    @cached_property
    def target(self) -> Location:
        """The line of the target, else its file, else the configuration file, else the file that its name means."""
        target = self._report.target.info
        if target.location is not None:
            return target.location
        if target.file:
            return Location(target.file, 1)
        if self._options.config_file:
            return Location(self._options.config_file, 1)
        name = target.module.replace(".", "/") or "main"
        return Location(os.path.join(target.cwd or self._options.cwd, f"{name}.py"), 1)

    @cached_property
    def _contracts(self) -> dict[str, Location]:
        return {
            component.address: component.declared_at
            for component in self._report.components
            if component.declared_at is not None
        }

    def _candidates(self, finding: Finding) -> Iterator[Location]:
        if finding.location is not None:
            yield finding.location
        yield from (cause.location for cause in finding.causes if cause.location is not None)
        contract = self.contract(finding.component)
        if contract is not None:
            yield contract
        clients = self._report.clients
        if clients is not None and clients.declared_at is not None and not finding.component:
            yield clients.declared_at
        yield self.target
        if self._options.config_file:
            yield Location(self._options.config_file, 1)


def anchor(finding: Finding, report: Report, options: RenderOptions) -> Location:
    """Return the line at which one finding is shown; see `FindingLocations.anchor`."""
    return FindingLocations(report, options).anchor(finding)


def repository_path(file: str, options: RenderOptions) -> str:
    """Return a path relative to `options.root`, with `/` between the names and links resolved; absolute if outside.

    Args:
        file: an absolute path, or one relative to `options.cwd`.
        options: with the folders.
    """
    root = options.root or options.cwd
    try:
        path = os.path.realpath(os.path.join(options.cwd, file))
    except ValueError:  # it has a null byte, or a character that no path of this system has
        return file
    if not root:
        return file or "."
    inside = os.path.join(os.path.realpath(root), "")
    return path.removeprefix(inside).replace(os.sep, "/") or "."
