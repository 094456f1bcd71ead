"""Ctrl-C at any moment ends the target's process; the exit status is 130."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.functional.harness import Outcome, Runner

#: A shell shows both as 130: exit of the command, or death of an interpreter that is starting or ending.
INTERRUPTED = {130, -signal.SIGINT}


def interrupt_at(stage: str, send: Callable[[subprocess.Popen[bytes]], None], run: Runner, *args: str) -> Outcome:
    """Interrupt the command once the target reports through a pipe that it waits in this stage."""
    folder = run.project("hostile/stands_still")
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def when_waiting(process: subprocess.Popen[bytes]) -> None:
        reported, _, _ = select.select([reader], [], [], 20)
        assert reported, "the target did not reach the stage"
        send(process)

    try:
        return run.command(
            "check",
            "main:app",
            *args,
            cwd=folder,
            env={"STAND_AT": stage, "STAND_PIPE": str(pipe)},
            while_running=when_waiting,
        )
    finally:
        os.close(reader)


def to_command(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)


def to_group(process: subprocess.Popen[bytes]) -> None:
    """As a terminal does: to every process in the foreground."""
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize("send", [to_command, to_group])
@pytest.mark.parametrize("stage", ["import", "startup", "await", "shutdown"])
def test_interrupt_ends_the_target(run: Runner, stage: str, send: Callable[[subprocess.Popen[bytes]], None]) -> None:
    outcome = interrupt_at(stage, send, run)
    assert outcome.exit_code == 130, outcome.details
    assert "KeyboardInterrupt" not in outcome.stderr
    assert outcome.stdout == "", "no part of a report is written"


def test_interrupt_writes_no_output(run: Runner) -> None:
    outcome = interrupt_at("await", to_command, run, "--output", "report.json", "--record", "startup.json")
    assert outcome.exit_code == 130
    assert sorted(path.name for path in outcome.folder.iterdir()) == ["main.py", "pipe"]


def test_second_interrupt_ends_the_target_as_well(run: Runner) -> None:
    def twice(process: subprocess.Popen[bytes]) -> None:
        to_group(process)
        to_group(process)

    assert interrupt_at("startup", twice, run).exit_code in INTERRUPTED


def test_sigterm_ends_the_target(run: Runner) -> None:
    outcome = interrupt_at("await", lambda process: process.send_signal(signal.SIGTERM), run)
    assert outcome.exit_code in {143, -signal.SIGTERM}, outcome.details


def test_sigkill_of_the_command_ends_the_target(run: Runner) -> None:
    outcome = interrupt_at("startup", lambda process: process.kill(), run)
    assert outcome.exit_code == -signal.SIGKILL


@pytest.mark.parametrize("after_ms", [50, *range(100, 320, 20), 450, 700, 1500])
def test_interrupt_at_any_moment_exits_with_130(run: Runner, after_ms: int, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def later(process: subprocess.Popen[bytes]) -> None:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(after_ms / 1000)
        to_group(process)

    # Nothing reads the pipe, so the target blocks when it opens it.
    env = {"STAND_AT": "await", "STAND_PIPE": str(pipe)}
    outcome = run.command("check", "main:app", cwd=run.project("hostile/stands_still"), env=env, while_running=later)
    assert outcome.exit_code in INTERRUPTED, outcome.details
    assert outcome.stdout == ""
