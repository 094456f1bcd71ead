"""Whole processes, in pairs: A and B in turn, so that a machine whose speed drifts slows both alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
APPS = Path(__file__).parent / "apps"


class Ratio(NamedTuple):
    """A against B, pair by pair; medians of both in seconds."""

    name: str
    a_s: float
    b_s: float
    least: float
    median: float
    most: float
    goal: float


def installed() -> Path:
    """The folder of commands of an environment with the tool installed from here, not editable, bytecode compiled."""
    folder = ROOT / ".cache" / "benchmarks"
    if not (folder / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # pip writes the command: since version 25 without an import of `re`, which would be a third of `--version`
    subprocess.run([*pip, "--upgrade", "pip", "fastapi"], check=True)
    subprocess.run([*pip, "--force-reinstall", "--no-deps", str(ROOT)], check=True)
    subprocess.run([*pip, str(ROOT)], check=True)
    return folder / "bin"


def paired(name: str, goal: float, a: Sequence[str], b: Sequence[str], runs: int) -> Ratio:
    """Time two commands in turn, after one run of each that is not counted."""
    times: list[tuple[float, float]] = []
    for run in range(runs + 1):
        pair = (_seconds(a), _seconds(b))
        if run:
            times.append(pair)
    ratios = [one / other for one, other in times]
    return Ratio(
        name,
        statistics.median(one for one, _ in times),
        statistics.median(other for _, other in times),
        min(ratios),
        statistics.median(ratios),
        max(ratios),
        goal,
    )


def _seconds(command: Sequence[str]) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment.pop("VIRTUAL_ENV", None)
    began = time.perf_counter()
    subprocess.run(command, cwd=APPS, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def all_pairs(runs: int) -> list[Ratio]:
    """All pairs of whole processes."""
    commands = installed()
    python, tool = str(commands / "python"), str(commands / "netra-contracts")
    nothing = [python, "-c", "pass"]
    check = [tool, "check", "--format", "json"]
    bare = [python, "bare.py"]
    return [
        paired("check, application of 0.5 s", 1.25, [*check, "small:app"], [*bare, "small"], runs),
        paired("check, application of 3 s", 1.05, [*check, "large:app"], [*bare, "large"], max(runs // 3, 3)),
        paired("--version", 1.5, [tool, "--version"], nothing, runs * 2),
        paired("--help", 15, [tool, "--help"], nothing, runs),
    ]
