"""An interpreter that cannot run the probe is reported with its reason."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from netra_contracts.errors import UsageError
from netra_contracts.launch.interpreter_check import raise_if_unusable


def script(folder: Path, text: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("echo 'pyenv: python: command not found' >&2; exit 127", "it exited with status 127: pyenv: python: command"),
        ("exit 0", "is not a working Python interpreter: it exited with status 0"),
        ("echo 'Python 3.8.18 '", "is Python 3.8.18, and the application needs 3.9 or newer"),
        ("echo 'Python 2.7.18 '", "is Python 2.7.18"),
    ],
)
def test_interpreter_that_cannot_run_the_probe_is_a_usage_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        raise_if_unusable(script(tmp_path, text), os.environ, str(tmp_path))
    [problem] = caught.value.problems
    assert message in problem.message
    assert problem.hint == "name the interpreter of the application with --python"


def test_working_interpreter_is_accepted(tmp_path: Path) -> None:
    raise_if_unusable(sys.executable, os.environ, str(tmp_path))
    raise_if_unusable(script(tmp_path, "echo from sitecustomize; echo 'Python 3.10.1 '"), os.environ, str(tmp_path))
