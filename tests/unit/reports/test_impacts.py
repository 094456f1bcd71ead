"""What users lose: every broken or blocked contract's impact, the most severe first."""

from __future__ import annotations

from netra_contracts.checks.engine.report_parts.impacts import impacts
from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Finding


def finding(component: str, impact: str, severity: Severity = Severity.ERROR, phase: Phase | None = None) -> Finding:
    return Finding(
        code="NC201", severity=severity, message="m", component=component, phase=phase, impact=impact, subject=impact
    )


def test_most_severe_impact_is_first_then_that_of_the_earliest_phase() -> None:
    found = impacts(
        (
            finding("a", "warned", Severity.WARNING, Phase.INITIALIZATION),
            finding("b", "at the end"),
            finding("c", "ready", phase=Phase.READINESS),
            finding("d", "configured", phase=Phase.CONFIGURATION),
        ),
        (),
    )
    assert [impact.text for impact in found] == ["configured", "ready", "at the end", "warned"]


def test_blocked_contract_has_its_impact() -> None:
    blocked = Blocked(component="bridge", by="pool", reason="", impact="nobody is reached", severity=Severity.WARNING)
    (impact,) = impacts((), (blocked,))
    assert (impact.text, impact.status, impact.components, impact.severity, impact.codes) == (
        "nobody is reached",
        "blocked",
        ("bridge",),
        Severity.WARNING,
        (),
    )


def test_the_same_words_are_one_impact_with_all_components_and_the_highest_severity() -> None:
    blocked = Blocked(component="c", by="a", reason="", impact="chat is down", phase=Phase.CONFIGURATION)
    found = (finding("a", "chat is down", Severity.NOTE, Phase.READINESS), finding("b", "chat is down"))
    (impact,) = impacts(found, (blocked,))
    assert impact.components == ("a", "b", "c")
    assert (impact.severity, impact.phase, impact.status) == (Severity.ERROR, Phase.CONFIGURATION, "broken")


def test_contracts_without_an_impact_are_left_out() -> None:
    assert impacts((finding("a", ""),), (Blocked(component="b", by="a", reason=""),)) == ()
