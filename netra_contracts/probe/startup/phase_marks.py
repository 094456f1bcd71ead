"""The phases that the application marks: questions of the plan are answered at the moment a phase ends."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Callable

from ...protocol.location import Location
from ...protocol.observed.answers import Answer
from ...protocol.observed.observation import MarkedPhase
from ..inspection import source_locations
from ..runtime import clock

PhaseEnds = Callable[[Any, str], list[Answer]]


class PhaseMarks:
    """The marked phases that have ended, and the answers given at their ends.

    Args:
        answer: answers the questions of a phase of an application or state, as of now.
        count: returns the number of state changes so far.
    """

    def __init__(self, answer: PhaseEnds, count: Callable[[], int]) -> None:
        self._answer = answer
        self.count = count
        self.ended: list[MarkedPhase] = []
        self.answers: list[Answer] = []

    def hook(self, module: ModuleType) -> None:
        """Watch marked phases: `netra_contracts.declare` has been imported by the target."""
        module._watch = self._watch  # type: ignore[attr-defined]  # where `declare` expects a watcher

    def _watch(self, app: Any, phase: Any) -> PhaseContext:
        return PhaseContext(
            self,
            app,
            str(getattr(phase, "value", phase)),
            source_locations.location(source_locations.first_application_frame(3)),
        )

    def end(self, marked: PhaseContext, failed: bool) -> None:
        """Record the end of a phase, and answer its questions unless it failed."""
        if not failed:
            self.answers = [answer for answer in self.answers if answer.moment != marked.phase]
            self.answers.extend(self._answer(marked.subject, marked.phase))
        self.ended = [mark for mark in self.ended if mark.phase != marked.phase]
        now, busy = clock.now_ns(), clock.busy_ns()
        self.ended.append(
            MarkedPhase(
                marked.phase,
                clock.ms(marked.start),
                clock.ms(now - marked.start),
                self.count(),
                "failed" if failed else "ok",
                marked.location,
                clock.ms(busy - marked.busy),
            )
        )


class PhaseContext:
    """The context of one marked phase, for `with` and `async with`."""

    def __init__(self, marks: PhaseMarks, subject: Any, phase: str, location: Location | None) -> None:
        self._marks = marks
        self.subject = subject
        self.phase = phase
        self.location = location
        self.start = self.busy = 0

    def __enter__(self) -> PhaseContext:
        self.start, self.busy = clock.now_ns(), clock.busy_ns()
        return self

    def __exit__(self, exc_type: Any, error: Any, traceback: Any) -> None:
        self._marks.end(self, error is not None)

    async def __aenter__(self) -> PhaseContext:
        return self.__enter__()

    async def __aexit__(self, exc_type: Any, error: Any, traceback: Any) -> None:
        self.__exit__(exc_type, error, traceback)
