"""Waits for what the probe says, no longer than the deadlines allow, and tells how a silent end came about."""

from __future__ import annotations

import dataclasses
import time

from netra_contracts.errors import ToolError
from netra_contracts.launch import post_mortem
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.protocol.codec import Message
from netra_contracts.protocol.control import ProbeFailed, ProcessEnded, Snapshot, StageStarted
from netra_contracts.protocol.failures import StageFailure
from netra_contracts.protocol.observation import Observation, Stage
from netra_contracts.protocol.stages import StageName, StageOutcome, during, stage_label

#: What the host waits beyond a deadline for the probe's own account of it, in seconds.
_GRACE_S = 3.0


class Monitor:
    """Follows one child from its start to its last message.

    Args:
        child: the process.
        startup_timeout_s: for import, build and startup together.
        shutdown_timeout_s: for the shutdown.
        settle_s: how long the probe was told to watch in between.

    Attributes:
        snapshot: the last `Snapshot` that the probe sent.
    """

    def __init__(
        self, child: ProbeProcess, startup_timeout_s: float, shutdown_timeout_s: float, settle_s: float
    ) -> None:
        self._child = child
        self._shutdown_s = shutdown_timeout_s
        self._settle_s = settle_s
        self._startup_s = startup_timeout_s
        self._deadline = child.started + startup_timeout_s + _GRACE_S
        self._stages: list[tuple[StageName, float]] = []
        self._prefixes: dict[str, str] = {}
        self._timed_out = False
        self._died = False
        #: Seconds that the plan gives to these stages.
        self.isolation_s = 0.0
        self.live_s = 0.0
        self.snapshot: Message | None = None

    def wait(self, *records: type) -> Message | None:
        """The next message with one of these records; None: the child ended first, or a deadline passed.

        Raises:
            ToolError: if the probe itself failed, or sent what cannot be read.
        """
        while not self._died:
            message = self._child.receive(self._deadline - time.monotonic())
            if message is None:
                self._timed_out = True
                return None
            if any(message.holds(record) for record in records):
                return message
            if message.holds(ProcessEnded):
                self._died = True
            elif message.holds(ProbeFailed):
                failed = message.read(ProbeFailed)
                raise ToolError("\n".join([f"the probe failed: {failed.message}", *failed.trace]))
            elif message.holds(StageStarted):
                self._enter(message.read(StageStarted))
            elif message.holds(Snapshot):
                self.snapshot = message
        return None

    def _enter(self, stage: StageStarted) -> None:
        self._stages.append((stage.name, stage.start_ms))
        self._prefixes.update(stage.states)
        if stage.name == "shutdown":
            self._deadline = time.monotonic() + self._shutdown_s + _GRACE_S
        elif stage.name == "isolation":
            self._deadline = time.monotonic() + self.isolation_s + _GRACE_S
        elif stage.name == "live":
            self._deadline = time.monotonic() + self.live_s + _GRACE_S
        elif stage.name == "settle":
            self._deadline = time.monotonic() + self._settle_s + self._startup_s + _GRACE_S

    def plan_sent(self) -> None:
        """Time spent on the plan was the host's: the target's deadline begins to count again."""
        self._deadline = time.monotonic() + self._startup_s + _GRACE_S

    def silent_end(self, known: Observation) -> Observation:
        """The observation of a process that ended, or had to be ended, without one of its own.

        Args:
            known: what it had said before, at least the target.
        """
        self._child.kill()
        elapsed_ms = (time.monotonic() - self._child.started) * 1000
        name, start_ms = self._stages[-1] if self._stages else ("import", 0.0)
        outcome, fault = self._fault(name)
        done = [stage for stage in known.stages if stage.name != name] or [
            Stage(stage, start, round(max(following - start, 0.0), 3), "ok")
            for (stage, start), (_, following) in zip(self._stages, self._stages[1:], strict=False)
        ]
        last = Stage(name, start_ms, round(max(elapsed_ms - start_ms, 0.0), 3), outcome, (fault,))
        found = post_mortem.state_changes_from_journal(self._child.journal_text(), self._prefixes)
        components = known.components or post_mortem.entries_at_end(found)
        return dataclasses.replace(known, stages=(*done, last), events=found or known.events, components=components)

    def _fault(self, name: StageName) -> tuple[StageOutcome, StageFailure]:
        status = self._child.process.returncode
        crash = self._child.crash_text()
        where = post_mortem.threads_from_crash_dump(crash)
        place = post_mortem.location_from_stacks(where)
        if self._timed_out or crash.startswith("Timeout"):
            limits = {"shutdown": self._shutdown_s, "isolation": self.isolation_s, "live": self.live_s}
            seconds = limits.get(name, self._startup_s)
            message = f"{stage_label(name)} did not end within {seconds:g} s"
            return "timeout", StageFailure("timeout", message, location=place, stacks=where)
        if status < 0:
            message = f"the process was killed by {post_mortem.signal_name(-status)} {during(name)}"
            return "died", StageFailure("died", message, location=place, status=status, stacks=where)
        message = f"the process ended with status {status} {during(name)}"
        return "exited", StageFailure("exited", message, location=place, status=status, stacks=where)
