"""What users lose because of the contracts that do not hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Finding
from netra_contracts.model.impact import Impact


class _Loss(NamedTuple):
    """The impact of one contract, because of one finding, or because it is blocked."""

    severity: Severity
    phase: Phase | None
    component: str
    code: str = ""


def impacts(findings: Iterable[Finding], blocked: Iterable[Blocked]) -> tuple[Impact, ...]:
    """The impact of each broken or blocked contract, each text once, ordered by severity, then by phase.

    Args:
        findings: with the impact of the contract that they break.
        blocked: the contracts that were not judged.
    """
    losses: dict[str, list[_Loss]] = {}
    for finding in findings:
        loss = _Loss(finding.severity, finding.phase, finding.component, finding.code)
        losses.setdefault(finding.impact, []).append(loss)
    for entry in blocked:
        losses.setdefault(entry.impact, []).append(_Loss(entry.severity, entry.phase, entry.component))
    losses.pop("", None)
    return tuple(sorted((_impact(text, found) for text, found in losses.items()), key=_severity_order))


def _impact(text: str, losses: list[_Loss]) -> Impact:
    codes = tuple(dict.fromkeys(loss.code for loss in losses if loss.code))
    return Impact(
        text=text,
        severity=min((loss.severity for loss in losses), key=lambda severity: severity.rank),
        phase=min((loss.phase for loss in losses if loss.phase is not None), default=None),
        status="broken" if codes else "blocked",
        components=tuple(dict.fromkeys(loss.component for loss in losses if loss.component)),
        codes=codes,
    )


def _severity_order(impact: Impact) -> tuple[int, bool, Phase]:
    """Contracts without a phase must hold by the end of startup: they come after those with one."""
    return impact.severity.rank, impact.phase is None, impact.phase or Phase.READINESS
