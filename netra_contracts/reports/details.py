"""What explains a finding, as labelled sentences. Formats differ in how they write them, not in what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

from netra_contracts.contracts.fail_level import fails_run
from netra_contracts.model.finding import Finding
from netra_contracts.model.report import NOT_RUN, Report
from netra_contracts.model.run_report import IdentifiedFinding, NamedReport, RunReport
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.grouping import FindingGroup
from netra_contracts.reports.wording import clean, limited, relative, sentence

_Item = TypeVar("_Item")

#: Of causes, stacks, consequences and blocked contracts, this number is named of one finding.
MAX_ITEMS = 20
#: Characters of one sentence.
MAX_SENTENCE = 2000


class Detail(NamedTuple):
    """A labelled sentence.

    Attributes:
        label: `calls`, `why`, `stack`, `impact`, `help`, `docs`, `then` (a consequence) or `blocks`; for formats
            without a field for it also `component` and `phase`.
        text: one clean line.
        location: the line that it is about; None: there is none, or it is that of the finding.
    """

    label: str
    text: str
    location: Location | None = None


def details(group: FindingGroup, options: RenderOptions) -> Iterator[Detail]:
    """Yield what explains a finding and what follows from it.

    Args:
        group: the finding with its consequences and the contracts that it blocks.
        options: with the folder that paths are relative to.
    """
    finding = group.finding
    if len(finding.calls) > 1:
        yield Detail("calls", text(" -> ".join(_call(call, options) for call in finding.calls)))
    for cause in first(finding.causes):
        yield Detail("why", text(cause.message), _elsewhere(cause.location, finding))
    for stack in first(finding.stacks):
        line = next(iter(stack.lines), None)
        yield Detail("stack", text(f"{stack.kind} `{stack.name}`"), _elsewhere(line, finding))
    for label, said in (("impact", finding.impact), ("help", finding.hint), ("docs", finding.docs)):
        if said.strip():
            yield Detail(label, text(said))
    for consequence in first(group.consequences):
        line = _elsewhere(consequence.location, finding)
        yield Detail("then", text(f"{consequence.code} {consequence.message}"), line)
    more = len(group.consequences) - MAX_ITEMS
    if more > 0:
        yield Detail("then", f"and {more:,} more")
    if group.blocked:
        names = [clean(entry.component) for entry in first(group.blocked)]
        more = len(group.blocked) - len(names)
        yield Detail("blocks", text(", ".join([*names, *([f"and {more:,} more"] if more else [])])))


def _elsewhere(location: Location | None, finding: Finding) -> Location | None:
    """A line, if it is not that of the finding, which is written already."""
    own = finding.location
    is_own = location is not None and own is not None and (location.file, location.line) == (own.file, own.line)
    return None if is_own else location


def text(message: str) -> str:
    """Return a message as one clean line of bounded length."""
    return limited(sentence(message), MAX_SENTENCE, " ... ")


def first(items: Iterable[_Item]) -> Iterator[_Item]:
    """Yield as many items as are named of one finding."""
    return islice(items, MAX_ITEMS)


def place(location: Location | None, options: RenderOptions) -> str:
    """Return `app/main.py:12`, relative to the current folder if it is inside; empty without a location."""
    return "" if location is None else f"{clean(relative(location.file, options.cwd))}:{location.line}"


def written(detail: Detail, options: RenderOptions) -> str:
    """Return `why: it was built here (app/main.py:12)`."""
    where = place(detail.location, options)
    return f"{detail.label}: {detail.text}{f' ({where})' if where else ''}"


def _call(call: Location, options: RenderOptions) -> str:
    return f"{call.function} ({place(call, options)})".lstrip()


def alone(finding: Finding) -> FindingGroup:
    """Return a finding without its consequences, for formats that have an entry for each finding."""
    return FindingGroup(finding)


def by_target(run: RunReport) -> Iterator[tuple[NamedReport, list[IdentifiedFinding]]]:
    """Yield each target with its findings, which have their fingerprints in the run."""
    findings = run.findings()
    for named in run.reports:
        yield named, list(islice(findings, len(named.report.findings)))


def unexplained_failure(report: Report) -> str:
    """Return what fails the run where no finding says so: a stage, or checks not run; empty: a finding does."""
    codes = {finding.code for finding in report.findings}
    if not report.failed_by or any(reason in codes for reason in report.failed_by):
        return ""
    return ", ".join(reason if reason == NOT_RUN else f"{reason} failed" for reason in report.failed_by)


def fails(finding: Finding, report: Report) -> bool:
    """Return whether a finding fails the run that the report is of."""
    return fails_run(finding.code, finding.severity.value, report.fail_level, report.fail_levels)
