"""The Python interface checks states in this process, and starts targets like the command."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Protocol

import pytest
from starlette.datastructures import State

from netra_contracts import (
    AppStateContract,
    AppStateContractViolation,
    Contract,
    Phase,
    UsageError,
    check,
    check_async,
    enforce_app_state_contracts,
    validate_app_state_contracts,
    validate_complete_startup_sequence,
)
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding, NotRun
from netra_contracts.model.report import NOT_RUN
from netra_contracts.protocol.location import Location

APPS = Path(__file__).parents[1] / "apps"


class Pool:
    def add(self, user_id: str) -> None: ...


class Bridge:
    def __init__(self, pool: Pool) -> None:
        self.pool = pool


class AppState(Protocol):
    pool: Annotated[Pool, Contract(phase=Phase.INITIALIZATION, methods=["add(user_id)"])]
    bridge: Annotated[Bridge, Contract(phase=Phase.CONFIGURATION, requires=["pool"], wires={"pool": "pool"})]


def whole() -> dict[str, Any]:
    pool = Pool()
    return {"pool": pool, "bridge": Bridge(pool)}


@pytest.mark.parametrize("made", [dict, State, lambda entries: SimpleNamespace(**entries)])
def test_state_may_be_a_mapping_or_an_object(made: Any) -> None:
    report = validate_app_state_contracts(made(whole()), contracts=AppState)
    assert (report.ok, report.summary.held, report.not_run) == (True, 2, ())


def test_wire_to_another_object_is_reported_as_nc303() -> None:
    state = whole()
    state["bridge"].pool = Pool()
    report = validate_app_state_contracts(state, contracts=AppState)
    assert [(finding.code, finding.component) for finding in report.findings] == [("NC303", "bridge")]


def test_missing_component_is_one_finding_and_blocks_its_dependants() -> None:
    report = validate_complete_startup_sequence({"bridge": Bridge(Pool())}, contracts=AppState)
    assert [(finding.code, finding.component) for finding in report.findings] == [("NC201", "pool")]
    assert [(blocked.component, blocked.by) for blocked in report.blocked] == [("bridge", "pool")]
    assert [phase.status for phase in report.phases] == ["failed", "blocked", "empty", "empty"]


def test_contracts_of_later_phases_are_not_checked() -> None:
    report = validate_app_state_contracts({"pool": Pool()}, contracts=AppState, phase=Phase.INITIALIZATION)
    assert (report.ok, report.summary.contracts) == (True, 1)


def test_enforce_raises_an_error_with_the_report() -> None:
    enforce_app_state_contracts(whole(), contracts=AppState)
    with pytest.raises(AppStateContractViolation, match="NC201 `pool` was never set") as caught:
        enforce_app_state_contracts({}, contracts=[AppStateContract("pool", Pool)])
    assert caught.value.report.exit_code == 1


def test_all_problems_of_contracts_are_reported_at_once() -> None:
    wrong = [AppStateContract("pool", phase="later"), AppStateContract("bridge", severity="fatal")]
    with pytest.raises(UsageError) as caught:
        validate_app_state_contracts({}, contracts=wrong)
    assert len(caught.value.problems) == 2


def test_check_starts_a_target() -> None:
    report = check("main:app", cwd=APPS / "good" / "fastapi_lifespan")
    assert report.ok
    assert report.startup.outcome == "ok"
    assert report.target.info.framework == "FastAPI"


def test_check_can_be_awaited() -> None:
    report = asyncio.run(check_async("nope:app", cwd=APPS / "good" / "fastapi_lifespan"))
    assert [finding.code for finding in report.findings] == ["NC101"]
    with pytest.raises(AppStateContractViolation):
        report.raise_for_violations()


def test_arguments_of_check_are_validated_with_the_nearest_name() -> None:
    with pytest.raises(UsageError) as caught:
        check("main:app", cwd=APPS / "good" / "fastapi_lifespan", fail_level="eror", select=["NC3033"], settle=-1)  # type: ignore[arg-type]  # misspelt on purpose
    assert [(problem.place, problem.message, problem.hint) for problem in caught.value.problems] == [
        ("check(settle=...)", "settle must be at least 0, not -1", ""),
        ("check(fail_level=...)", 'there is no fail level "eror"', 'did you mean "error"?'),
        ("check(select=...)", 'no check has a code that starts with "NC3033"', 'did you mean "NC303"?'),
    ]


@pytest.mark.parametrize(("arguments", "status"), [({}, 0), ({"fail_level": "error"}, 1)])
def test_arguments_of_check_override_the_configuration_file(
    tmp_path: Path, arguments: dict[str, Any], status: int
) -> None:
    (tmp_path / "main.py").write_text("raise RuntimeError\n", encoding="utf-8")
    (tmp_path / "netra-contracts.toml").write_text('target = "main:app"\nfail-level = "never"\n', encoding="utf-8")
    report = check(cwd=tmp_path, **arguments)
    assert ([finding.severity for finding in report.findings], report.exit_code) == (["error"], status)


def test_printed_report_is_the_concise_table() -> None:
    report = validate_app_state_contracts({"pool": 1}, contracts=[AppStateContract("pool", Pool)])
    lines = str(report).splitlines()
    assert lines[0].startswith("FAILED  state: 1 error")
    assert any(line.startswith("error[NC203] `pool` is of type `int`") for line in lines)
    assert not any("Timeline" in line or "Phases" in line for line in lines)
    assert repr(report) == "<Report of state: failed, findings: NC203>"


def test_text_of_the_violation_has_location_cause_and_hint() -> None:
    cause = Cause(message="it was set here", location=Location("/app/other.py", 3))
    finding = Finding(
        code="NC999",
        severity=Severity.ERROR,
        message="it is wrong",
        location=Location("/app/main.py", 7),
        causes=(cause,),
        hint="mend it",
    )
    report = validate_app_state_contracts({}, contracts=[]).model_copy(update={"findings": (finding,), "exit_code": 1})
    with pytest.raises(AppStateContractViolation) as caught:
        report.raise_for_violations()
    assert str(caught.value).splitlines() == [
        "1 violation",
        "NC999 it is wrong",
        "  at /app/main.py:7",
        "  why: it was set here (/app/other.py:3)",
        "  help: mend it",
    ]


def test_text_of_a_violation_that_only_strict_sees_says_what_was_not_run() -> None:
    entry = NotRun(code="NC205", component="pool", reason="its method `open` cannot be judged", required=True)
    update = {"not_run": (entry,), "failed_by": (NOT_RUN,), "strict": True, "exit_code": 1}
    report = validate_app_state_contracts({}, contracts=[]).model_copy(update=update)
    with pytest.raises(AppStateContractViolation) as caught:
        report.raise_for_violations()
    assert str(caught.value).splitlines() == [
        "1 check not run",
        "not run: NC205 pool: its method `open` cannot be judged",
    ]


def test_contracts_may_be_a_reference_as_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "contracts.toml"
    file.write_text('[components.pool]\ntype = "int"\n', encoding="utf-8")
    (tmp_path / "declared_in_a_module.py").write_text(
        "from netra_contracts.declare import AppStateContract\nCONTRACTS = [AppStateContract('pool', str)]\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert validate_app_state_contracts({"pool": 1}, contracts=file).ok
    assert validate_app_state_contracts({"pool": 1}, contracts=str(file)).ok
    assert not validate_app_state_contracts({"pool": 1}, contracts="declared_in_a_module:CONTRACTS").ok
    with pytest.raises(UsageError, match='there is no pack of contracts "nowhere"'):
        validate_app_state_contracts({}, contracts="pack:nowhere")


def test_errors_of_check_name_arguments(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        check("main:app", cwd=tmp_path, python="/nowhere/python", app_dir="src", contracts=[Path("a.toml")])
    places = [problem.place for problem in caught.value.problems]
    assert places == ["check(python=...)", "check(app_dir=...)", "check(contracts=...)"]
    with pytest.raises(UsageError) as caught:
        check(cwd=tmp_path)
    assert '`check("myapp.main:app")`' in caught.value.problems[0].hint
