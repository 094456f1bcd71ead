"""A run as a list of entries with a line each, for formats that have nothing else: log commands and issue lists."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.model.report import NOT_RUN
from netra_contracts.model.run_report import IdentifiedFinding, NamedReport, RunReport, TargetError
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import Detail, alone, by_target, details, text
from netra_contracts.reports.grouping import FindingGroup, group_by_root
from netra_contracts.reports.locations import FindingLocations, repository_path
from netra_contracts.reports.wording import clean

#: The name of the tool, as the code of what no check reports.
TOOL = "netra-contracts"


class Entry(NamedTuple):
    """One line of a report.

    Attributes:
        kind: a finding, something that contracts ask for and that was not run, or a target that could not be checked.
        severity: of the finding; what was not run is an error only where that fails the run.
        code: of the check.
        message: one clean line, with the target's name in a run of several.
        details: what explains it.
        location: the line at which it is shown.
        path: that of its file, relative to the repository.
        fingerprint: 16 hexadecimal digits that no other entry has.
        follows_from: code of the finding that it follows from; empty: it is a root cause.
        position: among the entries of its target that have its severity, from 0.
    """

    kind: Literal["finding", "not run", "target"]
    severity: Severity
    code: str
    message: str
    details: tuple[Detail, ...]
    location: Location
    path: str
    fingerprint: str
    follows_from: str = ""
    position: int = 0


def entries(run: RunReport, options: RenderOptions, *, nested: bool) -> Iterator[Entry]:
    """Yield the entries of all targets, those without a report first.

    Args:
        run: the reports.
        options: with the folders.
        nested: whether consequences are details of their root cause, and not entries.
    """
    prints = _Fingerprints()
    for error in run.errors:
        yield _failed_target(error, options, prints)
    for named, findings in by_target(run):
        target = _Target(named, options, prints, several=run.several)
        yield from target.findings(findings, nested=nested)
        yield from target.not_run()


class _Fingerprints:
    """Numbers fingerprints that occur more than once."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def unique(self, fingerprint: str) -> str:
        count = self._seen[fingerprint] = self._seen.get(fingerprint, 0) + 1
        return fingerprint if count == 1 else _digest(fingerprint, str(count))


class _Target:
    """The entries of one target."""

    def __init__(self, named: NamedReport, options: RenderOptions, prints: _Fingerprints, *, several: bool) -> None:
        self._named = named
        self._options = options
        self._prints = prints
        self._places = FindingLocations(named.report, options)
        self._prefix = f"{clean(named.title)}: " if several else ""
        roots, _ = group_by_root(named.report.findings, named.report.blocked)
        self._groups = {id(root.finding): root for root in roots}
        self._counts: Counter[Severity] = Counter()
        self._codes = {finding.fingerprint: finding.code for finding in named.report.findings}

    def findings(self, found: Iterable[IdentifiedFinding], *, nested: bool) -> Iterator[Entry]:
        for _, finding, fingerprint in found:
            group = self._groups.get(id(finding))
            if group is None and nested:
                continue
            group = group if group is not None and nested else self._alone(finding)
            location = self._places.anchor(finding)
            yield Entry(
                "finding",
                finding.severity,
                clean(finding.code) or "?",
                self._prefix + (text(finding.message) or clean(finding.code) or "?"),
                (*details(group, self._options), *_about(finding)),
                location,
                clean(self._places.path(location.file)),
                self._prints.unique(fingerprint),
                clean(self._codes.get(finding.caused_by, "")),
                self._position(finding.severity),
            )

    def _alone(self, finding: Finding) -> FindingGroup:
        """A finding without its consequences, with the contracts that it blocks."""
        group = alone(finding)
        root = self._groups.get(id(finding))
        group.blocked = root.blocked if root is not None else []
        return group

    def not_run(self) -> Iterator[Entry]:
        report = self._named.report
        severity = Severity.ERROR if NOT_RUN in report.failed_by else Severity.WARNING
        for entry in report.not_run:
            if entry.required:
                about = " ".join(filter(None, (entry.component, entry.subject)))
                location = self._places.contract(entry.component) or self._places.target
                print_ = _digest(self._named.name, NOT_RUN, entry.code, entry.component, entry.subject)
                yield Entry(
                    "not run",
                    severity,
                    clean(entry.code) or TOOL,
                    self._prefix + text(f"not run: {f'{about}: ' if about else ''}{entry.reason}"),
                    (),
                    location,
                    clean(self._places.path(location.file)),
                    self._prints.unique(print_),
                    position=self._position(severity),
                )

    def _position(self, severity: Severity) -> int:
        self._counts[severity] += 1
        return self._counts[severity] - 1


def _about(finding: Finding) -> Iterator[Detail]:
    """What formats without a field for it say of a finding, unless its message names the component."""
    if finding.component not in finding.message:
        yield Detail("component", f"`{text(finding.component)}`")
    if finding.phase is not None:
        yield Detail("phase", finding.phase.value)


def _failed_target(error: TargetError, options: RenderOptions, prints: _Fingerprints) -> Entry:
    location = Location(options.config_file or os.path.join(options.cwd, "pyproject.toml"), 1)
    return Entry(
        "target",
        Severity.ERROR,
        TOOL,
        text(f"{error.name} could not be checked: {'; '.join(error.problems)}"),
        (),
        location,
        clean(repository_path(location.file, options)),
        prints.unique(_digest(error.name, "could not be checked")),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()[:16]
