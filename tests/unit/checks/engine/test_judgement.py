"""From contracts to a plan, and from a recording to a judgement."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.judgement import judge, plan
from netra_contracts.contracts.model import ComponentContract, ContractSource, Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Cause, Finding, NotRun
from netra_contracts.protocol.plan import Plan, Question
from tests.unit.checks.evidence import Startup, at, contract, fault, raised

BRIDGE = contract("bridge", "configuration", type="shop:Bridge", requires=("pool",), wires={"_pool": "pool"})


class Faulty(Check):
    """A check of a plugin with a bug in it."""

    code = "XX001"
    name = "faulty"

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Raises."""
        raise LookupError(contract.component)

    def judge(self, context: Context) -> Iterable[Result]:
        """Finds something, then raises."""
        yield Finding(code=self.code, severity=Severity.ERROR, message="found before the bug")
        raise ZeroDivisionError


def test_checks_are_in_the_order_of_their_codes_and_each_has_its_own_code_and_name() -> None:
    codes, names = [check.code for check in CHECKS], [check.name for check in CHECKS]
    assert codes == sorted(set(codes))
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.code))
def test_check_is_named_in_words_joined_by_hyphens(check: Check) -> None:
    assert check.name.replace("-", "").isalpha()
    assert check.name == check.name.lower()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.code))
def test_default_severity_of_each_check(check: Check) -> None:
    errors = {*(f"NC{number}" for number in range(101, 110)), "NC113", "NC114", "NC116"}
    needs_a_contract = {"NC201", "NC202", "NC203", "NC204", "NC205", "NC206", "NC208", "NC301", "NC302", "NC303"}
    # A user's own check that fails, and a read that ended the startup, have the severity that they declare.
    severe = {"NC306", "NC507"}
    severe |= {"NC801"}  # else a baseline would not shrink
    expected = Severity.ERROR if check.code in errors | needs_a_contract | severe else Severity.WARNING
    notes = {"NC118", "NC604", "NC803"}  # what is right depends on how the application is run
    assert check.severity is (Severity.NOTE if check.off_by_default or check.code in notes else expected)


def test_plan_has_each_question_once_with_the_phase_of_its_contract() -> None:
    items = plan([BRIDGE]).items
    assert len(items) == len(set(items))
    assert {item.phase for item in items} == {"configuration"}
    assert {item.question.kind for item in items} == {"present", "fits", "same"}


def test_plan_names_the_modules_of_phase_checks() -> None:
    assert plan([], ["shop.checks"]) == Plan((), ("shop.checks",))


def test_plan_is_made_without_a_check_that_cannot_ask() -> None:
    assert plan([BRIDGE], checks=(*CHECKS, Faulty())) == plan([BRIDGE])


def test_check_that_raises_is_not_run_and_the_others_are_run() -> None:
    judgement = Startup(contract("pool")).judged(checks=(Faulty(), *CHECKS))
    assert [finding.code for finding in judgement.findings] == ["NC201", "XX001"]
    (not_run,) = judgement.not_run
    assert not_run.code == "XX001"
    assert "ZeroDivisionError" in not_run.reason


class Ending(Faulty):
    """A check of a plugin that ends the process."""

    code = "XX002"
    name = "ending"

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Ends the process."""
        raise SystemExit(0)

    def judge(self, context: Context) -> Iterable[Result]:
        """Finds something, then ends the process."""
        yield Finding(code=self.code, severity=Severity.ERROR, message="found before the end")
        raise SystemExit(0)

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Ends the process."""
        raise SystemExit(0)


def test_check_that_ends_the_process_is_not_run_and_the_others_are_run() -> None:
    assert plan([BRIDGE], checks=(*CHECKS, Ending())) == plan([BRIDGE])
    judgement = Startup(contract("pool")).judged(checks=(Ending(), *CHECKS))
    assert [finding.code for finding in judgement.findings] == ["NC201", "XX002"]
    assert [(entry.code, "SystemExit: 0" in entry.reason) for entry in judgement.not_run] == [("XX002", True)] * 2


def test_codes_that_are_not_selected_are_not_judged() -> None:
    judgement = Startup(contract("pool")).sets("mock", 5).double("mock", "MagicMock").judged(selected="NC207".__eq__)
    assert [finding.code for finding in judgement.findings] == ["NC207"]


def test_question_without_an_answer_is_not_run() -> None:
    recording = Startup().sets("pool", 4).sets("bridge", 5).recording().model_copy(update={"contracts": (BRIDGE,)})
    judgement = judge(recording)
    assert judgement.findings == ()
    assert {(entry.code, entry.subject) for entry in judgement.not_run} == {
        ("NC201", ""),
        ("NC203", ""),
        ("NC303", "_pool"),
    }
    assert all(isinstance(entry, NotRun) and entry.component == "bridge" for entry in judgement.not_run)


def test_errors_come_before_warnings_and_earlier_phases_before_later_ones() -> None:
    startup = Startup(
        contract("late", "readiness"), contract("early", "initialization"), contract("lenient", severity="warning")
    )
    startup.fails("shutdown", fault("raised", raised("ValueError", "no", 90)))
    assert startup.codes() == [("NC201", "early"), ("NC201", "late"), ("NC110", ""), ("NC201", "lenient")]


def test_consequence_comes_right_after_its_cause() -> None:
    startup = Startup(contract("pool", "initialization"))
    read = startup.reads("other", 20)
    startup.fails("startup", fault("raised", raised("AttributeError", "other", 20, failed_read=read)))
    root, after = startup.findings()
    assert (root.code, after.code, after.caused_by) == ("NC306", "NC108", root.fingerprint)


def test_later_phases_are_not_judged() -> None:
    startup = Startup(contract("pool", "configuration"), contract("bridge", "readiness"), contract("cache"))
    assert startup.codes(until="configuration") == [("NC201", "pool")]
    assert [entry.component for entry in startup.judged("configuration").context.contracts.in_scope] == ["pool"]


def test_dependencies_of_a_judged_contract_are_judged_too() -> None:
    startup = Startup(contract("bridge", "configuration", requires=("pool",)), contract("pool"), contract("cache"))
    startup.sets("bridge", 20)
    assert startup.codes(until="configuration") == [("NC201", "pool")]


def test_component_of_a_later_phase_reports_no_finding() -> None:
    startup = Startup(contract("mock", "readiness"), contract("lost", "readiness"))
    startup.sets("mock", 5).double("mock", "MagicMock").sets("lost", 6).deletes("lost", 7)
    assert startup.codes(until=Phase.CONFIGURATION.value) == []


def test_judging_is_deterministic() -> None:
    startup = Startup(BRIDGE, contract("pool")).sets("bridge", 5)
    assert startup.judged()[:3] == startup.judged()[:3]


def test_blocked_contract_names_what_blocks_it_and_its_own_phase() -> None:
    (blocked,) = Startup(contract("pool"), BRIDGE).judged().blocked
    assert (blocked.component, blocked.by, blocked.phase) == ("bridge", "pool", Phase.CONFIGURATION)


def test_finding_about_a_component_without_a_contract_names_the_contracts_that_depend_on_it() -> None:
    source = ContractSource(text="shop.toml:3", location=at(3))
    bridge = contract("bridge", requires=("pool",), origin=source)
    (finding,) = Startup(bridge).sets("bridge", 5).findings()
    assert finding.causes[-1:] == (Cause(message="`bridge` depends on it", location=at(3)),)
