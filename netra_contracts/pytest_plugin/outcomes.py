"""The outcome of each test, and the test that a finding belongs to. Every finding belongs to one test.

A run of pytest has a test that fails if and only if the command would exit with 1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from netra_contracts.checks.events.event_check import EventCheck
from netra_contracts.contracts.fail_level import FailLevel, fails_run
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.report import NOT_RUN, PhaseReport, Report
from netra_contracts.model.suppression import Suppressed
from netra_contracts.protocol.stages import StageName

if TYPE_CHECKING:
    from netra_contracts.pytest_plugin.targets import CheckedTarget


class Outcome(NamedTuple):
    """The outcome of a test.

    Attributes:
        status: how it ends for pytest. Known findings are failures that are expected.
        word: the same in the words of the report: held, broken, blocked, not run, ...
        reason: a sentence; empty if the findings say it.
        findings: those of the test, and consequences of them.
        blocked: the contracts that they block.
        known: the known findings of the test.
    """

    status: Literal["passed", "failed", "skipped", "xfailed"]
    word: str
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    known: tuple[Finding, ...] = ()


class Collected(NamedTuple):
    """The tests of a target, which decide where its findings are shown.

    Attributes:
        components: whose contracts have a test.
        phases: that have a test.
        event_codes: the codes of the test of the contract on events; empty: there is none.
        fail_level: from which severity on a finding fails its test.
        fail_levels: the same for single codes, or for the beginnings of codes.
    """

    components: Collection[str]
    phases: Collection[Phase]
    event_codes: Collection[str] = ()
    fail_level: FailLevel = "error"
    fail_levels: Mapping[str, FailLevel] = MappingProxyType({})

    def owner(self, finding: Finding | NotRun) -> tuple[str, str]:
        """The test that a finding belongs to: its kind and what it is about."""
        if finding.component in self.components:
            return "contract", finding.component
        if finding.code in self.event_codes:
            return "events", ""
        phase = finding.phase if isinstance(finding, Finding) else None
        if phase in self.phases and not finding.component:
            return "phase", phase.value if phase is not None else ""
        return "startup", ""

    def fails(self, findings: Collection[Finding]) -> bool:
        """Whether one of some findings fails its test."""
        return any(fails_run(finding.code, finding.severity, self.fail_level, self.fail_levels) for finding in findings)


def outcome_of(target: CheckedTarget, report: Report, kind: str, name: str) -> Outcome:
    """The outcome of a test of a target.

    Args:
        target: the target.
        report: of its run.
        kind: what the test is about, see `items.Kind`.
        name: the component, the phase or the reference.
    """
    declared, prepared = target.declarations, target.prepared()
    events = [check.code for check in prepared.plugins.checks if isinstance(check, EventCheck)]
    collected = Collected(
        declared.contracts.keys(),
        declared.phases(target.until),
        events if declared.events else (),
        prepared.judging.fail_level,
        prepared.judging.fail_levels,
    )
    if kind == "contract":
        return of_contract(report, collected, name)
    if kind == "phase":
        return of_phase(report, collected, Phase[name])
    if kind == "events":
        return of_events(report, collected)
    if kind == "contracts":
        reason = next(one.reason for one in declared.unreadable if one.reference == name)
        return Outcome("skipped", "left out", f"pytest cannot read these contracts; `startup` checks them: {reason}")
    return of_startup(report, collected)


def of_contract(report: Report, collected: Collected, component: str) -> Outcome:
    """The outcome of the contract of one component."""
    own = _own(report, collected, ("contract", component))
    outcome = _judged(report, collected, own, "broken") if own else _of_other_contract(report, component)
    return _with_known(report, collected, ("contract", component), outcome)


def _of_other_contract(report: Report, component: str) -> Outcome:
    """The outcome of a contract that no finding is about, except known ones."""
    blocked = next((entry for entry in report.blocked if entry.component == component), None)
    if blocked is not None:
        reason = f"blocked by `{blocked.by}`: {blocked.reason}"
        return _left_out(report, "blocked", reason, fails=report.strict and not report.ok)
    missed = [entry for entry in report.not_run if entry.component == component]
    status = next((entry.status for entry in report.components if entry.address == component), "unchecked")
    if status == "broken":  # by known findings only
        return Outcome("passed", "known")
    return _with_not_run(report, missed, _of_status(status, missed))


def _of_status(status: str, missed: Collection[NotRun]) -> Outcome:
    """The outcome of a contract without findings that nothing blocks."""
    if status == "held":
        return Outcome("passed", "held")
    if status == "unchecked":
        return Outcome("skipped", "left out", "not checked: its phase comes after the last one that is checked")
    return Outcome("skipped", "not run", _reasons(missed) or "not checked")


def of_phase(report: Report, collected: Collected, phase: Phase) -> Outcome:
    """The outcome of one phase: of its contracts, and of the application's own checks."""
    own = _own(report, collected, ("phase", phase.value))
    outcome = _judged(report, collected, own, "failed") if own else _of_other_phase(report, collected, phase)
    return _with_known(report, collected, ("phase", phase.value), outcome)


