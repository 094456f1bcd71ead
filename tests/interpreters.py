"""The Python interpreters on this machine that the probe supports."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from pathlib import Path

SUPPORTED = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
_PRINT_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


@functools.cache
def interpreters() -> dict[str, str]:
    """One executable for each supported version: those of pyenv, those on PATH, and the running one.

    Returns:
        The executables by version, for example `{"3.9": "/usr/bin/python3.9"}`, in order of versions.
    """
    found = {_version(sys.executable): sys.executable}
    for version in SUPPORTED:
        pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        for candidate in (*map(str, pyenv), shutil.which(f"python{version}")):
            if version not in found and candidate is not None and _version(candidate) == version:
                found[version] = candidate
    return {version: found[version] for version in SUPPORTED if version in found}


def _version(executable: str) -> str:
    """`3.9`, for example; empty if the executable fails, as a shim of pyenv without a version behind it does."""
    run = subprocess.run([executable, "-c", _PRINT_VERSION], capture_output=True, text=True, check=False)
    return run.stdout.strip()


def without_netra_contracts() -> str:
    """The interpreter that the running virtual environment was made from, which has no packages of it."""
    return str(Path(sys.executable).resolve())
