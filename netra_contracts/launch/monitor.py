"""Follows the probe: waits for its messages within the deadlines of the stages."""

from __future__ import annotations

import time

from netra_contracts.errors import ToolError
from netra_contracts.launch.crash_dump import dump_in_output
from netra_contracts.launch.deadlines import Deadlines
from netra_contracts.launch.post_mortem import ProcessEnd, reconstruct_observation
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.protocol.codec import Message
from netra_contracts.protocol.control import ProbeFailed, ProcessEnded, Snapshot, StageStarted
from netra_contracts.protocol.observation import Observation
from netra_contracts.protocol.plan import Plan


class Monitor:
    """Follows one process from its start to its last message.

    Args:
        process: the probe.
        startup_timeout_s: for import, build and startup together.
        shutdown_timeout_s: for the shutdown.
        settle_s: how long the probe observes the target between startup and shutdown.

    Attributes:
        snapshot: the last `Snapshot` that the probe sent.
    """

    def __init__(
        self, process: ProbeProcess, startup_timeout_s: float, shutdown_timeout_s: float, settle_s: float
    ) -> None:
        self._process = process
        self._deadlines = Deadlines(process.started, startup_timeout_s, shutdown_timeout_s, settle_s)
        self._stages: list[StageStarted] = []
        self._timed_out = False
        self._ended = False
        self.snapshot: Message | None = None

    def send_plan(self, plan: Plan) -> None:
        """Send the plan; the deadlines of the following stages derive from it."""
        self._process.send(plan)
        self._deadlines.set_plan(plan, time.monotonic())

    def wait_for(self, *records: type) -> Message | None:
        """The next message with one of these records; None: the process ended first, or a deadline passed.

        Raises:
            ToolError: if the probe itself failed, or sent what cannot be read.
        """
        while not self._ended:
            message = self._process.receive(self._deadlines.current - time.monotonic())
            if message is None:
                self._timed_out = True
                self._process.abort()
                return None
            if any(message.holds(record) for record in records):
                return message
            self._note(message)
        return None

    def _note(self, message: Message) -> None:
        if message.holds(ProcessEnded):
            self._ended = True
        elif message.holds(ProbeFailed):
            failed = message.read(ProbeFailed)
            raise ToolError("\n".join([f"the probe failed: {failed.message}", *failed.trace]))
        elif message.holds(StageStarted):
            stage = message.read(StageStarted)
            self._stages.append(stage)
            self._deadlines.enter(stage.name, time.monotonic())
        elif message.holds(Snapshot):
            self.snapshot = message

    @property
    def ended_before_start(self) -> bool:
        """Whether the process ended by itself before the probe reported a stage."""
        return self._ended and not self._stages

    def reconstruct_observation(self, known: Observation) -> Observation:
        """The observation of a process that ended, or had to be killed, before it sent one.

        Args:
            known: what the probe sent before, at least the target.
        """
        self._process.kill()
        end = ProcessEnd(
            status=self._process.exit_status or 0,
            timed_out=self._timed_out,
            limit_s=self._deadlines.limit(self._stages[-1].name if self._stages else "import"),
            elapsed_ms=(time.monotonic() - self._process.started) * 1000,
            crash_dump=self._process.files.crash_dump() or dump_in_output(self._process.output.lines()),
            journal=self._process.files.journal(),
        )
        return reconstruct_observation(known, self._stages, end)