def _of_other_phase(report: Report, collected: Collected, phase: Phase) -> Outcome:
    """The outcome of a phase that no finding is about, except those of its contracts, and known ones."""
    entry = next((entry for entry in report.phases if entry.name == phase), None)
    if entry is None or entry.status == "empty":
        return Outcome("skipped", "empty", "no contract or check of this phase was run")
    if entry.status == "failed" and entry.known:
        return Outcome("xfailed", "known", f"known: {_counts(report, entry)}")
    if entry.status == "failed":
        return _failed_phase(report, collected, entry)
    if entry.status in ("blocked", "not_run"):
        return Outcome("skipped", entry.status.replace("_", " "), _counts(report, entry))
    return Outcome("passed", "passed")


def _failed_phase(report: Report, collected: Collected, entry: PhaseReport) -> Outcome:
    names = _broken(report, entry.name)
    broken = [finding for name in names for finding in report.findings if finding.component == name]
    if collected.fails(broken) or not (broken or report.ok):
        return Outcome("failed", "failed", _counts(report, entry))
    return Outcome("passed", "failed")


def of_events(report: Report, collected: Collected) -> Outcome:
    """The outcome of the contract on events."""
    own = _own(report, collected, ("events", ""))
    outcome = _judged(report, collected, own, "broken") if own else _of_other_events(report, collected)
    return _with_known(report, collected, ("events", ""), outcome)


def _of_other_events(report: Report, collected: Collected) -> Outcome:
    """The outcome of the contract on events if no finding is about it, except known ones."""
    missed = [entry for entry in report.not_run if collected.owner(entry) == ("events", "")]
    if report.clients is None or report.clients.skipped:
        skipped = report.clients.skipped if report.clients is not None else ""
        return _with_not_run(
            report, missed, Outcome("skipped", "not run", skipped or _reasons(missed) or "not checked")
        )
    return _with_not_run(report, missed, Outcome("passed", "held"))


def of_startup(report: Report, collected: Collected) -> Outcome:
    """The outcome of everything that belongs to no other test: the startup itself, and checks that need no contract."""
    own = _own(report, collected, ("startup", ""))
    missed = [entry for entry in report.not_run if collected.owner(entry) == ("startup", "")]
    outcome = _judged(report, collected, own, "failed") if own else Outcome("passed", "passed")
    stages = [entry for entry in report.failed_by if entry in get_args(StageName)]
    if stages and outcome.status != "failed":
        outcome = outcome._replace(status="failed", word="failed", reason=f"the {stages[0]} stage failed")
    if outcome.status != "failed":
        outcome = _with_not_run(report, missed, outcome)
    return _with_known(report, collected, ("startup", ""), outcome)


def _with_known(report: Report, collected: Collected, owner: tuple[str, str], otherwise: Outcome) -> Outcome:
    """The outcome of a test, which is an expected failure if nothing but known findings is at or above the level."""
    known = [entry for entry in report.suppressed if collected.owner(entry.finding) == owner]
    otherwise = otherwise._replace(known=tuple(entry.finding for entry in known))
    if not known or otherwise.status == "failed":
        return otherwise
    reasons = "; ".join(f"known: {_named_known(entry, owner)}" for entry in known)
    return otherwise._replace(status="xfailed", word="known", reason=reasons)


