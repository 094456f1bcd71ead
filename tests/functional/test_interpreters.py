"""The probe runs in every interpreter from CPython 3.9 on, even if no package is installed there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.harness import EVENT_CODES, Runner
from tests.interpreters import interpreters

EVERY_INTERPRETER = pytest.mark.parametrize(
    "python", [pytest.param(path, id=version) for version, path in interpreters().items()]
)


@EVERY_INTERPRETER
def test_startup_is_observed_in_every_interpreter(run: Runner, python: str) -> None:
    outcome = run.check("good/state_mapping_factory", "main:create_services", "--python", python)
    assert (outcome.exit_code, outcome.codes) == (0, []), outcome.details
    assert outcome.report["target"]["info"]["kind"] == "state factory"
    assert [component["address"] for component in outcome.report["components"]] == ["pool", "limit"]


@EVERY_INTERPRETER
def test_declare_is_importable_in_an_interpreter_without_packages(run: Runner, python: str) -> None:
    folder = run.project("good/state_mapping_factory")
    (folder / "contracts.py").write_text(
        "from netra_contracts.declare import AppStateContract, Phase\n"
        "CONTRACTS = [AppStateContract('absent', int, phase=Phase.READINESS)]\n"
    )
    options = ("--python", python, "--contracts", "contracts:CONTRACTS", "--format", "json")
    outcome = run.command("check", "main:create_services", *options, cwd=folder)
    assert [(finding["code"], finding["component"]) for finding in outcome.root_findings] == [("NC201", "absent")], (
        outcome.details
    )


def test_interpreter_that_does_not_work_is_a_usage_error(run: Runner, tmp_path: Path) -> None:
    shim = tmp_path / "python"
    shim.write_text("#!/bin/sh\necho 'python: command not found' >&2\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    folder = run.project("good/state_mapping_factory")
    outcome = run.command("check", "main:create_services", "--python", str(shim), cwd=folder)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "it exited with status 127: python: command not found" in outcome.stderr


ENGINES = """
class Engine:
    def __init__(self, user_id, log):
        self.user_id, self.log = user_id, log

class Engines:
    def __init__(self):
        self.log = []

    async def create(self, user_id):
        return Engine(user_id, self.log)

    def release(self, engine):
        pass

def create_services():
    return {"engines": Engines()}
"""
PER_USER = """
target = "main:create_services"
[components.engines.per-user]
create = "create"
release = "release"
[events]
path = "/ws"
expect = ["done"]
"""


@EVERY_INTERPRETER
def test_object_shared_by_users_reports_NC402_in_every_interpreter(run: Runner, tmp_path: Path, python: str) -> None:
    (tmp_path / "main.py").write_text(ENGINES, encoding="utf-8")
    (tmp_path / "netra-contracts.toml").write_text(PER_USER, encoding="utf-8")
    outcome = run.command("check", "--python", python, "--format", "json", cwd=tmp_path)
    assert [(finding["code"], finding["component"]) for finding in outcome.root_findings] == [("NC402", "engines")], (
        outcome.details
    )
    assert "`alice: engine.log` and `bob: engine.log` are the same `list`" in outcome.root_findings[0]["message"]
    not_run = {entry["code"]: entry["reason"] for entry in outcome.report["not_run"]}
    assert not_run.keys() == {*EVENT_CODES, "NC305"}, "a state cannot be served"
    assert not_run["NC305"].startswith("writes are not seen"), "a dict keeps its entries itself"
