"""Waits for what the probe says, no longer than the deadlines allow, and tells how a silent end came about."""

from __future__ import annotations

import json
import re
import signal
import time

from netra_contracts import wire
from netra_contracts.launch.child import Child, Message

#: What the host waits beyond a deadline for the probe's own account of it, in seconds.
_GRACE_S = 3.0

_FRAME = re.compile(r'^\s+File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)$')
_THREAD = re.compile(r"^(?P<current>Current thread|Thread) 0x[0-9a-f]+(?: \[(?P<name>[^\]]*)\])?")


class Watch:
    """Follows one child from its start to its last message.

    Args:
        child: the process.
        startup_timeout_s: for import, build and startup together.
        shutdown_timeout_s: for the shutdown.
        settle_s: how long the probe was told to watch in between.
    """

    def __init__(self, child: Child, startup_timeout_s: float, shutdown_timeout_s: float, settle_s: float) -> None:
        self._child = child
        self._shutdown_s = shutdown_timeout_s
        self._settle_s = settle_s
        self._startup_s = startup_timeout_s
        self._deadline = child.started + startup_timeout_s + _GRACE_S
        self.stages: list[tuple[wire.StageName, float]] = []
        self.timed_out = False

    def wait(self, *kinds: str) -> Message | None:
        """The next message of one of these kinds; None: the child died first, or a deadline passed."""
        while True:
            message = self._child.receive(self._deadline - time.monotonic())
            if message is None:
                self.timed_out = True
                return None
            if message.kind in kinds:
                return message
            if message.kind == "died":
                return None
            if message.kind == "stage":
                self._enter(json.loads(message.body))

    def _enter(self, stage: dict[str, object]) -> None:
        name: wire.StageName = stage["name"]  # type: ignore[assignment]  # written by the probe from the same type
        self.stages.append((name, float(str(stage["start_ms"]))))
        if name == "shutdown":
            self._deadline = time.monotonic() + self._shutdown_s + _GRACE_S
        elif name == "settle":
            self._deadline = time.monotonic() + self._settle_s + self._startup_s + _GRACE_S

    def plan_sent(self) -> None:
        """Time spent on the plan was the host's: the target's deadline begins to count again."""
        self._deadline = time.monotonic() + self._startup_s + _GRACE_S

    def silent_end(self, target: wire.TargetInfo) -> wire.Observation:
        """The observation of a process that ended, or had to be ended, without one of its own."""
        self._child.end()
        status = self._child.process.returncode
        crash = self._child.crash_text()
        name, start_ms = self.stages[-1] if self.stages else ("import", 0.0)
        stands = _stands(crash)
        if self.timed_out or crash.startswith("Timeout"):
            seconds = self._shutdown_s if name == "shutdown" else self._startup_s
            outcome: wire.Outcome = "timeout"
            message = f"{name} did not end within {seconds:g} s"
            fault = wire.Fault("timeout", message, location=_place(stands), stands=stands)
        elif status < 0:
            outcome = "died"
            message = f"the process was killed by {_signal_name(-status)} during {name}"
            fault = wire.Fault("died", message, location=_place(stands), status=status, stands=stands)
        else:
            outcome = "exited"
            message = f"the process ended with status {status} during {name}"
            fault = wire.Fault("exited", message, location=_place(stands), status=status, stands=stands)
        elapsed = (time.monotonic() - self._child.started) * 1000
        done = [
            wire.Stage(stage, start, round(max(following - start, 0.0), 3), "ok")
            for (stage, start), (_, following) in zip(self.stages, self.stages[1:], strict=False)
        ]
        last = wire.Stage(name, start_ms, round(max(elapsed - start_ms, 0.0), 3), outcome, (fault,))
        return wire.Observation(target=target, stages=(*done, last))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _stands(crash: str) -> tuple[wire.Stand, ...]:
    """The threads of a `faulthandler` dump, the one that was running first."""
    found: list[tuple[bool, str, list[wire.Location]]] = []
    for line in crash.splitlines():
        thread = _THREAD.match(line)
        frame = _FRAME.match(line)
        if thread:
            found.append((thread["current"] == "Current thread", thread["name"] or "", []))
        elif frame and found and not _is_own(frame["file"]):
            found[-1][2].append(wire.Location(frame["file"], int(frame["line"]), frame["function"]))
    found.sort(key=lambda entry: not entry[0])
    return tuple(
        wire.Stand("thread", name or ("main" if current else "thread"), tuple(lines[:10]), main=current)
        for current, name, lines in found
        if lines
    )


def _is_own(file: str) -> bool:
    return "/netra_contracts/probe/" in file


def _place(stands: tuple[wire.Stand, ...]) -> wire.Location | None:
    """The innermost line that is the application's own, as far as paths tell."""
    lines = [line for stand in stands for line in stand.lines]
    own = [line for line in lines if "site-packages" not in line.file and "/lib/python" not in line.file]
    return (own or lines or [None])[0]
