"""Runs of pytest in processes of their own: workers, interruptions, sessions side by side, an unused plugin."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from tests.functional.pytest_plugin.conftest import PLUGIN, Project

FLAG = "--netra-contracts"
ROOT = Path(__file__).parents[3]
DEADLINE_S = 60.0

pytestmark = pytest.mark.slow


def start(folder: Path, *args: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *args],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> str:
    try:
        return process.communicate(timeout=DEADLINE_S)[0]
    finally:
        process.kill()


@pytest.mark.parametrize(
    ("dist", "starts", "failed"),
    [
        ("load", (1, 2), 4),
        ("loadgroup", (1, 2), 4),
        ("loadfile", (1, 1), 4),
        ("loadscope", (1, 2), 4),
        ("each", (2, 2), 8),
    ],
)
def test_workers_start_the_target_once_each(project: Project, dist: str, starts: tuple[int, int], failed: int) -> None:
    process = start(project.folder, *PLUGIN, FLAG, "-n", "2", "--dist", dist)
    text = ended(process)
    assert process.returncode == 1, text
    assert f"{failed} failed" in text
    assert "error[NC303]" in text
    assert "FAILED  main:app: 2 errors" in text
    assert starts[0] <= project.starts <= starts[1]


def test_tests_of_a_target_are_a_group_of_workers(project: Project) -> None:
    # Whether a group stays on one worker depends on the versions of pytest-xdist and pytest.
    result = project.run(FLAG, "--co", "-q", "-m", "xdist_group")
    assert len([line for line in result.outlines if line.startswith("pyproject.toml::")]) == 7
    result.stdout.fnmatch_lines(["7/8 tests collected (1 deselected)*"])


def test_failed_tests_run_again(project: Project) -> None:
    project._pytester.runpytest_inprocess(*PLUGIN, FLAG)
    result = project._pytester.runpytest_inprocess(*PLUGIN, FLAG, "--lf")
    result.assert_outcomes(failed=4)
    assert project.starts == 2
    project._pytester.runpytest_inprocess(*PLUGIN, FLAG, "-x").assert_outcomes(passed=3, failed=1)


def test_interrupted_run_leaves_no_process(project: Project) -> None:
    text = (project.folder / "main.py").read_text(encoding="utf-8")
    hanging = 'Path("pid").write_text(str(os.getpid()))\n    import time; time.sleep(60)'
    project.write({"main.py": f"import os\n{text}".replace('print("printed by the target")', hanging)})
    process = start(project.folder, *PLUGIN, FLAG)
    pid, deadline = project.folder / "pid", time.monotonic() + DEADLINE_S
    while not (pid.exists() and pid.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    output = ended(process)
    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    target = int(pid.read_text())
    while _runs(target):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_two_sessions_at_once_do_not_affect_each_other(project: Project) -> None:
    sessions = [start(project.folder, *PLUGIN, FLAG, "-n", str(workers)) for workers in (0, 2)]
    for session in sessions:
        assert "4 failed, 4 passed" in ended(session)


def test_no_terminal_and_another_import_mode(project: Project) -> None:
    process = start(project.folder, *PLUGIN, "-p", "no:terminal", FLAG, "--import-mode=importlib", "--junitxml=out.xml")
    assert ended(process) == ""
    assert process.returncode == pytest.ExitCode.TESTS_FAILED
    assert 'failures="4"' in (project.folder / "out.xml").read_text(encoding="utf-8")


def test_errors_end_a_run_with_workers_before_they_start(project: Project) -> None:
    project.write({"pyproject.toml": '[tool.netra-contracts]\ntarget = "main:app"\ncomponent = {}\n'})
    process = start(project.folder, *PLUGIN, FLAG, "-n", "2")
    text = ended(process)
    assert process.returncode == pytest.ExitCode.USAGE_ERROR
    assert 'there is no key "component" (did you mean "components"?)' in text


def test_unused_plugin_imports_no_further_module(project: Project) -> None:
    metadata = project.folder / "site" / "netra_contracts-0.dist-info"
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"][
        "pytest11"
    ]
    entry_points = "".join(["[pytest11]\n", *(f"{name} = {value}\n" for name, value in declared.items())])
    tests = """
import sys

def test_modules():
    ours = {name for name in sys.modules if name.partition(".")[0] == "netra_contracts"}
    assert ours == {"netra_contracts", "netra_contracts.pytest_plugin"}, ours
"""
    project.write(
        {
            f"site/{metadata.name}/METADATA": "Metadata-Version: 2.1\nName: netra-contracts\nVersion: 0\n",
            f"site/{metadata.name}/entry_points.txt": entry_points,
            "tests/test_other.py": tests,
        }
    )
    paths = os.pathsep.join([str(ROOT), str(project.folder / "site")])
    process = start(project.folder, "-q", "tests", env={"PYTHONPATH": paths})
    assert "1 passed" in ended(process)
    process = start(project.folder, "-q", FLAG, "-k", "contract", env={"PYTHONPATH": paths})
    assert "2 failed, 1 passed" in ended(process)
