"""How long the host waits for each stage of the target."""

from __future__ import annotations

from netra_contracts.protocol.plan import Plan
from netra_contracts.protocol.stages import StageName

#: What the host waits beyond a deadline for the probe to report it, in seconds.
GRACE_S = 3.0

#: Stages within one deadline that starts with the first of them.
_SHARE_ONE_DEADLINE: tuple[StageName, ...] = ("import", "build", "startup")


class Deadlines:
    """The limits of the stages, in seconds, and the deadline of the current one.

    Args:
        started: `time.monotonic()` of the start of the process.
        startup_timeout_s: for import, build and startup together.
        shutdown_timeout_s: for the shutdown.
        settle_s: how long the probe observes the target between startup and shutdown.

    Attributes:
        current: the `time.monotonic()` until which the host waits.
    """

    def __init__(self, started: float, startup_timeout_s: float, shutdown_timeout_s: float, settle_s: float) -> None:
        self._limits: dict[StageName, float] = {
            "import": startup_timeout_s,
            "build": startup_timeout_s,
            "startup": startup_timeout_s,
            "settle": settle_s + startup_timeout_s,  # the questions of the plan are answered first
            "isolation": 0.0,
            "live": 0.0,
            "shutdown": shutdown_timeout_s,
        }
        self._planned = False
        # Without more: the probe has no thread yet that would report it.
        self.current = started + startup_timeout_s

    def set_plan(self, plan: Plan, now: float) -> None:
        """Apply the limits of a plan that has just been sent. The time that the host took for it does not count."""
        deferred = sum(2 * request.release_within for request in plan.per_user)  # of all users, and of the growth test
        self._limits["isolation"] = self._limits["startup"] * len(plan.per_user) + deferred
        self._limits["live"] = plan.serve.max_s if plan.serve is not None else 0.0
        self._planned = True
        self._start("startup", now)

    def enter(self, stage: StageName, now: float) -> None:
        """Begin a stage."""
        if stage not in _SHARE_ONE_DEADLINE:
            self._start(stage, now)
        elif stage == "build" and not self._planned:
            self.current += GRACE_S

    def limit(self, stage: StageName) -> float:
        """How long a stage may take, in seconds."""
        return self._limits[stage]

    def _start(self, stage: StageName, now: float) -> None:
        self.current = now + self._limits[stage] + GRACE_S
