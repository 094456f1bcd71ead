"""The probe runs in every interpreter from CPython 3.9 on, also where nothing is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.harness import Runner

VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


def interpreters() -> list[str]:
    """The running interpreter, and others that this machine has, each tried: a shim may lead nowhere."""
    versions = Path.home() / ".pyenv" / "versions"
    candidates = [str(path) for version in VERSIONS for path in sorted(versions.glob(f"{version}.*/bin/python"))]
    candidates += [path for version in VERSIONS if (path := shutil.which(f"python{version}")) is not None]
    found = {f"{sys.version_info.major}.{sys.version_info.minor}": sys.executable}
    for path in candidates:
        told = subprocess.run(
            [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode == 0:
            found.setdefault(told.stdout.strip(), path)
    return list(found.values())


@pytest.mark.parametrize("python", interpreters())
def test_startup_is_observed_in_any_interpreter(run: Runner, python: str) -> None:
    outcome = run.check("good/state_mapping_factory", "main:create_services", "--python", python)
    assert (outcome.exit_code, outcome.codes) == (0, []), outcome.details
    assert outcome.report["target"]["info"]["kind"] == "state factory"
    assert outcome.report["components"]


@pytest.mark.parametrize("python", interpreters())
def test_declarations_are_importable_where_nothing_is_installed(run: Runner, python: str) -> None:
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


@pytest.mark.parametrize("python", interpreters())
def test_users_are_kept_apart_in_any_interpreter(run: Runner, tmp_path: Path, python: str) -> None:
    (tmp_path / "main.py").write_text(ENGINES, encoding="utf-8")
    (tmp_path / "netra-contracts.toml").write_text(PER_USER, encoding="utf-8")
    outcome = run.command("check", "--python", python, "--format", "json", cwd=tmp_path)
    assert [(finding["code"], finding["component"]) for finding in outcome.root_findings] == [("NC402", "engines")], (
        outcome.details
    )
    assert "`alice: engine.log` is `bob: engine.log` (`list`)" in outcome.root_findings[0]["message"]
    assert {entry["code"] for entry in outcome.report["not_run"]} >= {"NC501", "NC506"}, "a state cannot be served"
