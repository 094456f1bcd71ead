"""Separates known findings, which a baseline or the configuration suppresses, from new ones. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from netra_contracts.checks.contract_lint import StaleEntry
from netra_contracts.checks.engine.causality import in_order
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.conclusions import Conclusions
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.judgement import Judgement
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.model.suppression import StaleSuppression, Suppressed, Suppression, in_utf8


class Suppressions(NamedTuple):
    """The entries of a run.

    Attributes:
        entries: of the baseline, then of the configuration: the first that matches a finding suppresses it.
        today: the day of the run.
        target: name of the target; empty: the run has one target without a name.
    """

    entries: Sequence[Suppression]
    today: date
    target: str = ""


def suppress(
    judgement: Judgement,
    suppressions: Suppressions,
    selected: Callable[[str], bool] = lambda code: True,
    severity_of: Callable[[Finding], Severity] = lambda finding: finding.severity,
) -> Judgement:
    """A judgement without the findings that are known, and with a finding for each entry that is stale.

    An entry suppresses findings until it expires. It is unmatched only if its check came to a conclusion about what it
    names, and if it is about this target alone: what is shared by several may match in another.

    Args:
        judgement: what was found.
        suppressions: the entries.
        selected: which codes are wanted.
        severity_of: the severity of a finding about an entry.
    """
    entries = [entry for entry in suppressions.entries if entry.applies_to(suppressions.target)]
    matches = _Matches(entries)
    suppressed: list[Suppressed] = []
    left: list[Finding] = []
    used: set[int] = set()
    for finding in judgement.findings:
        matching = matches.of(finding)
        used.update(matching)
        valid = next(
            (entries[number] for number in matching if not entries[number].is_expired(suppressions.today)), None
        )
        if valid is None:
            left.append(finding)
        else:
            suppressed.append(_suppressed(finding, valid))
    conclusions = Conclusions(judgement.context, judgement.checks, judgement.not_run, selected)
    stale = tuple(
        found
        for number, entry in enumerate(entries)
        if (found := _staleness(entry, suppressions, conclusions, is_used=number in used)) is not None
    )
    check = judgement.checks.get(StaleEntry.code)
    if isinstance(check, StaleEntry) and selected(check.code):
        reported = [check.finding_about(entry, judgement.checks) for entry in stale]
        left.extend(finding.model_copy(update={"severity": severity_of(finding)}) for finding in reported)
    known = {entry.finding.fingerprint: entry.finding for entry in suppressed}
    linked = [_with_nearest_cause(finding, known) for finding in left]
    ordered = in_order(linked, Findings(linked, judgement.checks.values()))
    return judgement._replace(findings=ordered, suppressed=tuple(suppressed), stale=stale)


def for_state(
    suppressions: Suppressions, contracts: Sequence[ComponentContract], checks: Iterable[Check]
) -> Suppressions:
    """Entries that also accept what the faults they mean are in a state whose writes were not recorded.

    Args:
        suppressions: the entries.
        contracts: that the state is checked against.
        checks: those of the run.
    """
    every = tuple(checks)
    more = [
        entry.model_copy(update={"code": other.code, "component": component, "subject": subject})
        for entry in suppressions.entries
        for check in every
        if check.code.startswith(entry.code)
        for other, component, subject in check.as_seen_in_state(entry.component, entry.subject, contracts)
    ]
    return suppressions._replace(entries=(*suppressions.entries, *more))


class _Matches:
    """Finds the entries that mean a finding. Those of a baseline name one finding each, and may be thousands."""

    def __init__(self, entries: Sequence[Suppression]) -> None:
        self._entries = entries
        self._exact: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        self._patterns: list[int] = []
        for number, entry in enumerate(entries):
            if entry.source == "baseline":
                self._exact[entry.code, entry.component or "", entry.subject or ""].append(number)
            else:
                self._patterns.append(number)

    def of(self, finding: Finding) -> list[int]:
        """The numbers of the entries, in order."""
        key = finding.code, in_utf8(finding.component), in_utf8(finding.subject)
        patterns = (number for number in self._patterns if self._entries[number].describes(finding))
        return sorted([*self._exact.get(key, ()), *patterns])


def _suppressed(finding: Finding, entry: Suppression) -> Suppressed:
    return Suppressed(finding=finding, source=entry.source, reason=entry.reason, until=entry.until, added=entry.added)


def _staleness(
    entry: Suppression, suppressions: Suppressions, conclusions: Conclusions, *, is_used: bool
) -> StaleSuppression | None:
    """What is stale about an entry; None: nothing is known to be."""
    is_shared = entry.target != suppressions.target
    no_check = entry.source == "baseline" and not conclusions.checks_of(entry)
    unmatched = not is_used and not is_shared and (no_check or conclusions.covers(entry))
    expired = entry.is_expired(suppressions.today)
    return StaleSuppression(suppression=entry, expired=expired, unmatched=unmatched) if expired or unmatched else None


def _with_nearest_cause(finding: Finding, known: Mapping[str, Finding]) -> Finding:
    """A finding that follows from the nearest finding that is not known. The known one is added to its causes."""
    root = known.get(finding.caused_by)
    if root is None:
        return finding
    nearest, seen = root, {root.fingerprint}
    while nearest.caused_by in known and nearest.caused_by not in seen:
        nearest = known[nearest.caused_by]
        seen.add(nearest.fingerprint)
    caused_by = "" if nearest.caused_by in known else nearest.caused_by
    follows = Cause(message=f"it follows from a known finding, {root.code}: {root.message}", location=root.location)
    return finding.model_copy(update={"caused_by": caused_by, "causes": (*finding.causes, follows)})