def _named_known(suppressed: Suppressed, owner: tuple[str, str]) -> str:
    """A known finding with its reason."""
    finding = suppressed.finding
    of = f" of `{finding.component}`" if finding.component and finding.component not in owner else ""
    return f"{finding.code}{of}{f', {suppressed.reason}' if suppressed.reason else ''}"


def _own(report: Report, collected: Collected, owner: tuple[str, str]) -> tuple[Finding, ...]:
    return tuple(finding for finding in report.findings if collected.owner(finding) == owner)


def _judged(report: Report, collected: Collected, own: tuple[Finding, ...], word: str) -> Outcome:
    """The outcome of a test that has findings."""
    shown = tuple(_with_consequences(report, own))
    kept = {finding.fingerprint for finding in shown}
    blocked = tuple(entry for entry in report.blocked if entry.finding in kept)
    status: Literal["passed", "failed"] = "failed" if collected.fails(own) else "passed"
    return Outcome(status, word, _follows_from(report, own, kept), shown, blocked)


def _with_consequences(report: Report, own: Collection[Finding]) -> Iterator[Finding]:
    """Findings in the order of the report, with everything that follows from them."""
    kept = {finding.fingerprint for finding in own}
    while True:
        more = {finding.fingerprint for finding in report.findings if finding.caused_by in kept} - kept
        if not more:
            break
        kept |= more
    yield from (finding for finding in report.findings if finding.fingerprint in kept)


def _follows_from(report: Report, own: Collection[Finding], shown: Collection[str]) -> str:
    """What a finding follows from, if that is shown by another test."""
    by_fingerprint = {finding.fingerprint: finding for finding in report.findings}
    causes = dict.fromkeys(finding.caused_by for finding in own if finding.caused_by not in shown)
    found = [by_fingerprint[name] for name in causes if name in by_fingerprint]
    named = (f"{cause.code}{f' of `{cause.component}`' if cause.component else ''}" for cause in found)
    return f"follows from {', '.join(named)}" if found else ""


def _left_out(report: Report, word: str, reason: str, *, fails: bool) -> Outcome:
    return Outcome("failed" if fails else "skipped", word, f"{reason} (strict)" if fails else reason)


def _with_not_run(report: Report, missed: Collection[NotRun], otherwise: Outcome) -> Outcome:
    """The outcome of a test, which fails if something that contracts ask for could not be checked and must be."""
    required = [entry for entry in missed if entry.required]
    if required and NOT_RUN in report.failed_by:
        return _left_out(report, "not run", f"not run: {_reasons(required)}", fails=True)
    return otherwise


def _reasons(entries: Collection[NotRun]) -> str:
    return "; ".join(dict.fromkeys(f"{entry.code} {entry.reason}".strip() for entry in entries))


def _broken(report: Report, phase: Phase) -> list[str]:
    """The components with a broken contract of a phase."""
    last = report.phases[-1].name if report.phases else phase
    return [entry.address for entry in report.components if entry.status == "broken" and (entry.phase or last) == phase]


def _counts(report: Report, entry: PhaseReport) -> str:
    """How many contracts of a phase have which status: `1 of 3 contracts is broken: bridge`."""
    last = report.phases[-1].name
    counts: list[tuple[int, str, Callable[[], list[str]]]] = [
        (entry.broken, "broken", lambda: _broken(report, entry.name)),
        (
            entry.blocked,
            "blocked",
            lambda: [one.component for one in report.blocked if (one.phase or last) == entry.name],
        ),
        (entry.not_run, "not run", list),
    ]
    total = f"{entry.contracts} contract{'' if entry.contracts == 1 else 's'}"
    parts = []
    for count, word, names in counts:
        if count:
            listed = ", ".join(f"`{name}`" for name in names()[:5])
            parts.append(f"{count} {word}{f' ({listed})' if listed else ''}")
    return f"of {total}: {', '.join(parts)}" if parts else f"{total}: {entry.status}"
