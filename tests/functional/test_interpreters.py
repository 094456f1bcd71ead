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
    assert (outcome.exit_code, outcome.codes) == (0, []), outcome.told
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
    assert [(finding["code"], finding["component"]) for finding in outcome.roots] == [("NC201", "absent")], outcome.told
