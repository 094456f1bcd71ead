"""NC507: the application's own checks."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.protocol.observed.observation import PhaseCheckResult
from tests.unit.checks.evidence import Startup, at, contract, fault, raised


def run(**more: Any) -> PhaseCheckResult:
    return PhaseCheckResult("shop.checks:answers", **{"phase": "readiness", "location": at(3, "checks.py"), **more})


def checked(*contracts: Any, **more: Any) -> Startup:
    return Startup(*contracts).sees(phase_checks=(run(**more),))


def test_phase_check_without_a_message_has_passed() -> None:
    assert checked().judged()[:3] == ((), (), ())


def test_phase_check_that_raised_reports_NC507_with_its_line() -> None:
    finding = checked(failure=fault("raised", raised("AssertionError", "the model\nis not loaded", 9))).found()
    assert finding.message == "the phase check `shop.checks:answers` failed: AssertionError: the model is not loaded"
    assert (finding.code, finding.severity, finding.phase) == ("NC507", Severity.ERROR, Phase.READINESS)
    assert (finding.subject, finding.component, finding.location) == (
        "shop.checks:answers AssertionError in startup.lifespan",
        "",
        at(9),
    )


def test_messages_of_one_phase_check_report_NC507_once() -> None:
    finding = checked(messages=("orders is not declared", "invoices is not declared")).found()
    assert finding.message.endswith("failed: orders is not declared; invoices is not declared")
    assert finding.location == at(3, "checks.py")


def test_NC507_quotes_the_first_messages_and_counts_the_others() -> None:
    finding = checked(messages=tuple(f"queue {number}" for number in range(1000))).found()
    assert finding.message.endswith("queue 4; and 995 more")


def test_skipped_phase_check_is_not_run() -> None:
    (entry,) = checked(phase="", skipped="the module cannot be imported").judged().not_run
    assert (entry.code, entry.subject, entry.reason) == (
        "NC507",
        "shop.checks:answers",
        "the module cannot be imported",
    )


@pytest.mark.parametrize("messages", [(), ("no pool",)])
def test_phase_check_that_requires_a_missing_component_is_not_run(messages: tuple[str, ...]) -> None:
    startup = checked(contract("pool"), requires=("pool",), messages=messages)
    assert startup.codes() == [("NC201", "pool")]
    assert startup.not_run() == [("NC507", "", "shop.checks:answers")]


def test_strict_requires_a_phase_check_whose_module_cannot_be_imported() -> None:
    (entry,) = checked(skipped="the module cannot be imported").judged().not_run
    assert entry.required


def test_phase_check_that_requires_a_blocked_component_names_the_root() -> None:
    startup = checked(contract("pool"), contract("bridge", requires=("pool",)), requires=("bridge",), messages=("no",))
    (entry,) = startup.sets("bridge", 5).judged().not_run
    assert entry.reason == "it requires `bridge`, which is blocked by `pool`"


def test_phase_check_that_requires_a_late_component_is_judged() -> None:
    startup = checked(contract("pool", "initialization"), requires=("pool",), messages=("no",))
    startup.marks_end_of("initialization", 3).sets("pool", 5)
    assert startup.codes() == [("NC301", "pool"), ("NC507", "")]


def test_phase_check_of_a_later_phase_is_left_out() -> None:
    assert checked(messages=("no",)).codes(until="integration") == []
