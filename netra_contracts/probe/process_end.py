"""Ends the process: sends the observation once, however the target ends."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from ..protocol.observed.failures import StageFailure
from ..protocol.stages import StageOutcome, stage_label
from .evidence import EvidenceCollector
from .inspection import source_locations
from .runtime import stack_snapshots
from .runtime.channel import Channel, HostGoneError
from .runtime.stage_log import StageLog
from .runtime.watchdog import end_process_group
from .startup.lifecycle import TargetLifecycle

#: The function itself: the hook below replaces the name.
os_exit = os._exit


class ProcessEnd:
    """Sends the observation and ends the process: after the last stage, at a deadline, or at `os._exit`.

    Args:
        channel: the connection to the host.
        stages: the stages of the run.
        evidence: what has been observed.
        lifecycle: is asked for violations of the lifespan protocol at a deadline.

    Attributes:
        loop: the event loop of the target; None: not created yet.
        main_task: the probe's own task in that loop.
    """

    def __init__(
        self, channel: Channel, stages: StageLog, evidence: EvidenceCollector, lifecycle: TargetLifecycle
    ) -> None:
        self._channel = channel
        self._stages = stages
        self._evidence = evidence
        self._lifecycle = lifecycle
        self._sent = False
        self._sending = threading.Lock()
        self.loop: Any = None
        self.main_task: Any = None

    def install(self) -> None:
        """Report calls of `os._exit`, which end the process without any clean-up."""
        target_os: Any = sys.modules["os"]
        target_os._exit = self.on_os_exit

    def finish(self) -> None:
        """Send the observation and end the process as the interpreter would, but wait for no thread."""
        import atexit

        self._send()
        try:
            atexit._run_exitfuncs()
        finally:
            os_exit(0)

    def on_deadline(self, limit_s: float) -> None:
        """Send the observation with the stacks of all tasks and threads. Called by the watchdog's thread."""
        stacks = stack_snapshots.all_stacks(
            self.loop, [self.main_task], threading.get_ident(), self._lifecycle.lifespan_task
        )
        message = f"{stage_label(self._stages.current)} did not end within {limit_s:g} s"
        location = next((stack.location for stack in stacks if stack.location), None)
        failure = StageFailure("timeout", message, location=location, stacks=stacks)
        self._end_early("timeout", (*self._lifecycle.violations(), failure))

    def on_os_exit(self, status: int) -> None:
        """Replaces `os._exit`: send the observation with the line that called it, then end the process."""
        if os.getpid() == self._channel.pid and not self._sent:
            location = source_locations.location(source_locations.first_application_frame(2))
            failure = StageFailure("exited", f"os._exit({status}) was called", location=location, status=status)
            self._end_early("exited", (failure,))
        os_exit(status)

    def _end_early(self, outcome: StageOutcome, failures: tuple[StageFailure, ...]) -> None:
        try:
            self._stages.close(outcome, failures)
            self._evidence.record_components()
            self._evidence.collect_failed_work()
            self._send()
        except HostGoneError:
            end_process_group()

    def _send(self) -> None:
        with self._sending:
            if not self._sent:
                self._sent = True
                self._channel.send(self._evidence.observation(self._stages.stages))
