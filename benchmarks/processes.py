"""Measures whole processes in pairs: the tool and the alternative in turn, so that a change in speed affects both."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyperf

from benchmarks import many_files
from benchmarks.folders import APPS, FOLDER, ROOT
from benchmarks.usage import write_tree

#: Every measured time and the machine's data: `python -m pyperf stats` and `compare_to` read it.
TIMES = FOLDER / "times.json"


class Pair(NamedTuple):
    """A command of the tool and its alternative.

    Attributes:
        target: the ratio of their times that must not be exceeded; None if the figure is only reported.
        share: of the runs asked for, for commands that take long.
        folder: in which both run.
    """

    name: str
    target: float | None
    tool: Sequence[str]
    alternative: Sequence[str]
    share: float = 1.0
    folder: Path = APPS


class Ratio(NamedTuple):
    """The time of the tool divided by that of the alternative, pair by pair; median times in seconds."""

    name: str
    tool_s: float
    alternative_s: float
    minimum: float
    median: float
    maximum: float
    target: float | None


def install() -> Path:
    """Install the tool from a wheel into an environment of its own, with compiled bytecode.

    Returns:
        The folder of the environment's commands.
    """
    environment = FOLDER / "environment"
    if not (environment / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Since version 25 the commands that pip writes do not import `re`, which takes a third of the time of `--version`.
    subprocess.run([*pip, "--upgrade", "pip"], check=True)
    subprocess.run([*pip, "--force-reinstall", "--no-deps", str(ROOT)], check=True)
    tools = ["--constraint", str(ROOT / "constraints.txt"), str(ROOT), "fastapi", "httpx", "pytest"]
    subprocess.run([*pip, *tools], check=True)
    return environment / "bin"


def pairs(commands: Path) -> list[Pair]:
    """What is measured, with the commands of an environment."""
    python, tool = str(commands / "python"), str(commands / "netra-contracts")
    check, boot = [tool, "check", "--format", "json"], [python, "boot.py"]
    names = " ".join(f"{number:02}" for number in range(1, 11))
    asserts = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "startup_test.py"]
    return [
        Pair("check, bare FastAPI application", 1.2, [*check, "minimal:app"], [*boot, "minimal"], 2),
        Pair("check, application of 0.5 s", 1.1, [*check, "small:app"], [*boot, "small"]),
        Pair("check, application of 3 s", 1.02, [*check, "large:app"], [*boot, "large"], 0.5),
        Pair("--version", 1.5, [tool, "--version"], [python, "-c", "pass"], 2),
        Pair("--help", 10, [tool, "--help"], [python, "-c", "pass"]),
        Pair(
            "check with contracts, against pytest with TestClient",
            None,
            [*check, "minimal:app", "--contracts", "contracts.toml"],
            asserts,
        ),
        Pair(
            "check --all of ten targets, against ten runs of check",
            0.6,
            [*check, "--all"],
            ["sh", "-c", f"for n in {names}; do {tool} check --format json service-$n || exit; done"],
            0.4,
            APPS / "ten",
        ),
        Pair(
            "check, 300 source files, against check --no-usage",
            1.05,
            [*check, "many.main:app"],
            [*check, "--no-usage", "many.main:app"],
            folder=many_files.FOLDER,
        ),
        Pair(
            "check of 300 source files, against check --no-usage",
            1.05,
            [*check, "main:app"],
            [*check, "--no-usage", "main:app"],
            folder=write_tree(FOLDER / "usage-300", 300, 60),
        ),
        *_pairs_of_pytest(python),
    ]


def _pairs_of_pytest(python: str) -> list[Pair]:
    """pytest with the plugin, and what takes its place."""
    gate, pytest = APPS / "gate", [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    without = [*pytest, "-o", "netra_contracts=false"]
    plugin, unused = [*pytest, "pyproject.toml"], [python, str(ROOT / "benchmarks" / "unused_plugin.py")]
    return [
        Pair(
            "pytest with the plugin, against a test with TestClient for each contract",
            0.9,
            plugin,
            [*without, "test_each.py"],
            folder=gate,
        ),
        Pair(
            "pytest with the plugin, against one test with TestClient",
            None,
            plugin,
            [*without, "test_once.py"],
            folder=gate,
        ),
        Pair("pytest with the plugin, against an empty test", None, plugin, [*without, "test_nothing.py"], folder=gate),
        Pair("an empty test, plugin installed or not", None, [*unused, "with"], [*unused, "without"], 3, gate),
    ]


def measure(runs: int) -> list[Ratio]:
    """Measure all pairs, and save every time to `TIMES`."""
    many_files.write()
    ratios, benchmarks = [], []
    for pair in pairs(install()):
        times = [
            (_seconds(pair.tool, pair.folder), _seconds(pair.alternative, pair.folder))
            for _ in range(max(round(runs * pair.share), 3) + 1)
        ]
        tool, alternative = (
            pyperf.Benchmark([pyperf.Run([value], metadata={"name": f"{pair.name}: {side}"}) for value in values])
            for side, values in zip(("tool", "alternative"), zip(*times[1:], strict=True), strict=True)
        )  # the first run of each fills the caches of the file system
        quotients = [tool_s / alternative_s for tool_s, alternative_s in times[1:]]
        spread = min(quotients), statistics.median(quotients), max(quotients)
        ratios.append(Ratio(pair.name, tool.median(), alternative.median(), *spread, pair.target))
        benchmarks += [tool, alternative]
    pyperf.BenchmarkSuite(benchmarks).dump(str(TIMES), replace=True)
    return ratios


def _seconds(command: Sequence[str], folder: Path) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment.pop("VIRTUAL_ENV", None)
    began = time.perf_counter()
    subprocess.run(
        command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - began
