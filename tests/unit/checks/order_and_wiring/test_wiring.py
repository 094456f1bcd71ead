"""NC303, NC304: the object that a component holds."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.checks.engine.wording import short_location
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Dependency
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.answers import DuplicateModule, ProviderCall
from netra_contracts.protocol.observed.app_states import StaleReference
from tests.unit.checks.evidence import Startup, at, contract

BRIDGE = contract("agent_websocket_bridge", "configuration")
FACTORY = contract(
    "execution_engine_factory", "integration", wires={"_websocket_bridge": "agent_websocket_bridge"}, impact="Silence"
)


def wired_wrong(**facts: Any) -> Startup:
    """The factory is set at line 12, the bridge at line 20, and the wire is broken."""
    startup = Startup(BRIDGE, FACTORY).sets("execution_engine_factory", 12).sets("agent_websocket_bridge", 20)
    return startup.answers("same", "execution_engine_factory", "_websocket_bridge", **{"holds": False, **facts})


def test_NC303_of_a_wire_that_is_none_names_both_lines_and_times() -> None:
    finding = wired_wrong(is_none=True).found()
    assert finding.message == (
        "`execution_engine_factory._websocket_bridge` is None: "
        "`execution_engine_factory` was set at startup.py:12, 12 ms after startup began; "
        "`agent_websocket_bridge` was first set at startup.py:20, 8 ms later"
    )
    assert finding.causes == (
        Cause(message="`execution_engine_factory` was set here", location=at(12), ms=12.0),
        Cause(message="`agent_websocket_bridge` was first set here", location=at(20), ms=20.0),
    )
    assert (finding.code, finding.subject, finding.location) == ("NC303", "_websocket_bridge", at(12))
    assert (finding.component, finding.impact) == ("execution_engine_factory", "Silence")


def test_lines_in_two_files_of_one_name_are_shown_with_their_folders() -> None:
    here, there = Location(file="/shop/api/main.py", line=5), Location(file="/shop/admin/main.py", line=9)
    assert short_location(here, there) == "api/main.py:5"
    assert short_location(there, here) == "admin/main.py:9"
    assert short_location(here, Location(file="/shop/api/main.py", line=7)) == "main.py:5"
    assert short_location(here, Location(file="/shop/startup.py", line=7)) == "main.py:5"
    assert short_location(None, here) == "an unknown line"


def test_NC303_of_another_object_names_its_type() -> None:
    told = wired_wrong(actual="shop.bridge:Bridge").found().message
    assert told.startswith(
        "`execution_engine_factory._websocket_bridge` is not the same object as `agent_websocket_bridge` "
        "(its type is `shop.bridge.Bridge`)"
    )


def test_NC303_suggests_the_nearest_attribute() -> None:
    finding = wired_wrong(missing="_websocket_bridge", near="_ws_bridge").found()
    assert finding.message.startswith("`execution_engine_factory._websocket_bridge` does not exist")
    assert finding.hint == "did you mean `_ws_bridge`?"


def test_NC303_claims_no_order_of_writes_that_were_not_seen() -> None:
    startup = Startup(BRIDGE, FACTORY)
    startup.sets("execution_engine_factory", 12, compared=True).sets("agent_websocket_bridge", 20, compared=True)
    startup.answers("same", "execution_engine_factory", "_websocket_bridge", holds=False, is_none=True)
    finding = startup.found()
    assert finding.location is None
    assert not any(word in finding.message for word in ("earlier", "later", "unknown"))
    assert all("the line is unknown" in cause.message for cause in finding.causes)


def test_wire_whose_attribute_cannot_be_read_is_not_run() -> None:
    startup = wired_wrong(holds=None, detail="_websocket_bridge cannot be read: it blocks")
    (entry,) = startup.judged().not_run
    assert (entry.code, entry.subject, entry.reason) == (
        "NC303",
        "_websocket_bridge",
        "_websocket_bridge cannot be read: it blocks",
    )


def replaced(**facts: Any) -> Startup:
    """The bridge is set twice; the factory is set in between, and holds the first."""
    startup = Startup(BRIDGE, FACTORY).sets("agent_websocket_bridge", 10, version="first")
    startup.sets("execution_engine_factory", 12).sets("agent_websocket_bridge", 20, version="second")
    return startup.answers(
        "same", "execution_engine_factory", "_websocket_bridge", **{"holds": False, "version": "first", **facts}
    )


def test_wire_to_a_replaced_object_reports_NC304_with_both_writes() -> None:
    finding = replaced().found()
    assert (finding.code, finding.component, finding.severity) == ("NC304", "execution_engine_factory", Severity.ERROR)
    assert finding.message == (
        "`execution_engine_factory._websocket_bridge` holds a stale reference: `agent_websocket_bridge` was replaced"
    )
    assert [cause.location for cause in finding.causes] == [at(20), at(10)]


def test_wire_to_the_object_of_a_third_component_reports_NC303() -> None:
    assert replaced(version="execution_engine_factory-1").codes() == [("NC303", "execution_engine_factory")]


def held(path: str = "_websocket_bridge") -> StaleReference:
    return StaleReference("execution_engine_factory", path, "agent_websocket_bridge", "first", "shop.bridge:Bridge")


def test_stale_reference_without_a_contract_reports_NC304_as_a_warning() -> None:
    startup = replaced()
    startup.contracts = ()
    finding = startup.sees(stale_references=(held(),)).found()
    assert (finding.code, finding.severity, finding.location) == ("NC304", Severity.WARNING, at(20))
    assert (finding.component, finding.subject) == ("execution_engine_factory", held().path)


def test_NC304_writes_a_path_that_begins_with_an_index_without_a_dot() -> None:
    startup = replaced()
    startup.contracts = ()
    assert (
        "`execution_engine_factory[0].bridge`" in startup.sees(stale_references=(held("[0].bridge"),)).found().message
    )


@pytest.mark.parametrize("facts", [{"version": "first"}, {"version": ""}])
def test_stale_reference_that_a_contract_wires_is_reported_once(facts: dict[str, str]) -> None:
    assert len(replaced(**facts).sees(stale_references=(held(), held("other"))).findings()) == 1


def test_stale_reference_of_a_blocked_component_is_not_reported() -> None:
    startup = Startup(contract("pool"), contract("execution_engine_factory", requires=("pool",)))
    startup.sets("agent_websocket_bridge", 5, version="first").sets("execution_engine_factory", 7)
    startup.sets("agent_websocket_bridge", 9).sees(stale_references=(held(),))
    assert startup.codes() == [("NC201", "pool")]


def test_wire_to_an_absent_optional_component_is_not_run() -> None:
    cache = contract("cache", optional=True, type="shop:Cache")
    startup = Startup(cache, contract("bridge", wires={"_cache": "cache"})).sets("bridge", 5)
    (entry,) = startup.judged().not_run
    assert (entry.component, entry.reason) == ("bridge", "`cache` is not set")


def test_finding_names_the_dependency_that_is_broken() -> None:
    wire = Dependency(component=FACTORY.component, other=BRIDGE.component, attribute="_websocket_bridge")
    assert wired_wrong().found().dependencies == (wire,)
    assert replaced().found().dependencies == (wire,)
    undeclared = replaced()
    undeclared.contracts = ()
    assert undeclared.sees(stale_references=(held("inner"),)).found().dependencies == (
        wire.model_copy(update={"attribute": "inner"}),
    )


GETTER = "shop.agents:get_factory()"


def another(**facts: Any) -> Startup:
    """The getter of a module returns another factory than the one that startup sets at line 12."""
    startup = Startup(contract(GETTER, same_as="factory", impact="Silence")).sets("factory", 12, version="set")
    startup.sets(GETTER, 20, compared=True, version="other")
    return startup.answers("same", GETTER, **{"holds": False, "actual": "shop.agents:Factory", **facts})


def test_NC303_of_same_as_names_the_origins_of_both_objects() -> None:
    call = ProviderCall(GETTER, created=True, variable="_factory", location=at(44, "agents.py"))
    finding = another().sees(providers=(call,)).found()
    assert (finding.code, finding.component, finding.subject) == ("NC303", GETTER, "same-as")
    assert finding.message == f"`{GETTER}` is not the same object as `factory` (its type is `shop.agents.Factory`)"
    assert [cause.location for cause in finding.causes] == [at(44, "agents.py"), at(12)]
    assert "returned `_factory` of its module" in finding.causes[0].message
    assert "created the object" in finding.causes[0].message
    assert finding.dependencies == (Dependency(component=GETTER, other="factory"),)


def test_NC303_names_the_file_that_was_loaded_under_two_names() -> None:
    twice = (DuplicateModule("/home/ada/shop/agents.py", ("shop.agents", "src.shop.agents")),)
    assert "`shop.agents` and `src.shop.agents`" in another().sees(duplicate_modules=twice).found().causes[-1].message


def test_same_as_of_an_earlier_object_is_NC304() -> None:
    startup = Startup(contract("shop.db:engine", same_as="engine")).sets("engine", 5, version="first")
    startup.sets("engine", 9, version="second").sets("shop.db:engine", 3, compared=True, version="first")
    startup.answers("same", "shop.db:engine", holds=False, version="first")
    finding = startup.found()
    assert (finding.code, finding.subject, finding.message) == (
        "NC304",
        "same-as",
        "`shop.db:engine` holds a stale reference: `engine` was replaced",
    )


def test_same_as_says_nothing_of_the_order() -> None:
    startup = Startup(contract("alias", same_as="factory"), contract("factory")).sets("alias", 3).sets("factory", 9)
    assert startup.judged()[:3] == ((), (), ())


def test_same_as_of_a_missing_component_is_blocked_by_it() -> None:
    startup = Startup(contract("alias", same_as="factory")).sets("alias", 3)
    assert (startup.roots(), startup.blocked()) == ([("NC201", "factory")], {"alias": "factory"})


def test_identity_with_what_varies_is_not_run() -> None:
    startup = another(holds=None, reason="not-provided", detail="it returns a new object at each call")
    (entry,) = (entry for entry in startup.judged().not_run if entry.code == "NC303")
    assert (entry.component, entry.reason) == (GETTER, "it returns a new object at each call")
    assert startup.judged().statuses[GETTER] == "not_run"


def test_stale_reference_that_the_component_itself_is_has_no_path() -> None:
    startup = Startup().sets("bus", 3, version="first").sets("bus", 5, version="second")
    startup.sees(stale_references=(StaleReference("shop.bus:bus", "", "bus", "first", "shop.bus:Bus"),))
    assert startup.found().message == "`shop.bus:bus` holds a stale reference: `bus` was replaced"
