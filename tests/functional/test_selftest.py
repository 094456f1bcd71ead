"""`netra-contracts selftest`: the tool finds nothing in its reference, and every fault that is put into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from netra_contracts.model.report import ClientsReport
from netra_contracts.selftest.faults import FAULTS
from netra_contracts.selftest.result import FaultResult, SelfTest
from tests.functional.harness import Runner

FLOWS = [
    "startup initialises the bridge",
    "the bridge reaches the supervisor factory",
    "the engine factory holds the bridge",
    "a user context makes an emitter",
    "agent events flow end to end",
    "contracts are validated in startup",
]
#: A busy machine; what it takes on a quiet one is in docs/benchmarks.md.
DEADLINE_S = 240.0


def test_the_whole_self_test_passes(run: Runner, tmp_path: Path) -> None:
    outcome = run.command("selftest", "--users", "12", "--format", "json", cwd=tmp_path, deadline_s=DEADLINE_S)
    result = SelfTest.model_validate(outcome.report)
    missed = [fault for fault in result.faults if not fault.detected]
    assert (result.findings, result.not_run, outcome.exit_code) == ((), (), int(bool(missed)))
    _assert_found(run, tmp_path, missed)
    assert [fault.name for fault in result.faults] == [fault.name for fault in FAULTS]
    assert [(flow.name, flow.passed) for flow in result.flows] == [(name, True) for name in FLOWS]
    live = result.clients
    assert isinstance(live, ClientsReport)
    assert (live.users, live.events) == (12, 60)
    assert [one.users for one in result.isolation] == [10]
    assert {"verdict", "flows", "clients", "faults"} <= set(outcome.report)
    assert {"name", "expected", "found", "detected"} <= set(outcome.report["faults"][0])


def _assert_found(run: Runner, folder: Path, missed: list[FaultResult]) -> None:
    """What was missed beside all the other tests, whose processes may keep it waiting, is found when tried alone."""
    for fault in missed:
        again = run.command("selftest", "--fault", fault.name, "--format", "json", cwd=folder)
        assert again.exit_code == 0, (fault, again.details)
    assert len(missed) < 4, missed


def test_one_fault_is_tried_alone(run: Runner, tmp_path: Path) -> None:
    outcome = run.command("selftest", "--fault", "bridge-none", "--format", "json", cwd=tmp_path)
    (fault,) = outcome.report["faults"]
    assert fault["detected"]
    assert fault["found"] == ["NC202 websocket_bridge_factory"]
    assert outcome.report["flows"] == []


def test_the_table_names_the_fault_with_what_was_expected(run: Runner, tmp_path: Path) -> None:
    outcome = run.command("selftest", "--fault", "import-raises", cwd=tmp_path)
    assert outcome.exit_code == 0
    assert "PASSED  1 of 1 seeded faults found" in outcome.stdout
    assert "import-raises" in outcome.stdout
    assert all(len(line) <= 80 for line in outcome.stdout.splitlines())


def test_the_list_has_every_fault_and_starts_nothing(run: Runner, tmp_path: Path) -> None:
    outcome = run.command("selftest", "--list", cwd=tmp_path)
    assert outcome.exit_code == 0
    assert [line for line in outcome.stdout.splitlines() if not line.startswith(" ")] == [one.name for one in FAULTS]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fault", "bridge-non"), 'there is no fault "bridge-non" (did you mean "bridge-none"?)'),
        (("--format", "jsn"), 'there is no format "jsn" (did you mean "json"?)'),
        (("--users", "1"), "users must be from 2 to 10000, not 1"),
    ],
)
def test_wrong_usage_is_told(run: Runner, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    outcome = run.command("selftest", *arguments, cwd=tmp_path)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert said in outcome.stderr


def test_a_fault_that_is_missed_fails_the_self_test() -> None:
    missed = FaultResult(name="a-b", what="w", expected="NC1", found=(), detected=False, ms=1.0)
    result = SelfTest.of((), None, [missed], 1.0)
    assert (result.verdict, result.exit_code) == ("failed", 1)
