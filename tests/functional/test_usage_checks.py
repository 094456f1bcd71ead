"""NC7xx: what the sources of an application say of its state, compared with what its startup did."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.functional.harness import APPS, Outcome, Runner
from tests.functional.shared_runs import SharedRunner

FAULTS, RIGHT = "usage/faults", "usage/right"
TARGET = "shop.main:app"
#: What the comment on a line says about it, by the code of the finding that is expected there.
COMMENTS = {"NC701": "# never set", "NC702": "# wrong", "NC704": "# shared"}


def expected(project: str) -> set[tuple[str, str, int]]:
    """Code, file and line of the findings that comments in the sources announce."""
    return {
        (code, file.name, number)
        for file in (APPS / project).rglob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for code, comment in COMMENTS.items()
        if comment in line
    }


def reported(outcome: Outcome) -> set[tuple[str, str, int]]:
    """Code, file and line of all findings of the family."""
    return {
        (finding["code"], Path(finding["location"]["file"]).name, finding["location"]["line"])
        for finding in outcome.findings
        if finding["code"].startswith("NC7")
    }


def not_run(outcome: Outcome) -> list[str]:
    """The reasons why something of the family could not be judged."""
    return [entry["reason"] for entry in outcome.report["not_run"] if entry["code"].startswith("NC7")]


@pytest.fixture
def faults(shared: SharedRunner) -> Outcome:
    """The run of the application with faults."""
    return shared.check(FAULTS, TARGET)


class TestFaults:
    """The application with faults, without contracts."""

    def test_each_marked_line_and_no_other_has_a_finding(self, faults: Outcome) -> None:
        assert reported(faults) == expected(FAULTS), faults.details
        assert len(faults.findings) == len(expected(FAULTS)), faults.details
        assert not_run(faults) == []

    def test_findings_are_warnings(self, faults: Outcome) -> None:
        assert {finding["severity"] for finding in faults.findings} == {"warning"}
        assert faults.exit_code == 0

    def test_misspelt_entry_has_a_suggestion_with_the_line_that_sets_it(self, faults: Outcome) -> None:
        finding = faults.finding("NC701", "poool")
        assert finding["hint"] == "did you mean `pool`?"
        assert finding["causes"][-1]["location"]["line"] == faults.line_of("app.state.pool = Pool()", "shop/main.py")

    def test_reader_by_an_accessor_is_counted(self, faults: Outcome) -> None:
        message = faults.finding("NC701", "mailer")["message"]
        assert message == "`mailer` is read from `app.state` at deps.py:13 and 1 other place, but nothing sets it"

    def test_object_and_signature_are_named(self, faults: Outcome) -> None:
        by_subject = {finding["subject"]: finding for finding in faults.findings if finding["code"] == "NC702"}
        assert "`shop.services.Pool` has no `execute`" in by_subject["execute"]["message"]
        assert "missing a required argument: 'event'" in by_subject["publish()"]["message"]
        assert by_subject["publish()"]["causes"][-1]["location"]["file"].endswith("services.py")
        assert by_subject["acquire async-with"]["hint"] == "await the call first: it is `async def`"

    def test_recording_has_the_usage_and_no_text_of_the_sources(self, shared: SharedRunner, faults: Outcome) -> None:
        recording = shared.recording_of(faults).read_text(encoding="utf-8")
        observation = json.loads(recording)["observation"]
        assert observation["usage"]["accesses"]
        loaded = {module["name"] for module in observation["uses"]["modules"]}
        assert {f"shop.{name}" for name in ("deps", "main", "routes", "sockets", "users")} <= loaded
        assert not {"shop.late", "other"} & loaded
        assert "never set" not in recording
        assert re.search(r"\bselect 1\b|x-user", recording) is None

    def test_recording_is_judged_as_the_run_was(self, run: Runner, shared: SharedRunner, faults: Outcome) -> None:
        saved = run.command("check", "--from", str(shared.recording_of(faults)), "--format", "json", cwd=run.folder)
        assert reported(saved) == reported(faults)


@pytest.mark.slow
def test_contract_is_the_cause_of_what_the_code_meets(run: Runner) -> None:
    contracts = run.project(FAULTS) / "pyproject.toml"
    contracts.write_text(
        "[tool.netra-contracts.components.hub]\n"
        "[tool.netra-contracts.components.pool]\nmethods = ['execute']\n"
        "[tool.netra-contracts.components.limit]\ntype = 'list'\n"
        "[tool.netra-contracts.components.version]\nseverity = 'note'\n"
    )
    outcome = run.check(FAULTS, TARGET)
    causes = {finding["fingerprint"]: finding["code"] for finding in outcome.findings}
    linked = {
        (finding["code"], finding["component"], finding["subject"]): causes.get(finding["caused_by"], "")
        for finding in outcome.findings
    }
    assert linked["NC701", "hub", ""] == "NC201"
    assert linked["NC702", "pool", "execute"] == "NC205"
    assert linked["NC702", "pool", "acquire async-with"] == ""
    assert linked["NC702", "limit", "iterate"] == "NC203"
    assert outcome.finding("NC702", "version")["severity"] == "note"
    assert outcome.finding("NC702", "limit")["severity"] == "error"


class TestRight:
    """The application without faults."""

    def test_nothing_is_reported(self, shared: SharedRunner) -> None:
        outcome = shared.check(RIGHT, TARGET)
        assert (outcome.findings, not_run(outcome)) == ([], []), outcome.details

    def test_what_is_read_by_computed_names_is_unknown(self, run: Runner, shared: SharedRunner) -> None:
        recording = shared.recording_of(shared.check(RIGHT, TARGET))
        saved = run.command("check", "--from", str(recording), "--select", "NC703", "--format", "json", cwd=run.folder)
        assert [reason.partition(":")[0] for reason in not_run(saved)] == ["what is read is unknown"]


def test_entry_that_nothing_reads_is_reported_if_it_is_selected(
    run: Runner, faults: Outcome, shared: SharedRunner
) -> None:
    saved = run.command(
        "check", "--from", str(shared.recording_of(faults)), "--select", "NC703", "--format", "json", cwd=run.folder
    )
    assert [(finding["code"], finding["component"]) for finding in saved.findings] == [("NC703", "prices")]


@pytest.mark.parametrize("by", ["flag", pytest.param("configuration", marks=pytest.mark.slow)])
def test_sources_are_not_read_if_that_is_turned_off(run: Runner, by: str) -> None:
    arguments: tuple[Any, ...] = ("--no-usage",) if by == "flag" else ()
    if by == "configuration":
        (run.project(FAULTS) / "netra-contracts.toml").write_text("usage = false\n")
    outcome = run.check(FAULTS, TARGET, *arguments, "--record", "recording.json")
    assert (outcome.findings, not_run(outcome)) == ([], [])
    observation = json.loads((outcome.folder / "recording.json").read_text(encoding="utf-8"))["observation"]
    assert (observation["usage"], observation["uses"]) == (None, None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reader", "reason"),
    [
        ("exit 3", "the reader of the sources ended with status 3"),
        ("sleep 60", "the sources were not read within 5 s after startup"),
    ],
)
def test_reader_that_fails_or_hangs_is_said_once_and_changes_nothing_else(
    run: Runner, reader: str, reason: str
) -> None:
    python = run.folder / "python"
    python.write_text(f'#!/bin/sh\ncase "$1" in -I) {reader};; esac\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    outcome = run.check(FAULTS, TARGET, "--python", str(python))
    assert (outcome.exit_code, outcome.findings) == (0, []), outcome.details
    assert not_run(outcome) == [f"the use of the states was not judged: {reason}"]
