"""Ctrl-C at any moment: the target's process is ended and the status is 130."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.functional.harness import Outcome, Runner

#: Both are 130 to a shell: the command's own exit, or the death of an interpreter that is just starting or ending.
INTERRUPTED = {130, -signal.SIGINT}


def interrupt_at(place: str, send: Callable[[subprocess.Popen[bytes]], None], run: Runner, *args: str) -> Outcome:
    """Run against a target that says through a pipe that it stands at a place, and interrupt it there."""
    folder = run.project("hostile/stands_still")
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def when_there(process: subprocess.Popen[bytes]) -> None:
        there, _, _ = select.select([reader], [], [], 20)
        assert there, "the target never came there"
        send(process)

    try:
        return run.command(
            "check",
            "main:app",
            *args,
            cwd=folder,
            env={"STAND_AT": place, "STAND_PIPE": str(pipe)},
            while_running=when_there,
        )
    finally:
        os.close(reader)


def to_command(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)


def to_group(process: subprocess.Popen[bytes]) -> None:
    """As a terminal does it: to everybody in the foreground."""
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize("send", [to_command, to_group])
@pytest.mark.parametrize("place", ["import", "startup", "await", "shutdown"])
def test_interrupt_ends_the_target(run: Runner, place: str, send: Callable[[subprocess.Popen[bytes]], None]) -> None:
    outcome = interrupt_at(place, send, run)
    assert outcome.exit_code == 130, outcome.details
    assert "KeyboardInterrupt" not in outcome.stderr
    assert outcome.stdout == "", "half a report is none"


def test_interrupt_writes_no_output(run: Runner) -> None:
    outcome = interrupt_at("await", to_command, run, "--output", "report.json", "--record", "startup.json")
    assert outcome.exit_code == 130
    assert sorted(path.name for path in outcome.folder.iterdir()) == ["main.py", "pipe"]


def test_second_interrupt_is_no_crash(run: Runner) -> None:
    def twice(process: subprocess.Popen[bytes]) -> None:
        to_group(process)
        to_group(process)

    assert interrupt_at("startup", twice, run).exit_code in INTERRUPTED


def test_request_to_terminate_ends_the_target(run: Runner) -> None:
    outcome = interrupt_at("await", lambda process: process.send_signal(signal.SIGTERM), run)
    assert outcome.exit_code in {143, -signal.SIGTERM}, outcome.details


def test_death_of_the_command_ends_the_target(run: Runner) -> None:
    outcome = interrupt_at("startup", lambda process: process.kill(), run)
    assert outcome.exit_code == -signal.SIGKILL


@pytest.mark.parametrize("after_ms", [50, *range(100, 320, 20), 450, 700, 1500])
def test_interrupt_at_any_moment_is_told_as_one(run: Runner, after_ms: int, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def later(process: subprocess.Popen[bytes]) -> None:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(after_ms / 1000)
        to_group(process)

    # Nobody reads the pipe, so the target stands still when it opens it.
    env = {"STAND_AT": "await", "STAND_PIPE": str(pipe)}
    outcome = run.command("check", "main:app", cwd=run.project("hostile/stands_still"), env=env, while_running=later)
    assert outcome.exit_code in INTERRUPTED, outcome.details
    assert outcome.stdout == ""
