"""The result of a run of the command: the report of each target. Built-in renderers draw this value only."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from netra_contracts.contracts.model import FrozenModel
from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report


class NamedReport(FrozenModel):
    """The report of one target.

    Attributes:
        name: the target's name in the configuration; empty: the run has one target without a name.
        report: its report.
    """

    name: str = ""
    report: Report

    @property
    def title(self) -> str:
        """What the target is called: its name, else what the user typed."""
        return self.name or self.report.target.info.spec or self.report.target.info.module


class TargetError(FrozenModel):
    """A target without a report.

    Attributes:
        name: the target's name.
        exit_code: 2: its configuration is wrong, or there is nothing to check; 3: internal error.
        problems: what is wrong, one sentence each.
    """

    name: str
    exit_code: Literal[2, 3]
    problems: tuple[str, ...]


class IdentifiedFinding(NamedTuple):
    """A finding with the target that has it.

    Attributes:
        target: the target's report.
        finding: the finding.
        fingerprint: 16 hexadecimal digits that no other finding of the run has, stable from run to run.
    """

    target: NamedReport
    finding: Finding
    fingerprint: str


class RunReport(FrozenModel):
    """The reports of all targets of a run.

    Attributes:
        reports: of the targets that could be checked, in the order of the configuration.
        errors: the targets that could not be checked.
        several: whether the run was asked for all targets, however many there are.
    """

    reports: tuple[NamedReport, ...]
    errors: tuple[TargetError, ...] = ()
    several: bool = False

    @classmethod
    def of(cls, report: Report) -> RunReport:
        """The run of one target."""
        return cls(reports=(NamedReport(report=report),))

    @property
    def exit_code(self) -> int:
        """The exit status: the highest of all targets. An internal error overrides wrong usage, and that findings."""
        return max(
            (*(named.report.exit_code for named in self.reports), *(error.exit_code for error in self.errors)),
            default=0,
        )

    def findings(self) -> Iterator[IdentifiedFinding]:
        """The findings of all targets, each with a fingerprint that no other has.

        A run of several targets counts the target's name in, since the same component may be broken in two of them.
        Consumers such as GitLab show findings with the same fingerprint once, so a repeated one is numbered.
        """
        seen: Counter[str] = Counter()
        for named in self.reports:
            for finding in named.report.findings:
                fingerprint = _digest(named.name, finding.fingerprint) if self.several else finding.fingerprint
                seen[fingerprint] += 1
                count = seen[fingerprint]
                unique = fingerprint if count == 1 else _digest(fingerprint, str(count))
                yield IdentifiedFinding(named, finding, unique)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()[:16]
