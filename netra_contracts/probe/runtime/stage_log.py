"""The stages that the target has gone through, and how each ended."""

from __future__ import annotations

from typing import Callable

from ...protocol.control import StageStarted
from ...protocol.observed.failures import StageFailure
from ...protocol.observed.observation import Stage
from ...protocol.stages import StageName, StageOutcome
from . import clock
from .channel import Channel


class StageFailed(Exception):  # noqa: N818 - ends the run early, but is not an error of the probe
    """A stage failed, and the stage log has its failure."""


class StageLog:
    """Records each stage from its beginning to its outcome, and announces it to the host.

    Args:
        channel: the connection to the host.
        on_begin: is called with the name of each stage that begins.
        state_prefixes: returns the prefixes by which the host reads the journal, see `StageStarted.states`.

    Attributes:
        current: the stage that has begun last.
        stages: the stages that have ended, in order.
    """

    def __init__(
        self,
        channel: Channel,
        on_begin: Callable[[StageName], None],
        state_prefixes: Callable[[], dict[str, str]],
    ) -> None:
        self._channel = channel
        self._on_begin = on_begin
        self._state_prefixes = state_prefixes
        self._began_ns, self._busy_ns = clock.now_ns(), clock.busy_ns()
        self.current: StageName = "import"
        self.stages: list[Stage] = []

    def begin(self, name: StageName) -> None:
        """Begin a stage and announce it to the host."""
        self.enter(name)
        self._on_begin(name)
        self._channel.send(StageStarted(name, clock.now_ms(), self._state_prefixes()))

    def enter(self, name: StageName) -> None:
        """Begin a stage that a later call of `begin` announces: what fails until then belongs to this stage."""
        self.current = name
        self._began_ns, self._busy_ns = clock.now_ns(), clock.busy_ns()

    def is_open(self) -> bool:
        """Whether the current stage has not ended."""
        return self.outcome_of(self.current) is None

    def close(self, outcome: StageOutcome = "ok", failures: tuple[StageFailure, ...] = ()) -> None:
        """End the current stage. Does nothing if it has ended: the first outcome counts."""
        if self.is_open():
            began, busy = self._began_ns, self._busy_ns
            took, worked = clock.now_ns() - began, clock.busy_ns() - busy
            self.stages.append(
                Stage(
                    self.current, clock.ms(began), clock.ms(took), outcome, failures, clock.ms(busy), clock.ms(worked)
                )
            )

    def outcome_of(self, name: StageName) -> StageOutcome | None:
        """How a stage ended; None: it has not."""
        return next((stage.outcome for stage in self.stages if stage.name == name), None)
