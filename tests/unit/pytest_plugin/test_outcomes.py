"""Which test a finding belongs to, and how the tests of a report end."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.report import NOT_RUN, ComponentReport, PhaseReport, Report, TargetReport, Verdict
from netra_contracts.model.report_of_clients import ClientsReport
from netra_contracts.model.report_of_startup import StartupReport
from netra_contracts.model.suppression import Suppressed
from netra_contracts.protocol.observed.observation import TargetInfo
from netra_contracts.pytest_plugin.outcomes import (
    Collected,
    Outcome,
    of_contract,
    of_events,
    of_phase,
    of_startup,
)

COLLECTED = Collected({"pool", "bridge"}, [Phase.INITIALIZATION, Phase.READINESS], ["NC501", "NC511"])


def finding(code: str, component: str = "", severity: Severity = Severity.ERROR, **more: Any) -> Finding:
    return Finding(code=code, severity=severity, message=f"{code} of {component}", component=component, **more)


def report(*findings: Finding, failed_by: tuple[str, ...] = (), **more: Any) -> Report:
    info = TargetInfo(spec="main:app", module="main", kind="application", cwd="/", executable="python")
    return Report(
        tool_version="1",
        verdict=Verdict.FAILED if failed_by else Verdict.PASSED,
        exit_code=int(bool(failed_by)),
        target=TargetReport(info=info),
        startup=StartupReport(outcome="ok"),
        findings=findings,
        failed_by=failed_by,
        **more,
    )


def outcomes_of(judged: Report, collected: Collected = COLLECTED) -> dict[str, Outcome]:
    """The outcome of each test of a target."""
    return {
        "startup": of_startup(judged, collected),
        "events": of_events(judged, collected),
        **{phase.name: of_phase(judged, collected, phase) for phase in collected.phases},
        **{name: of_contract(judged, collected, name) for name in sorted(collected.components)},
    }


def failing(judged: Report, collected: Collected = COLLECTED) -> set[str]:
    return {name for name, outcome in outcomes_of(judged, collected).items() if outcome.status == "failed"}


@pytest.mark.parametrize(
    ("found", "owner"),
    [
        (finding("NC201", "pool"), "pool"),
        (finding("NC303", "bridge", phase=Phase.READINESS), "bridge"),
        (finding("NC201", "other", phase=Phase.READINESS), "startup"),
        (finding("NC108"), "startup"),
        (finding("NC501"), "events"),
        (finding("NC511", "pool"), "pool"),
        (finding("NC507", phase=Phase.READINESS), "READINESS"),
        (finding("NC507", phase=Phase.CONFIGURATION), "startup"),
        (finding("NC601", "pool"), "pool"),
    ],
)
def test_finding_fails_one_test(found: Finding, owner: str) -> None:
    assert failing(report(found, failed_by=(found.code,))) == {owner}


def test_finding_below_the_fail_level_fails_none_and_is_shown() -> None:
    found = finding("NC201", "pool", Severity.WARNING)
    outcome = outcomes_of(report(found))["pool"]
    assert (outcome.status, outcome.word, outcome.findings) == ("passed", "broken", (found,))
    assert failing(report(found), COLLECTED._replace(fail_level="warning")) == {"pool"}
    assert failing(report(found), COLLECTED._replace(fail_levels={"NC2": "warning"})) == {"pool"}
    error = finding("NC201", "pool")
    assert failing(report(error), COLLECTED._replace(fail_level="never")) == set()


def test_consequence_is_shown_with_its_root_and_fails_its_own_test_as_well() -> None:
    root = finding("NC201", "pool")
    consequence = finding("NC306", "bridge", caused_by=root.fingerprint)
    outcomes = outcomes_of(report(root, consequence, failed_by=("NC201",)))
    assert outcomes["pool"].findings == (root, consequence)
    assert outcomes["bridge"].findings == (consequence,)
    assert outcomes["bridge"].reason == "follows from NC201 of `pool`"


def test_blocked_contract_is_skipped_and_fails_with_strict_only_if_the_run_does() -> None:
    blocked = Blocked(component="bridge", by="pool", reason="it depends on `pool`, which is broken")
    outcome = outcomes_of(report(blocked=(blocked,)))["bridge"]
    assert (outcome.status, outcome.reason) == ("skipped", f"blocked by `pool`: {blocked.reason}")
    assert failing(report(blocked=(blocked,), strict=True)) == set()
    root = finding("NC201", "pool")
    assert failing(report(root, blocked=(blocked,), strict=True, failed_by=("NC201",))) == {"pool", "bridge"}


@pytest.mark.parametrize(
    ("entry", "owner"),
    [
        (NotRun(code="NC206", component="pool", reason="no signature", required=True), "pool"),
        (NotRun(code="NC501", reason="no client could be connected", required=True), "events"),
        (NotRun(code="NC703", reason="no source", required=True), "startup"),
    ],
)
def test_required_check_that_was_not_run_fails_its_test_with_strict_alone(entry: NotRun, owner: str) -> None:
    assert failing(report(not_run=(entry,))) == set()
    strict = report(not_run=(entry,), strict=True, failed_by=(NOT_RUN,))
    assert failing(strict) == {owner}
    assert entry.reason in outcomes_of(strict)[owner].reason
    other = entry.model_copy(update={"required": False})
    assert failing(report(not_run=(other,), strict=True, failed_by=())) == set()


def test_outcome_of_a_contract_follows_its_status() -> None:
    components = (ComponentReport(address="pool", status="held"), ComponentReport(address="bridge", status="not_run"))
    entry = NotRun(code="NC206", component="bridge", reason="it has no signature")
    outcomes = outcomes_of(report(components=components, not_run=(entry,)))
    assert (outcomes["pool"].status, outcomes["pool"].word) == ("passed", "held")
    assert (outcomes["bridge"].status, outcomes["bridge"].reason) == ("skipped", "NC206 it has no signature")
    assert outcomes_of(report())["pool"].word == "left out"


def test_outcome_of_a_phase_follows_its_status() -> None:
    phase = PhaseReport(name=Phase.READINESS, status="passed", contracts=2, held=2)
    assert outcomes_of(report(phases=(phase,)))["READINESS"].status == "passed"
    assert outcomes_of(report())["READINESS"].status == "skipped"
    blocked = phase.model_copy(update={"status": "blocked", "held": 1, "blocked": 1})
    entry = Blocked(component="bridge", by="pool", reason="")
    outcome = outcomes_of(report(phases=(blocked,), blocked=(entry,)))["READINESS"]
    assert (outcome.status, outcome.reason) == ("skipped", "of 2 contracts: 1 blocked (`bridge`)")


@pytest.mark.parametrize(("severity", "status"), [(Severity.ERROR, "failed"), (Severity.WARNING, "passed")])
def test_phase_of_a_broken_contract_fails_if_that_fails_the_run(severity: Severity, status: str) -> None:
    found = finding("NC201", "pool", severity)
    phase = PhaseReport(name=Phase.READINESS, status="failed", contracts=1, broken=1)
    component = ComponentReport(address="pool", status="broken")
    failed_by = ("NC201",) if status == "failed" else ()
    judged = report(found, phases=(phase,), components=(component,), failed_by=failed_by)
    assert outcomes_of(judged)["READINESS"].status == status


def test_event_contract_ends_as_the_clients_did() -> None:
    assert outcomes_of(report(clients=ClientsReport(users=10)))["events"].status == "passed"
    outcome = outcomes_of(report(clients=ClientsReport(skipped="skipped because of --no-live")))["events"]
    assert (outcome.status, outcome.reason) == ("skipped", "skipped because of --no-live")
    assert outcomes_of(report())["events"].status == "skipped"


def test_stage_that_failed_without_a_finding_fails_the_startup() -> None:
    assert failing(report(failed_by=("shutdown",))) == {"startup"}
    assert failing(report(finding("NC108", "", Severity.WARNING), failed_by=("startup",))) == {"startup"}


def known(found: Finding) -> Suppressed:
    return Suppressed(finding=found, source="baseline", reason="waits for ABC-1")


@pytest.mark.parametrize(
    ("found", "owner", "reason"),
    [
        (finding("NC306", "other"), "startup", "known: NC306 of `other`, waits for ABC-1"),
        (finding("NC601"), "startup", "known: NC601, waits for ABC-1"),
        (finding("NC112"), "startup", "known: NC112, waits for ABC-1"),
        (finding("NC303", "pool", phase=Phase.READINESS), "pool", "known: NC303, waits for ABC-1"),
        (finding("NC501"), "events", "known: NC501, waits for ABC-1"),
        (finding("NC507", phase=Phase.READINESS), "READINESS", "known: NC507, waits for ABC-1"),
    ],
)
def test_known_finding_is_an_expected_failure_of_the_test_that_it_belongs_to(
    found: Finding, owner: str, reason: str
) -> None:
    outcomes = outcomes_of(report(suppressed=(known(found),)))
    assert {name for name, outcome in outcomes.items() if outcome.status == "xfailed"} == {owner}
    assert (outcomes[owner].word, outcomes[owner].reason, outcomes[owner].known) == ("known", reason, (found,))


def test_known_finding_hides_neither_a_failure_nor_a_finding_below_the_fail_level() -> None:
    warning = finding("NC602", "", Severity.WARNING)
    suppressed = (known(finding("NC601")), known(finding("NC201", "pool")))
    outcome = outcomes_of(report(warning, suppressed=suppressed))["startup"]
    assert (outcome.status, outcome.findings) == ("xfailed", (warning,))
    assert failing(report(finding("NC602"), suppressed=suppressed, failed_by=("NC602",))) == {"startup"}
    assert failing(report(suppressed=suppressed, failed_by=("startup",))) == {"startup"}
    entry = NotRun(code="NC206", component="pool", reason="no signature", required=True)
    assert failing(report(suppressed=suppressed, not_run=(entry,), strict=True, failed_by=(NOT_RUN,))) == {"pool"}


def test_phase_that_fails_by_known_findings_alone_is_an_expected_failure() -> None:
    phase = PhaseReport(name=Phase.READINESS, status="failed", contracts=1, broken=1, known=True, known_broken=1)
    component = ComponentReport(address="pool", status="broken", known=True)
    judged = report(suppressed=(known(finding("NC201", "pool")),), phases=(phase,), components=(component,))
    outcome = outcomes_of(judged)["READINESS"]
    assert (outcome.status, outcome.reason) == ("xfailed", "known: of 1 contract: 1 broken (`pool`)")
