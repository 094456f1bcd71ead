"""Where other tools show a finding: a line in the repository, and its path as they want it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions


def anchor(finding: Finding, report: Report, options: RenderOptions) -> Location:
    """Return the line at which a finding is shown. There is always one: GitHub refuses reports with a result without.

    That is the finding's own line, else the line of a cause, else that of the contract, else the target's file. Lines
    in the repository go before others, since consumers show no file outside of it.
    """
    candidates = list(_candidates(finding, report, options))
    inside = (location for location in candidates if not os.path.isabs(repository_path(location.file, options)))
    return next(inside, candidates[0])


def _candidates(finding: Finding, report: Report, options: RenderOptions) -> Iterator[Location]:
    if finding.location is not None:
        yield finding.location
    yield from (cause.location for cause in finding.causes if cause.location is not None)
    contracts = [component.declared_at for component in report.components if component.address == finding.component]
    if report.clients is not None and not finding.component:
        contracts.append(report.clients.declared_at)
    yield from (location for location in contracts if location is not None)
    target = report.target.info
    if target.location is not None:
        yield target.location
    if target.file:
        yield Location(target.file, 1)
    if options.config_file:
        yield Location(options.config_file, 1)
    yield Location(os.path.join(target.cwd or options.cwd, f"{target.module.replace('.', '/') or 'main'}.py"), 1)


def repository_path(file: str, options: RenderOptions) -> str:
    """Return a path relative to `options.root`, with `/` between the names and links resolved; absolute if outside.

    Args:
        file: an absolute path, or one relative to `options.cwd`.
        options: with the folders.
    """
    root = options.root or options.cwd
    path = os.path.realpath(os.path.join(options.cwd, file))
    if not root:
        return file
    inside = os.path.join(os.path.realpath(root), "")
    return path.removeprefix(inside).replace(os.sep, "/")
