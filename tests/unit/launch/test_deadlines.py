"""Each stage has its deadline; import, build and startup share one."""

from __future__ import annotations

import pytest

from netra_contracts.launch.deadlines import GRACE_S, Deadlines
from netra_contracts.protocol.plan import IsolationRequest, Plan, ServeRequest
from netra_contracts.protocol.stages import StageName

STARTED = 1000.0


@pytest.fixture
def deadlines() -> Deadlines:
    return Deadlines(STARTED, startup_timeout_s=30.0, shutdown_timeout_s=10.0, settle_s=5.0)


def test_build_and_startup_do_not_renew_the_deadline_of_import(deadlines: Deadlines) -> None:
    for stage in ("import", "build", "startup"):
        deadlines.enter(stage, STARTED + 20.0)
        # The probe reports a deadline by itself only once the target has been imported.
        assert deadlines.current == STARTED + 30.0 + (0.0 if stage == "import" else GRACE_S)


def test_time_until_the_plan_is_sent_does_not_count(deadlines: Deadlines) -> None:
    deadlines.set_plan(Plan(), STARTED + 20.0)
    assert deadlines.current == STARTED + 50.0 + GRACE_S


@pytest.mark.parametrize(
    ("stage", "limit_s"), [("settle", 35.0), ("isolation", 60.0), ("live", 77.0), ("shutdown", 10.0)]
)
def test_later_stages_have_deadlines_of_their_own(deadlines: Deadlines, stage: StageName, limit_s: float) -> None:
    per_user = (IsolationRequest("a", "create"), IsolationRequest("b", "create"))
    deadlines.set_plan(Plan(per_user=per_user, serve=ServeRequest(max_s=77.0)), STARTED)
    deadlines.enter(stage, STARTED + 100.0)
    assert deadlines.limit(stage) == limit_s
    assert deadlines.current == STARTED + 100.0 + limit_s + GRACE_S
