"""NC112 and NC119, NC108 of a lifespan that yields no mapping, and states that were not found or not recorded."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from netra_contracts.checks.engine.suppression import Suppressions, suppress
from netra_contracts.model.suppression import Suppression
from netra_contracts.protocol.observed.app_states import ObservedState
from netra_contracts.protocol.observed.lifecycle import DroppedMapping, YieldedObject
from netra_contracts.protocol.observed.observation import MountedApp, StartupHandler
from tests.unit.checks.evidence import Startup, at, contract, fault, raised

UNATTRIBUTED = ObservedState("", "starlette.datastructures:State", "fastapi.applications:FastAPI", attributed=False)


def mounted(path: str, entered: bool | None) -> MountedApp:
    return MountedApp(path, "fastapi:FastAPI", True, entered, at(20))


def test_lifespan_that_cannot_be_observed_is_not_run_as_nc112() -> None:
    startup = Startup().sees(mounts=(mounted("/api", None), mounted("/web", True)))
    assert startup.codes() == []
    assert startup.not_run() == [("NC112", "", "/api")]


@pytest.mark.parametrize(
    ("seen", "is_fixed"),
    [
        ({"handlers": (StartupHandler("connect", "", 1),)}, True),
        ({"handlers": (StartupHandler("connect", "", None),)}, False),
        ({"handlers": (StartupHandler("connect", "", 0),), "mounts": (mounted("", False),)}, False),
        ({"mounts": (mounted("/api", True),)}, True),
    ],
)
def test_known_NC111_is_fixed_only_if_it_is_known_of_each_handler_that_it_ran(
    seen: dict[str, Any], is_fixed: bool
) -> None:
    known = Suppression(code="NC111", component="", subject="connect", source="baseline")
    judgement = suppress(Startup().sees(**seen).judged(), Suppressions((known,), date(2026, 3, 1)))
    assert [entry.unmatched for entry in judgement.stale] == [True] * is_fixed


def test_NC112_of_an_application_inside_a_wrapper_explains_what_is_missing() -> None:
    startup = Startup(contract("pool"), contract("/api:pool")).sees(mounts=(mounted("", False),))
    wrapper = next(finding for finding in startup.findings() if finding.code == "NC112")
    assert wrapper.message == "the lifespan of the application inside the wrapper never ran"
    causes = {finding.component: finding.caused_by for finding in startup.findings() if finding.code == "NC201"}
    assert causes["pool"]
    assert not causes["/api:pool"]


def test_NC119_names_the_lost_entries_and_explains_their_NC201() -> None:
    dropped = DroppedMapping("lifespan", ("pool",), at(9), at(25))
    startup = Startup(contract("lifespan:pool"), contract("other")).sees(dropped_mappings=(dropped,))
    finding = next(one for one in startup.findings() if one.code == "NC119")
    assert finding.message == "`pool`, which the lifespan `lifespan` yields, never reached the application's state"
    assert (finding.location, [cause.location for cause in finding.causes]) == (at(9), [at(25)])
    assert {one.component: bool(one.caused_by) for one in startup.findings() if one.code == "NC201"} == {
        "lifespan:pool": True,
        "other": False,
    }


def test_NC119_is_not_reported_of_a_startup_that_failed() -> None:
    startup = Startup().fails("startup", fault("raised", raised("ValueError", "", 41)))
    startup.sees(dropped_mappings=(DroppedMapping("lifespan", ("pool",), at(9)),))
    assert [code for code, _ in startup.codes()] == ["NC108"]


def test_NC108_says_that_a_lifespan_yields_no_mapping() -> None:
    startup = Startup().fails("startup", fault("raised", raised("TypeError", "'Pool' object is not iterable", 600)))
    finding = startup.sees(not_a_mapping=YieldedObject("shop:Pool", at(12))).found()
    assert finding.message == "startup failed: the lifespan yields an object of type `shop.Pool`, not a mapping"
    assert (finding.location, finding.causes[0].location) == (at(12), at(600))
    assert "yield nothing, or a mapping" in finding.hint


def test_component_of_a_state_that_was_not_found_is_not_run_as_nc201() -> None:
    startup = Startup(contract("pool", type="shop:Pool")).sets("other", 1).sees(states=(UNATTRIBUTED,))
    startup.answers("present", "other")
    assert ("NC201", "", "app.state") in startup.not_run()


def test_states_whose_writes_are_not_seen_are_not_run_as_nc305() -> None:
    states = (
        ObservedState("", "shop:Services", "fastapi.applications:FastAPI", "attributes"),
        ObservedState("/api", "starlette.datastructures:State", "fastapi.applications:FastAPI", "shared"),
        ObservedState("/web", "starlette.datastructures:State", "fastapi.applications:FastAPI"),
    )
    startup = Startup().sees(states=states)
    assert startup.codes() == []
    assert startup.not_run() == [("NC305", "", "app.state"), ("NC305", "", "app.state of /api")]
