"""Virtual environments with real applications, made once and kept beside the repository's own environment."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

KEPT = Path(__file__).parents[2] / ".cache" / "environments"


def python_with(*requirements: str, interpreter: str = sys.executable) -> str:
    """An interpreter that has these distributions, and not netra-contracts.

    Args:
        requirements: the distributions.
        interpreter: the executable from which its environment is made.

    Tests in several processes may ask at the same time; a name is derived from the requirements, so that a changed pin
    makes a new environment.
    """
    name = hashlib.sha256("\n".join([sys.version, interpreter, *requirements]).encode()).hexdigest()[:16]
    folder = KEPT / name
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run(interpreter, "-m", "venv", str(folder))
            _run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *requirements)
            (folder / "complete").touch()
    return str(folder / "bin" / "python")


def _run(*command: str) -> None:
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, f"{' '.join(command)} failed; is the package index reached?\n{ended.stderr[-2000:]}"
