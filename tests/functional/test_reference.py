"""The embedded reference, unchanged and with faults patched into it."""

from __future__ import annotations

from pathlib import Path

from netra_contracts import Phase, Report, check

CONTRACTS = "netra_contracts.reference.contracts:CONTRACTS"


def check_faulty(folder: Path, fault: str) -> Report:
    """Check the reference after the statements of `fault`."""
    source = f"from netra_contracts.reference import create_app, engine, startup\n{fault}\n"
    (folder / "faulty.py").write_text(source, encoding="utf-8")
    return check("faulty:create_app", cwd=folder, contracts=CONTRACTS, live=False)


def test_reference_keeps_its_contracts_in_four_marked_phases(tmp_path: Path) -> None:
    report = check("netra_contracts.reference:create_app", cwd=tmp_path, contracts=CONTRACTS)
    assert (report.exit_code, report.findings, report.not_run) == (0, (), ())
    assert report.summary.held == report.summary.contracts == report.summary.components == 8
    assert [(phase.name, phase.marked, phase.status) for phase in report.phases] == [
        (Phase.INITIALIZATION, True, "passed"),
        (Phase.CONFIGURATION, True, "passed"),
        (Phase.INTEGRATION, True, "passed"),
        (Phase.READINESS, True, "passed"),
    ]


def test_engine_factory_with_another_bridge_factory_reports_NC303(tmp_path: Path) -> None:
    fault = """
class Foreign(startup.ExecutionEngineFactory):
    def __init__(self, websocket_bridge, *parts, **limits):
        super().__init__(startup.WebSocketBridgeFactory(websocket_bridge._connection_pool), *parts, **limits)

engine.ExecutionEngineFactory = Foreign
"""
    report = check_faulty(tmp_path, fault)
    (finding,) = report.findings
    assert (finding.code, finding.component, finding.phase) == (
        "NC303",
        "execution_engine_factory",
        Phase.INTEGRATION,
    )
    assert finding.impact == "Agents run, and their users see nothing"


def test_bridge_factory_that_is_none_reports_NC108_and_NC202(tmp_path: Path) -> None:
    report = check_faulty(tmp_path, "startup.WebSocketBridgeFactory = lambda pool: None")
    failed, none = sorted(report.findings, key=lambda finding: finding.code)
    assert [(finding.code, finding.component) for finding in (failed, none)] == [
        ("NC108", ""),
        ("NC202", "websocket_bridge_factory"),
    ]
    assert "build the bridge factory first" in failed.message
    assert failed.location is not None
    assert failed.location.file.endswith("engine.py")
    assert {blocked.component for blocked in report.blocked} == {
        "execution_engine_factory",
        "supervisor_factory",
        "startup_complete",
    }


def check_with_own_checks(folder: Path, target: str) -> Report:
    """Check a target with the readiness checks of the reference."""
    (folder / "own.toml").write_text('checks = ["netra_contracts.reference.checks"]\n', encoding="utf-8")
    return check(target, cwd=folder, contracts="own.toml")


def test_readiness_checks_of_the_reference_pass(tmp_path: Path) -> None:
    report = check_with_own_checks(tmp_path, "netra_contracts.reference:create_app")
    assert (report.exit_code, report.findings, report.not_run) == (0, (), ())


def test_sessions_that_store_nothing_report_NC507(tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(
        """
from netra_contracts.reference import create_app, database

async def forget(self, content):
    pass

database.UserSession.add_message = forget
""",
        encoding="utf-8",
    )
    report = check_with_own_checks(tmp_path, "faulty:create_app")
    (finding,) = report.findings
    assert finding.code == "NC507"
    assert "of one stored message, 0 were found" in finding.message
