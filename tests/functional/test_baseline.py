"""A baseline on a real target: from the first run with findings to a gate, as the command and in Python."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from netra_contracts import check
from netra_contracts.errors import UsageError
from tests.functional.harness import Runner

APPLICATION = """\
from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Bridge: ...


class Engine:
    def __init__(self, bridge):
        self.bridge = bridge


@asynccontextmanager
async def lifespan(app):
    app.state.bridge = Bridge()
    app.state.engine = Engine(app.state.bridge)
    app.state.bridge = Bridge()
    yield


app = Starlette(lifespan=lifespan)
"""
SETTINGS = 'target = "app:app"\n'
CONTRACTS = '[components.engine]\nwires = { bridge = "bridge" }\n[components.pool]\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two findings."""
    (tmp_path / "app.py").write_text(APPLICATION)
    (tmp_path / "netra-contracts.toml").write_text(SETTINGS + CONTRACTS)
    return tmp_path


def entries(path: Path) -> list[dict[str, Any]]:
    """The entries of a baseline."""
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("findings", [])
    return found


def test_project_with_findings_becomes_a_gate_that_only_gets_stricter(run: Runner, project: Path) -> None:
    settings, known = project / "netra-contracts.toml", project / "netra-baseline.toml"
    first = run.command("check", "--update-baseline", "-q", cwd=project)
    assert first.exit_code == 0, first.details
    assert 'add baseline = "netra-baseline.toml" to netra-contracts.toml' in first.stderr
    assert [(each["code"], each["component"]) for each in entries(known)] == [("NC201", "pool"), ("NC304", "engine")]
    assert entries(known)[1]["function"] == "lifespan"

    settings.write_text(f'{SETTINGS}baseline = "{known.name}"\n{CONTRACTS}')
    below = project / "below"
    below.mkdir()
    report = check(cwd=below, app_dir="..")  # the path is relative to the configuration's folder
    assert (report.findings, report.summary.known, report.exit_code) == ((), 2, 0)

    (project / "app.py").write_text(APPLICATION.replace("    app.state.bridge = Bridge()\n    yield", "    yield"))
    fixed = run.command("check", "--format", "json", cwd=project)
    assert (fixed.exit_code, fixed.codes) == (1, ["NC801"]), fixed.details
    assert fixed.findings[0]["location"]["file"] == str(known)
    assert fixed.line_of('code = "NC304"', known.name) == fixed.findings[0]["location"]["line"] + 1

    known.unlink()
    with pytest.raises(UsageError, match="there is no baseline"):
        check(cwd=project)


@pytest.mark.slow
def test_targets_of_one_file_share_a_baseline_by_their_names(run: Runner, project: Path) -> None:
    targets = '[[targets]]\ntarget = "app:app"\nname = "api"\n[[targets]]\ntarget = "app:app"\nname = "worker"\n'
    settings, known = project / "netra-contracts.toml", project / "netra-baseline.toml"
    settings.write_text(f'baseline = "{known.name}"\n{targets}{CONTRACTS.replace("components", "targets.components")}')
    assert run.command("check", "worker", "--update-baseline", "-q", cwd=project).exit_code == 0
    assert {each.get("target") for each in entries(known)} == {"worker"}
    both = run.command("check", "--all", "--format", "json", cwd=project)
    api, worker = both.report["reports"]
    assert (api["summary"]["new"], worker["summary"]["known"]) == (1, 2), both.details
    refused = run.command("check", "--all", "--update-baseline", cwd=project)
    assert (refused.exit_code, "check NAME --update-baseline" in refused.stderr) == (2, True), refused.details
    assert run.command("check", "--all", "--exit-zero", cwd=project).exit_code == 0
