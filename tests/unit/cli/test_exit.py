"""`check` exits without freeing what it has loaded, and keeps its status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import netra_contracts

ROOT = str(Path(netra_contracts.__file__).parents[1])
#: Imported by the interpreter when it starts.
CUSTOMIZE = """
import atexit, builtins, os
class Freed:
    def __del__(self):
        os.write(1, b"freed ")
builtins.freed = Freed()
atexit.register(os.write, 1, b"exited ")
"""


def output_of(folder: Path, *command: str) -> tuple[int, str]:
    """Exit status and stdout of Python with these arguments, in an empty folder."""
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(CUSTOMIZE, encoding="utf-8")
    environment = {"PYTHONPATH": f"{folder / 'site'}:{ROOT}"}
    run = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, env=environment, cwd=folder
    )
    return run.returncode, run.stdout


def test_check_runs_exit_functions_and_frees_nothing(tmp_path: Path) -> None:
    assert output_of(tmp_path, "-m", "netra_contracts", "check") == (2, "exited ")


def test_check_within_another_program_lets_it_go_on(tmp_path: Path) -> None:
    code = """
import sys
from netra_contracts.__main__ import main
sys.argv = ["netra-contracts", "check"]
try:
    main()
except SystemExit as stop:
    print("status", stop.code, end=" ", flush=True)
"""
    assert output_of(tmp_path, "-c", code) == (0, "status 2 exited freed ")
