from __future__ import annotations

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked, NotRun
from netra_contracts.model.report import ComponentReport
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import sample_reports


def drawn(run: RunReport) -> list[str]:
    return RENDERERS["concise"](run, RenderOptions(cwd=sample_reports.CWD)).splitlines()


def test_finding_is_a_line_with_its_place_and_the_last_line_is_the_verdict() -> None:
    assert drawn(RunReport.of(sample_reports.failed())) == [
        "app/startup.py:41: NC303 `execution_engine_factory._websocket_bridge` is None",
        "FAILED  app.main:app: 1 error; 3 contracts: 2 held and 1 broken; took 360 ms",
    ]


def test_finding_without_a_line_is_at_that_of_a_cause_and_line_ends_are_removed() -> None:
    finding = sample_reports.NC303.model_copy(update={"location": None, "message": "a\nb\x1b"})
    assert drawn(RunReport.of(sample_reports.report(findings=(finding,))))[0] == "app/startup.py:41: NC303 a b\\x1b"


def test_check_that_contracts_ask_for_and_that_was_not_run_is_a_line() -> None:
    entries = (NotRun(code="NC401", component="pool", reason="no uvicorn", required=True), NotRun(code="X", reason="-"))
    assert drawn(RunReport.of(sample_reports.report(not_run=entries)))[0] == "not run: NC401 pool: no uvicorn"


def test_several_targets_are_distinguished_by_name() -> None:
    reports = tuple(NamedReport(name=name, report=sample_reports.failed()) for name in ("api", "worker"))
    errors = (TargetError(name="jobs", exit_code=2, problems=("there is nothing to check here",)),)
    lines = drawn(RunReport(reports=reports, errors=errors, several=True))
    assert lines[0].startswith("app/startup.py:41: NC303 api: ")
    assert lines[2].startswith("app/startup.py:41: NC303 worker: ")
    assert lines[-1] == "jobs: there is nothing to check here"


def test_consequence_names_its_cause_and_a_warning_its_severity() -> None:
    root = sample_reports.NC303
    update = {"component": "b", "caused_by": root.fingerprint, "severity": Severity.WARNING, "message": "m"}
    follows = root.model_copy(update=update)
    assert drawn(RunReport.of(sample_reports.report(findings=(root, follows))))[1] == (
        "app/startup.py:41: NC303 warning: m (follows from NC303)"
    )


def test_blocked_contract_is_a_line_at_its_declaration() -> None:
    component = ComponentReport(address="b", declared_at=Location(f"{sample_reports.CWD}/pyproject.toml", 9))
    blocked = Blocked(component="b", by="a", reason="it depends on `a`")
    report = sample_reports.report(components=(component,), blocked=(blocked,))
    assert drawn(RunReport.of(report))[0] == "pyproject.toml:9: blocked: b: it depends on `a`"
