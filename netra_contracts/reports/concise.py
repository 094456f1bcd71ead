"""One line for each finding, `path:line: CODE message`, as editors and problem matchers read it."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.model.run_report import NamedReport, RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import place
from netra_contracts.reports.headline import headline
from netra_contracts.reports.locations import FindingLocations
from netra_contracts.reports.wording import clean, relative, sentence


def render(run: RunReport, options: RenderOptions) -> str:
    """Return a line for each finding, blocked contract, and check that contracts ask for and that was not run.

    The last line of a target is its verdict. A finding without a line is shown at that of its contract, or of the
    target.
    """
    lines = [line for named in run.reports for line in _Target(named, run, options).lines()]
    lines += [f"{clean(error.name)}: {sentence(problem)}" for error in run.errors for problem in error.problems]
    return "".join(f"{_encodable(line, options)}\n" for line in lines)


def _encodable(line: str, options: RenderOptions) -> str:
    return line if options.unicode else clean(line, ascii_only=True)


class _Target:
    """The lines of one target."""

    def __init__(self, named: NamedReport, run: RunReport, options: RenderOptions) -> None:
        self._named = named
        self._several = run.several
        self._options = options
        self._places = FindingLocations(named.report, options)
        self._prefix = f"{clean(named.title)}: " if run.several else ""
        self._codes = {finding.fingerprint: clean(finding.code) for finding in named.report.findings}

    def lines(self) -> Iterator[str]:
        report = self._named.report
        yield from map(self._finding, report.findings)
        for blocked in report.blocked:
            yield self._about_contract(blocked.component, f"blocked: {blocked.component}: {blocked.reason}")
        for entry in report.not_run:
            if entry.required:
                about = " ".join(filter(None, (entry.code, entry.component, entry.subject)))
                yield self._about_contract(entry.component, f"not run: {about}: {entry.reason}")
        name = f"{clean(self._named.name)}: " if self._several and self._named.name else ""
        yield name + headline(report)

    def _finding(self, finding: Finding) -> str:
        severity = "" if finding.severity is Severity.ERROR else f"{finding.severity.value}: "
        cause = self._codes.get(finding.caused_by)
        after = f" (follows from {cause})" if cause else ""
        return f"{self._place(finding)}{clean(finding.code)} {self._prefix}{severity}{sentence(finding.message)}{after}"

    def _about_contract(self, component: str, message: str) -> str:
        where = place(self._places.contract(component), self._options)
        return f"{where}{': ' if where else ''}{self._prefix}{sentence(message)}"

    def _place(self, finding: Finding) -> str:
        location = finding.location or self._places.anchor(finding)
        column = "" if location.column is None else f"{location.column}:"
        return f"{clean(relative(location.file, self._options.cwd))}:{location.line}:{column} "
