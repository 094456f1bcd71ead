"""Locations are lines of the target's own code, also where it is installed, and the report shows their source."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from netra_contracts import pipeline
from netra_contracts.model.finding import Finding
from netra_contracts.model.recording import Recording
from tests.functional.harness import Outcome, Runner, location_of

PROJECT = "hostile/deep_failures"


@pytest.fixture
def site_packages(run: Runner) -> Path:
    """A folder in which the target is installed, as `pip install .` leaves it; the working folder has no code."""
    folder = run.project(PROJECT) / "lib" / "site-packages"
    folder.mkdir(parents=True)
    shutil.move(run.project(PROJECT) / "shop", folder)
    info = folder / "shop-1.0.dist-info"
    info.mkdir()
    files = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.py"))]
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in [*files, f"{info.name}/RECORD"]))
    return folder


def check(run: Runner, site_packages: Path, target: str, *args: str) -> Outcome:
    outcome = run.check(PROJECT, target, *args, env={"PYTHONPATH": f"{site_packages}:{Path.cwd()}"})
    return Outcome(outcome.exit_code, outcome.stdout, outcome.stderr, site_packages / "shop", outcome.report)


def test_installed_target_gets_its_own_lines_calls_and_source(run: Runner, site_packages: Path) -> None:
    outcome = check(run, site_packages, "shop.main:app", "--record", "run.json")
    finding = outcome.finding("NC108")
    raised, called = outcome.line_of("raise LookupError", "database.py"), outcome.line_of("from orders", "database.py")
    assert location_of(finding) == f"database.py:{raised}", outcome.details
    assert [(call["function"].rpartition(".")[2], call["line"]) for call in finding["calls"]] == [
        ("failing", outcome.line_of("app.state.database = ")),
        ("open_database", outcome.line_of("database.ping(")),
        ("ping", called),
        ("route", raised),
    ]
    assert any("/sqlalchemy/" in line["file"] for line in finding["trace"])
    assert finding["source"]["text"].strip() == 'raise LookupError("the schema is missing") from error'
    assert finding["causes"], outcome.details
    assert all("/shop/" in cause["location"]["file"] for cause in finding["causes"] if cause["location"])

    recorded = (run.project(PROJECT) / "run.json").read_text(encoding="utf-8")
    assert "hunter2" not in recorded
    assert "from error" not in recorded
    recording = Recording.model_validate_json(recorded)
    assert [found.source is not None for found in report_of(recording)] == [True]
    with (outcome.folder / "database.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert [found.source is not None for found in report_of(recording)] == [False]


def report_of(recording: Recording) -> list[Finding]:
    return list(pipeline.judge_recording(recording, pipeline.JudgeOptions()).findings)


def test_writes_and_background_tasks_of_an_installed_target_have_its_own_lines(
    run: Runner, site_packages: Path
) -> None:
    outcome = check(run, site_packages, "shop.main:started", "--no-source", "--settle", "0.5")
    assert location_of(outcome.component("cache")) == f"main.py:{outcome.line_of('vars(State)')}"
    failed = {
        finding["message"].partition(": ")[2]: finding for finding in outcome.findings if finding["code"] == "NC601"
    }
    assert {message: location_of(finding) for message, finding in failed.items()} == {
        "ValueError: only SQLite is supported": f"database.py:{outcome.line_of('raise ValueError', 'database.py')}",
        "LookupError: the schema is missing": f"database.py:{outcome.line_of('raise LookupError', 'database.py')}",
    }, outcome.details
    started = [cause for finding in failed.values() for cause in finding["causes"] if "started" in cause["message"]]
    assert {location_of(cause) for cause in started} == {
        f"main.py:{outcome.line_of('(read_settings())')}",
        f"main.py:{outcome.line_of('asyncio.to_thread')}",
    }
    assert {finding["source"] for finding in outcome.findings} == {None}
