"""What happened on the target's event loop: tasks that nothing refers to, blocked turns, awaits of the lifespan."""

from __future__ import annotations

from .location import Location
from .record import record
from .stages import StageName


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
