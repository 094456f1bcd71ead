"""Follows the probe: waits for its messages within the deadlines of the stages."""

from __future__ import annotations

import time
from typing import get_args

from netra_contracts.errors import TargetInterferenceError, ToolError
from netra_contracts.launch.crash_dump import dump_in_output
from netra_contracts.launch.deadlines import Deadlines
from netra_contracts.launch.post_mortem import ProcessEnd, reconstruct_observation
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.protocol.codec import Message, ProtocolError
from netra_contracts.protocol.control import ConnectionDamaged, ProbeFailed, ProcessEnded, Snapshot, StageStarted
from netra_contracts.protocol.observed.observation import Observation
from netra_contracts.protocol.plan import Plan
from netra_contracts.protocol.stages import StageName, during


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
        self._failure: ToolError | None = None
        self.snapshot: Message | None = None

    def send_plan(self, plan: Plan) -> None:
        """Send the plan; the deadlines of the following stages derive from it."""
        self._process.send(plan)
        self._deadlines.set_plan(plan, time.monotonic())

    def wait_for(self, *records: type) -> Message | None:
        """The next message with one of these records; None: the process ended first, or a deadline passed.

        Raises:
            ToolError: if the probe itself failed, or sent what cannot be read. It is raised again by each further call.
            TargetInterferenceError: if the target has written into the probe's connection, likewise.
        """
        while not self._ended:
            if self._failure is not None:
                raise self._failure
            message = self._process.receive(self._deadlines.current - time.monotonic())
            if message is None:
                self._timed_out = True
                self._process.abort()
                return None
            if any(message.holds(record) for record in records):
                return message
            try:
                self._note(message)
            except ProtocolError as error:
                raise ToolError(f"the probe sent what cannot be read: {error}") from error
        return None

    def _note(self, message: Message) -> None:
        if message.holds(ProcessEnded):
            self._ended = True
        elif message.holds(ConnectionDamaged):
            self._failure = self._interference(message.read(ConnectionDamaged).reason)
        elif message.holds(ProbeFailed):
            failed = message.read(ProbeFailed)
            self._failure = ToolError("\n".join([f"the probe failed: {failed.message}", *map(str, failed.trace)]))
        elif message.holds(StageStarted):
            self._enter(message)
        elif message.holds(Snapshot):
            self.snapshot = message

    def _enter(self, message: Message) -> None:
        stage = message.read(StageStarted)
        known = stage.name in get_args(StageName)
        if not known or not isinstance(stage.start_ms, (int, float)) or not isinstance(stage.states, dict):
            raise ProtocolError(f"this is not a stage: {stage}")
        self._stages.append(stage)
        self._deadlines.enter(stage.name, time.monotonic())

    def _interference(self, reason: str) -> TargetInterferenceError:
        stage = self._stages[-1].name if self._stages else "import"
        return TargetInterferenceError(
            f"nothing can be said about the target: {during(stage)} its process wrote into, or read from, the "
            f"connection over which netra-contracts observes it ({reason}). Look for a descriptor that the application "
            "uses after it was closed, or that it has not opened"
        )

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
