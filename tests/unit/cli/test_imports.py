"""Which modules the command imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import netra_contracts
from tests.unit.checks.evidence import Startup

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


UNTIL_START = """
import subprocess, sys

def stop(*_, **__):
    sys.stderr.write(" ".join(sys.modules))
    raise SystemExit

subprocess.Popen = stop
from netra_contracts.__main__ import main
sys.argv = ["netra-contracts", "check", *sys.argv[1:]]
main()
"""
#: What takes longer to import than most of the launch, and what is needed only for messages.
NOT_UNTIL_START = frozenset(
    ["base64", "bz2", "glob", "hashlib", "inspect", "lzma", "pathlib", "pydantic", "rich", "shutil", "tempfile", "zlib"]
) | {"netra_contracts.contracts.toml_positions", "netra_contracts.protocol.codec"}


def modules_until_start(folder: Path, *argv: str) -> set[str]:
    """The modules that `check` imports in a folder until it starts the target's process."""
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({ROOT!r})\n{UNTIL_START}", *argv]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env={"PATH": ""})
    assert "netra_contracts.launch.process" in run.stderr, run.stderr
    return set(run.stderr.split())


def test_launch_without_environment_and_configuration_imports_only_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "app"\n')
    loaded = modules_until_start(tmp_path, "main:app")
    assert loaded & NOT_UNTIL_START == set()
    # Each further module delays the start of the target: add one only if the launch needs it.
    assert len([name for name in loaded if name.startswith("netra_contracts.")]) <= 32


@pytest.mark.parametrize(
    ("tables", "argv"),
    [
        ('target = "main:app"\n[components.pool]\n', ()),
        ('[[targets]]\nname = "a"\ntarget = "main:app"\n[[targets]]\ntarget = "b:app"\n', ("a",)),
    ],
)
def test_launch_with_a_configured_interpreter_imports_only_what_it_needs(
    tmp_path: Path, tables: str, argv: tuple[str, ...]
) -> None:
    (tmp_path / "netra-contracts.toml").write_text(f'python = "{sys.executable}"\n{tables}')
    loaded = modules_until_start(tmp_path, *argv)
    assert "tomllib" in loaded
    assert loaded & NOT_UNTIL_START == set()


def test_json_report_in_a_file_imports_nothing_of_rich_several_targets_and_baselines(tmp_path: Path) -> None:
    recording = tmp_path / "recording.json"
    recording.write_text(Startup().recording().model_dump_json())
    output = tmp_path / "report.json"
    loaded = modules_of("check", "--from", str(recording), "--format", "json", "-o", str(output))
    unused = {"rich", "concurrent.futures", "logging", "netra_contracts.cli.check_all"}
    unused |= {f"netra_contracts.settings.{name}" for name in ("baseline", "suppression_schema")}
    assert loaded & {*unused, "netra_contracts.checks.engine.suppression"} == set()
