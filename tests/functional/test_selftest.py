"""`netra-contracts selftest`: no findings on the reference, and every seeded fault detected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from netra_contracts.model.report_of_clients import ClientsReport
from netra_contracts.model.selftest import FaultResult, SelfTest
from netra_contracts.selftest.faults import FAULTS
from tests.functional.harness import Runner

FLOWS = [
    "startup initialises the bridge",
    "the bridge reaches the supervisor factory",
    "the engine factory holds the bridge",
    "a user context makes an emitter",
    "agent events flow end to end",
    "contracts are validated in startup",
]
#: Seconds on a busy machine. `docs/benchmarks.md` has the duration on an idle one.
DEADLINE_S = 240.0


def test_self_test_passes_and_detects_every_fault(run: Runner, tmp_path: Path) -> None:
    outcome = run.command("selftest", "--users", "12", "--format", "json", cwd=tmp_path, deadline_s=DEADLINE_S)
    result = SelfTest.model_validate(outcome.report)
    assert [(fault.name, fault.found) for fault in result.faults if not fault.detected] == []
    assert (result.findings, result.not_run, outcome.exit_code, result.verdict) == ((), (), 0, "passed")
    assert [fault.name for fault in result.faults] == [fault.name for fault in FAULTS]
    assert [(flow.name, flow.passed) for flow in result.flows] == [(name, True) for name in FLOWS]
    assert isinstance(result.clients, ClientsReport)
    assert (result.clients.users, result.clients.events) == (12, 60)
    assert [isolation.users for isolation in result.isolation] == [10]


def test_json_has_the_documented_keys(run: Runner, tmp_path: Path) -> None:
    outcome = run.command("selftest", "--fault", "bridge-none", "--format", "json", cwd=tmp_path)
    assert outcome.report.keys() == {
        "schema_version", "tool_version", "verdict", "exit_code", "seconds", "flows", "isolation", "clients",
        "findings", "not_run", "faults",
    }  # fmt: skip
    assert outcome.report["faults"][0].keys() == {"name", "description", "expected", "found", "detected", "ms"}


def test_fault_option_runs_one_fault_only(run: Runner, tmp_path: Path) -> None:
    outcome = run.command("selftest", "--fault", "bridge-none", "--format", "json", cwd=tmp_path)
    (fault,) = outcome.report["faults"]
    assert fault["detected"]
    assert fault["found"] == ["NC202 websocket_bridge_factory"]
    assert outcome.report["flows"] == []


def test_table_has_verdict_and_fault_within_80_columns(run: Runner, tmp_path: Path) -> None:
    outcome = run.command("selftest", "--fault", "import-raises", cwd=tmp_path)
    assert outcome.exit_code == 0
    assert "PASSED  1 of 1 seeded faults detected in" in outcome.stdout
    assert "import-raises" in outcome.stdout
    assert all(len(line) <= 80 for line in outcome.stdout.splitlines())


def test_list_option_prints_every_fault(run: Runner, tmp_path: Path) -> None:
    outcome = run.command("selftest", "--list", cwd=tmp_path)
    assert outcome.exit_code == 0
    assert [line for line in outcome.stdout.splitlines() if not line.startswith(" ")] == [
        fault.name for fault in FAULTS
    ]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--fault", "bridge-non"), 'there is no fault "bridge-non" (did you mean "bridge-none"?)'),
        (("--format", "jsn"), 'there is no format "jsn" (did you mean "json"?)'),
        (("--users", "1"), "users must be a whole number from 2 to 10000, not 1"),
    ],
)
def test_wrong_argument_is_a_usage_error(run: Runner, tmp_path: Path, arguments: tuple[str, ...], text: str) -> None:
    outcome = run.command("selftest", *arguments, cwd=tmp_path)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert text in outcome.stderr


def test_fault_that_is_not_detected_fails_the_self_test() -> None:
    missed = FaultResult(name="a-b", description="d", expected="NC1", found=(), detected=False, ms=1.0)
    result = SelfTest.of((), None, [missed], 1.0)
    assert (result.verdict, result.exit_code) == ("failed", 1)


def run_without(package: str, statements: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run statements in an interpreter in which a package cannot be imported."""
    script = f"import runpy, sys; sys.modules[{package!r}] = None; {statements}"
    return subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(("module", "package"), [("starlette", "starlette"), ("uvicorn", "uvicorn"), ("jwt", "pyjwt")])
@pytest.mark.parametrize(
    "statements",
    [
        "sys.argv = ['netra-contracts', 'selftest']; runpy.run_module('netra_contracts', run_name='__main__')",
        "sys.argv = ['reference']; runpy.run_module('netra_contracts.reference', run_name='__main__')",
    ],
    ids=["selftest", "reference"],
)
def test_missing_package_exits_with_2_and_names_the_extra(
    tmp_path: Path, module: str, package: str, statements: str
) -> None:
    ended = run_without(module, statements, tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"needs {package}" in ended.stderr
    assert "pip install 'netra-contracts[selftest]'" in ended.stderr


def test_list_option_needs_no_extra(tmp_path: Path) -> None:
    arguments = "sys.argv = ['netra-contracts', 'selftest', '--list']"
    ended = run_without("starlette", f"{arguments}; runpy.run_module('netra_contracts', run_name='__main__')", tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"{FAULTS[0].name}\n")
