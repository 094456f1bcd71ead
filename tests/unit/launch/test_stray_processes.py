"""Processes that left the probe's process group are found by their environment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from netra_contracts.launch.stray_processes import RUN_VARIABLE, kill_strays

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
