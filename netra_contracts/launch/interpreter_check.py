"""Finds out why an interpreter ended before the probe reported a stage."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from netra_contracts.errors import Problem, UsageError

#: The oldest Python that can run the probe.
OLDEST = (3, 9)
_ASK = "import sys; sys.stdout.write('Python %d.%d.%d ' % sys.version_info[:3])"
_TIMEOUT_S = 10.0
_HINT = "name the interpreter of the application with --python"


def raise_if_unusable(python: str, env: Mapping[str, str], cwd: str) -> None:
    """Raise an error if an interpreter is too old or does not work at all.

    Args:
        python: its path.
        env: the environment of the target.
        cwd: the folder that the target runs in.

    Raises:
        UsageError: if it is not one that can run the target. It returns if the target must be the reason.
    """
    try:
        asked = subprocess.run(
            [python, "-c", _ASK],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"`{python}` is not a working Python interpreter: it did not answer within {_TIMEOUT_S:g} s"
        raise UsageError([Problem(message, "", _HINT)]) from None
    answer = asked.stdout.decode(errors="replace").rpartition("Python ")[2].split()
    version = tuple(int(number) for number in answer[0].split(".")) if answer and _is_version(answer[0]) else ()
    if asked.returncode or not version:
        printed = (asked.stderr or asked.stdout).decode(errors="replace").strip().splitlines()
        said = f": {printed[0][:200]}" if printed else ""
        message = f"`{python}` is not a working Python interpreter: it exited with status {asked.returncode}{said}"
        raise UsageError([Problem(message, "", _HINT)])
    if version < OLDEST:
        message = f"`{python}` is Python {answer[0]}, and the application needs {OLDEST[0]}.{OLDEST[1]} or newer"
        raise UsageError([Problem(message, "", _HINT)])


def _is_version(text: str) -> bool:
    return text.replace(".", "").isdigit()
