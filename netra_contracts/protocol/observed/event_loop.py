"""What happened on the target's event loop: tasks that nothing refers to, blocked turns, awaits of the lifespan."""

from __future__ import annotations

from ..location import Location
from ..record import record
from ..stages import StageName


@record(frozen=True)
class UnreferencedTask:
    """A pending task of the startup that the garbage collector destroyed, since only the event loop referred to it.

    Attributes:
        name: what it was called, or the function it ran.
        function: where the function that it ran is defined; None: unknown.
        created: the line that created it; None: unknown.
        started_in: the stage in which it was created; None: unknown.
        waited_at: the line at which it waited; None: unknown.
        stage: the stage in which it was destroyed by itself; None: in the probe's own collection, before the shutdown.
    """

    name: str
    function: Location | None = None
    created: Location | None = None
    started_in: StageName | None = None
    waited_at: Location | None = None
    stage: StageName | None = None


@record(frozen=True)
class BlockedLoop:
    """A line that took long in one step of the event loop during startup, so that nothing else ran on the loop.

    Attributes:
        ms: how long it took, without the time in which the system did not run the thread. If several lines took long
            together, and none of them alone, how long all of them did.
        start_ms: when the step began.
        location: the line of the application, else that of a library. Of several lines, the one that took longest.
        inside: the innermost line then, if that is another one.
    """

    ms: float
    start_ms: float
    location: Location | None = None
    inside: Location | None = None


@record(frozen=True)
class LifespanAwait:
    """The waiting of an `await` of the lifespan during startup.

    Attributes:
        location: the line of the outermost function of the application.
        waited_ms: how long the lifespan was suspended there, in all.
        start_ms: when it was first.
        times: how often it was.
        inside: the innermost line of the application during the longest wait, if that is another one.
    """

    location: Location
    waited_ms: float
    start_ms: float
    times: int = 1
    inside: Location | None = None
