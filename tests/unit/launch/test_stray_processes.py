"""Processes that left the probe's process group are found by their environment."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from netra_contracts.launch.stray_processes import RUN_VARIABLE, descendants, kill_descendants, kill_strays

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="processes are found in /proc")


def sleeper(run_id: str) -> subprocess.Popen[bytes]:
    """A process in a session of its own that has begun to run."""
    started = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); import time; time.sleep(600)"],
        env={**os.environ, RUN_VARIABLE: run_id},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert started.stdout is not None
    started.stdout.readline()
    return started


def test_only_processes_of_the_run_are_killed() -> None:
    with sleeper("test-run-1") as mine, sleeper("test-run-12") as other:
        try:
            kill_strays("test-run-1")
            assert mine.wait(10) == -9
            assert other.poll() is None
        finally:
            mine.kill()
            other.kill()


#: Starts a process in a session and with an environment of its own, and one that it is the parent of.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env={}, start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""


def test_descendants_are_killed_whatever_their_session_and_environment() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        try:
            assert child in descendants(os.getpid())
            assert descendants(parent.pid) == {child}
            kill_descendants(parent.pid, {child})
            os.kill(child, 0)  # it was spared, and lives
            kill_descendants(parent.pid, ())
            assert _ends(child)
        finally:
            parent.kill()


def _ends(pid: int) -> bool:
    """Whether a killed process ends. The kernel needs a moment, and whoever has started it may not collect it."""
    deadline = time.monotonic() + 30.0
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                if stat.read().rpartition(")")[2].split()[0] in ("Z", "X"):
                    return True
        except OSError:
            return True
    return False
