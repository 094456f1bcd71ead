"""Compares two runs. Times are compared as such only: they decide nothing else."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.model.report import ComponentReport, Report, Verdict
from netra_contracts.model.report_diff import (
    ComparedRun,
    ComponentChange,
    Difference,
    OrderChange,
    ReportDiff,
    RunDiff,
    SeverityChange,
    StageTime,
    UncheckedFinding,
)
from netra_contracts.model.run_report import NamedReport, RunReport
from netra_contracts.model.suppression import Suppressed
from netra_contracts.protocol.stages import StageName

#: A finding, or one that an entry suppresses.
_AnyFinding: TypeAlias = Finding | Suppressed


def compare_runs(before: RunReport, after: RunReport) -> RunDiff:
    """Compare two runs, target by target.

    Targets are paired by their names. The targets of two runs of one target each are paired whatever they are. A run of
    one target is compared with the same target of a run of several.

    Args:
        before: the earlier run.
        after: the later run.
    """
    if before.several == after.several:
        earlier, later = _by_name(before), _by_name(after)
    else:
        earlier, later = _same_target(before, after)
    failed = {error.name: error for error in after.errors}
    return RunDiff(
        reports=tuple(compare(earlier[name].report, later[name].report, name) for name in earlier if name in later),
        added=tuple(name for name in later if name not in earlier),
        removed=tuple(name for name in earlier if name not in later and name not in failed),
        errors=tuple(error for error in after.errors if error.name in earlier),
    )


def _by_name(run: RunReport) -> dict[str, NamedReport]:
    return {named.name if run.several else "": named for named in run.reports}


def _same_target(before: RunReport, after: RunReport) -> tuple[dict[str, NamedReport], dict[str, NamedReport]]:
    """The only target of one run, and the same of the other; both empty if that does not have it."""
    (one,) = (before if after.several else after).reports
    spec = one.report.target.info.spec
    many = (before if before.several else after).reports
    for same in many:
        if spec in {same.name, same.report.target.info.spec}:
            pair = (same, one) if before.several else (one, same)
            return {same.name: pair[0]}, {same.name: pair[1]}
    return {}, {}


def compare(before: Report, after: Report, name: str = "") -> ReportDiff:
    """Compare two runs of a target. Findings are the same if their fingerprints are, also if one of them is suppressed.

    Args:
        before: the earlier run.
        after: the later run.
        name: the target's name, if several are compared.
    """
    started = Verdict.NOT_STARTED not in (before.verdict, after.verdict)
    findings = _compare_findings(before, after)
    return ReportDiff(
        name=name,
        before=_compared(before),
        after=_compared(after),
        new=findings.new,
        fixed=findings.fixed,
        unchecked=findings.unchecked,
        known=findings.known,
        known_before=findings.known_before,
        severities=findings.severities,
        remaining=findings.remaining,
        components_compared=started,
        components=tuple(_compare_components(before, after)) if started else (),
        order=tuple(_compare_order(_set_in(before), _set_in(after))) if started else (),
        stages=tuple(_compare_stages(before, after)),
        not_run=_only_in(after.not_run, before.not_run),
        not_run_before=_only_in(before.not_run, after.not_run),
        before_report=before,
        after_report=after,
    )


def _compared(report: Report) -> ComparedRun:
    return ComparedRun(
        target=report.target.info.spec, verdict=report.verdict, exit_code=report.exit_code, summary=report.summary
    )


class _Findings(NamedTuple):
    new: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    unchecked: tuple[UncheckedFinding, ...]
    known: tuple[Suppressed, ...]
    known_before: tuple[Suppressed, ...]
    severities: tuple[SeverityChange, ...]
    remaining: int


def _compare_findings(before: Report, after: Report) -> _Findings:
    """Pair the findings of two runs, suppressed ones too: a finding that one run accepts is neither new nor fixed."""
    pairs, gone, added = _paired(_all_findings(before), _all_findings(after))
    severities: list[SeverityChange] = []
    known: list[Suppressed] = []
    known_before: list[Suppressed] = []
    remaining = 0
    for was, now in pairs:
        if isinstance(was, Finding) and isinstance(now, Suppressed):
            known.append(now)
        elif isinstance(was, Suppressed) and isinstance(now, Finding):
            known_before.append(was.model_copy(update={"finding": now}))
        else:
            remaining += 1
        if isinstance(was, Finding) and isinstance(now, Finding) and was.severity is not now.severity:
            severities.append(SeverityChange(before=was.severity, finding=now))
    why = _Unchecked(before, after)
    reasons = [(finding, why.reason(finding)) for finding in map(_finding, gone)]
    return _Findings(
        new=tuple(finding for finding in added if isinstance(finding, Finding)),
        fixed=tuple(finding for finding, reason in reasons if not reason),
        unchecked=tuple(UncheckedFinding(finding=finding, reason=reason) for finding, reason in reasons if reason),
        known=(*known, *(entry for entry in added if isinstance(entry, Suppressed))),
        known_before=tuple(known_before),
        severities=tuple(severities),
        remaining=remaining,
    )


def _all_findings(report: Report) -> list[_AnyFinding]:
    return [*report.findings, *report.suppressed]


def _finding(entry: _AnyFinding) -> Finding:
    return entry.finding if isinstance(entry, Suppressed) else entry


def _paired(
    before: Sequence[_AnyFinding], after: Sequence[_AnyFinding]
) -> tuple[list[tuple[_AnyFinding, _AnyFinding]], list[_AnyFinding], list[_AnyFinding]]:
    """The findings of both runs, those of the earlier one only, and those of the later one only, each in their order.

    Of several with one fingerprint, the first is paired with the first.
    """
    earlier: dict[str, list[int]] = {}
    for position, entry in enumerate(before):
        earlier.setdefault(_finding(entry).fingerprint, []).append(position)
    pairs: list[tuple[_AnyFinding, _AnyFinding]] = []
    added: list[_AnyFinding] = []
    paired: set[int] = set()
    for entry in after:
        same = earlier.get(_finding(entry).fingerprint)
        if same:
            paired.add(same[0])
            pairs.append((before[same.pop(0)], entry))
        else:
            added.append(entry)
    return pairs, [entry for position, entry in enumerate(before) if position not in paired], added


class _Unchecked:
    """Why a run has no result for findings of an earlier one."""

    def __init__(self, before: Report, after: Report) -> None:
        self._started = after.verdict is not Verdict.NOT_STARTED
        self._blocked = {entry.component: entry.by for entry in after.blocked}
        self._not_run = {(entry.code, entry.component): entry.reason for entry in after.not_run}
        had = {component.address for component in before.components if component.status != "unchecked"}
        has = {component.address for component in after.components if component.status != "unchecked"}
        self._undeclared = had - has

    def reason(self, finding: Finding) -> str:
        """Why the later run cannot confirm a finding of the earlier one; empty: it can, and the finding is fixed."""
        component = finding.component
        if not self._started:
            return "the target did not start"
        if component in self._blocked:
            return f"blocked by `{self._blocked[component]}`"
        if component in self._undeclared:
            return "no contract of the component was checked"
        for about in (component, ""):
            if (finding.code, about) in self._not_run:
                return self._not_run[finding.code, about]
        return ""


def _compare_components(before: Report, after: Report) -> Iterator[ComponentChange]:
    """The components that differ, in the order of the later run; removed ones come last."""
    earlier = {component.address: component for component in before.components}
    later = {component.address: component for component in after.components}
    folders = (before.target.info.cwd, after.target.info.cwd)
    for address in (*later, *(address for address in earlier if address not in later)):
        was, now = earlier.get(address), later.get(address)
        differs = tuple(_differences(was, now, *folders))
        if differs:
            yield ComponentChange(address=address, differs=differs, before=was, after=now)


def _differences(
    was: ComponentReport | None, now: ComponentReport | None, folder_before: str, folder_after: str
) -> Iterator[Difference]:
    """In what a component differs. Its type and its location are compared only if both runs set it."""
    if (was is not None and was.present) != (now is not None and now.present):
        yield "presence"
    elif was is not None and now is not None and now.present:
        if (was.type, was.is_none) != (now.type, now.is_none):
            yield "type"
        places = (_place(was, folder_before), _place(now, folder_after))
        if places[0] != places[1]:
            yield "location"
        elif was.location is not None and now.location is not None and was.location.line != now.location.line:
            yield "line"
    if _contract(was) != _contract(now):
        yield "contract"


def _place(component: ComponentReport, folder: str) -> tuple[str, str]:
    """File and function of the first write. Paths are relative to the target's folder: checkouts are compared."""
    location = component.location
    if location is None:
        return "", ""
    inside = f"{posixpath.normpath(folder).rstrip('/')}/" if folder else ""
    return location.file.removeprefix(inside), location.function


