"""Which modules the command imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import netra_contracts

ROOT = str(Path(netra_contracts.__file__).parents[1])
RUN = """
import sys
from netra_contracts.__main__ import main
sys.argv = ["netra-contracts", *sys.argv[1:]]
try:
    main()
finally:
    sys.stderr.write(" ".join(sys.modules))
"""


def modules_of(*argv: str) -> set[str]:
    """The modules that a run of the command imports."""
    command = [sys.executable, "-c", RUN, *argv]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": ROOT})
    return set(run.stderr.split())


@pytest.mark.parametrize("argv", [("--help",), ("check", "--help"), ("init", "--help")])
def test_help_imports_neither_rich_nor_what_a_run_needs(argv: tuple[str, ...]) -> None:
    loaded = modules_of(*argv)
    assert "typer" in loaded
    unneeded = {"rich", "tomlkit", "netra_contracts.launch", "netra_contracts.checks", "netra_contracts.pipeline"}
    assert loaded & unneeded == set()


def test_help_does_not_import_pydantic() -> None:
    assert "pydantic" not in modules_of("--help")  # typer imports it to convert the arguments of a command


def test_version_imports_next_to_nothing() -> None:
    assert {name for name in modules_of("--version") if name.startswith("netra_contracts")} == {
        "netra_contracts",
        "netra_contracts.__main__",
    }
