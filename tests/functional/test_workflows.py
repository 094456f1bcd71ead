"""Continuous integration calls the Makefile, so that what a contributor runs is what CI runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))


def workflow(name: str) -> Any:
    """A workflow, parsed."""
    return yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))


def steps(name: str) -> list[dict[str, Any]]:
    """The steps of all jobs of a workflow."""
    return [step for job in workflow(name)["jobs"].values() for step in job.get("steps", ())]


def made(text: str) -> list[str]:
    """The targets of the Makefile that shell commands make."""
    return re.findall(r"^\s*make (?:--\S+ )*([a-z-]+)", text, re.MULTILINE)


def test_ci_and_workflows_call_targets_of_the_makefile() -> None:
    by_workflows = {target for name in WORKFLOWS for step in steps(name) for target in made(step.get("run", ""))}
    assert by_workflows == {"test", "test-all", "demo", "dist", "docs", "release-notes"} & TARGETS
    assert made((ROOT / ".ci" / "run").read_text(encoding="utf-8")) == ["test", "demo", "test-gates"]


def test_every_target_is_phony_and_in_the_help_at_the_top() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    described = set(re.findall(r"^# make ([a-z-]+)  ", MAKEFILE, re.MULTILINE))
    assert set(phony.split()) == TARGETS
    assert TARGETS - described == {"coverage-floor", "release-notes"}, "steps of other targets and of workflows"


def test_ci_tests_every_python_that_the_package_claims_to_support() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
    matrix = workflow("ci")["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == [version for text in classifiers for version in re.findall(r"3\.\d+$", text)]
    assert [name.partition("-")[0] for name in matrix["os"]] == ["ubuntu", "macos"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow_pins_actions_and_grants_no_more_than_it_needs(name: str) -> None:
    used = {step["uses"] for step in steps(name) if "uses" in step}
    assert {use for use in used if not re.fullmatch(r"[\w./-]+@v\d+(\.\d+)*|\./", use)} == set()
    assert workflow(name)["permissions"] == {"contents": "read"}
    granted = {job: text["permissions"] for job, text in workflow(name)["jobs"].items() if "permissions" in text}
    expected = {"publish": {"id-token": "write"}, "announce": {"contents": "write"}} if name == "release" else {}
    assert granted == expected


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_release_notes_are_the_section_of_the_changelog() -> None:
    command = ["make", "--silent", "release-notes", "VERSION=Unreleased"]
    notes = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = changelog.partition("## [Unreleased]\n")[2].partition("\n## [")[0]
    assert notes.strip() == section.strip() != ""