def _contract(component: ComponentReport | None) -> tuple[str, str]:
    """Status and phase of the contract."""
    if component is None or component.status == "unchecked":
        return "unchecked", ""
    return component.status, component.phase.value if component.phase else ""


def _set_in(report: Report) -> list[str]:
    """The components that a run set, in the order of the first writes."""
    return [component.address for component in report.components if component.set_ms is not None]


def _compare_order(before: Sequence[str], after: Sequence[str]) -> Iterator[OrderChange]:
    """The fewest components whose move explains the later order. Only those of both runs count."""
    common = set(before) & set(after)
    earlier = [address for address in before if address in common]
    later = [address for address in after if address in common]
    position = {address: index for index, address in enumerate(earlier)}
    kept = set(_longest_increasing([position[address] for address in later]))
    was_after, now_after = _predecessors(earlier), _predecessors(later)
    for address in later:
        if position[address] not in kept:
            yield OrderChange(address=address, before=was_after[address], after=now_after[address])


def _predecessors(order: Sequence[str]) -> Mapping[str, str]:
    return dict(zip(order, ("", *order), strict=False))


def _longest_increasing(numbers: Sequence[int]) -> list[int]:
    """A longest increasing subsequence of distinct numbers, by patience sorting."""
    tops: list[int] = []
    below: dict[int, int | None] = {}
    for number in numbers:
        pile = bisect_left(tops, number)
        below[number] = tops[pile - 1] if pile else None
        tops[pile : pile + 1] = [number]
    found: list[int] = []
    top = tops[-1] if tops else None
    while top is not None:
        found.append(top)
        top = below[top]
    return found[::-1]


def _compare_stages(before: Report, after: Report) -> Iterator[StageTime]:
    """The stages that a run reached, in their order."""
    times: list[dict[StageName, float]] = [
        {stage.name: stage.ms for stage in report.startup.stages if stage.outcome != "skipped"}
        for report in (before, after)
    ]
    names: dict[StageName, None] = dict.fromkeys(
        stage.name for report in (before, after) for stage in report.startup.stages
    )
    for name in names:
        was, now = (reached.get(name) for reached in times)
        if was is not None or now is not None:
            difference = None if was is None or now is None else round(now - was, 3)
            yield StageTime(name=name, before_ms=was, after_ms=now, difference_ms=difference)


def _only_in(entries: Sequence[NotRun], others: Sequence[NotRun]) -> tuple[NotRun, ...]:
    """The checks that could not run, and that are not among the others. Reasons may differ."""
    known = {(entry.code, entry.component, entry.subject) for entry in others}
    return tuple(entry for entry in entries if (entry.code, entry.component, entry.subject) not in known)
