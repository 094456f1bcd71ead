"""What the sources say of the use of states, joined with what was recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netra_contracts.model.recording import Recording
from netra_contracts.model.usage import ReadPlaces, UsageCounts, usage_of
from netra_contracts.model.usage_report import ComponentUsage, UsageReport
from netra_contracts.pipeline import JudgeOptions, judge_recording
from netra_contracts.protocol.observed.app_states import ObservedState
from tests.unit.checks.evidence import Startup, contract
from tests.unit.model.usage_samples import SHOP, access, recorded, use


def used(recording: Recording) -> UsageReport:
    return usage_of(recording, tool_version="1", started=True)


def component(recording: Recording, address: str) -> ComponentUsage:
    return next(each for each in used(recording).components if each.address == address)


def with_mounts(recording: Recording, *prefixes: str) -> Recording:
    states = tuple(ObservedState(prefix, "State") for prefix in ("", *prefixes))
    return recording.model_copy(update={"observation": replace(recording.observation, states=states)})


def test_lines_are_listed_by_what_they_do() -> None:
    pool = component(SHOP, "pool")
    assert [(line.location.file[-10:], line.location.line) for line in pool.readers] == [
        ("hop/api.py", 10),
        ("hop/api.py", 21),
        ("op/deps.py", 3),
    ]
    assert [line.location.line for line in pool.guarded] == [8]
    assert (pool.read_places, pool.guarded_places) == (4, 1)
    assert [accessor.function for accessor in pool.accessors] == ["shop.deps:get_pool"]
    assert (pool.type, pool.present, pool.contract) == ("shop.db:Pool", True, False)


def test_line_that_startup_reached_is_recorded_and_in_the_sources() -> None:
    writers = component(SHOP, "pool").writers
    assert [(line.location.line, line.recorded, line.in_source) for line in writers] == [
        (4, True, True),
        (30, False, True),
    ]


def test_recorded_write_that_the_sources_do_not_show_is_a_writer() -> None:
    recording = recorded(Startup().sets("pool", 4), access("read", "pool", "api.py", 1))
    (line,) = component(recording, "pool").writers
    assert (line.location.line, line.recorded, line.in_source, line.kind) == (4, True, False, "write")


def test_dynamic_write_is_resolved_by_the_recorded_write_at_its_line() -> None:
    found = used(SHOP)
    assert [(site.line.location.line, site.resolved) for site in found.dynamic] == [(2, ()), (5, ("engine",))]
    assert [site.line.location.line for site in found.unresolved] == [2]
    assert [location.line for location in component(SHOP, "engine").dynamic] == [5]


def test_entry_that_nothing_sets_is_listed_after_the_others() -> None:
    components = used(SHOP).components
    assert [each.address for each in components] == ["pool", "engine", "lifespan:user", "cache"]
    assert (components[-1].present, components[-1].type, components[-1].writers) == (False, None, ())


def test_entries_are_in_the_order_in_which_they_were_set() -> None:
    recording = recorded(Startup().sets("late", 1).sets("early", 2), access("read", "early", "api.py", 1))
    assert [each.address for each in used(recording).components] == ["late", "early"]


def test_line_that_reads_twice_is_one_place_and_is_not_guarded() -> None:
    recording = recorded(
        Startup().sets("pool", 4),
        access("guarded", "pool", "api.py", 7),
        access("read", "pool", "api.py", 7, use("attribute", "dsn")),
        access("read", "pool", "api.py", 7, use("call", "get", "()")),
    )
    pool = component(recording, "pool")
    assert (pool.read_places, pool.guarded_places, len(pool.readers[0].uses)) == (1, 0, 2)


def test_request_state_is_what_the_lifespan_yields() -> None:
    startup = Startup().sets("pool", 4, yielded=True).sets("lifespan:user", 5, yielded=True).sets("user", 6)
    recording = recorded(
        startup,
        access("read", "pool", "api.py", 1, scope="request"),
        access("read", "user", "api.py", 2, scope="request"),
        access("read", "user", "api.py", 3),
        access("write", "trace", "api.py", 4, scope="request"),
    )
    read = {each.address: [line.location.line for line in each.readers] for each in used(recording).components}
    assert read == {"pool": [1], "lifespan:user": [2], "user": [3], "request.state.trace": []}


def test_entry_that_is_yielded_is_not_the_entry_of_the_application() -> None:
    recording = recorded(Startup().sets("pool", 4, yielded=True), access("read", "pool", "api.py", 1))
    assert [(each.address, each.read_places) for each in used(recording).components] == [
        ("pool", 0),
        ("app.state.pool", 1),
    ]


def test_line_may_be_about_each_state_that_has_the_entry() -> None:
    startup = Startup().sets("pool", 4).sets("/api:pool", 5).sets("/api:a:b", 6).sets("api.example.org:a", 7)
    recording = with_mounts(recorded(startup, access("read", "pool", "api.py", 1)), "/api", "api.example.org")
    found = {each.address: each for each in used(recording).components}
    assert {address: each.name for address, each in found.items()} == {
        "pool": "pool",
        "/api:pool": "pool",
        "/api:a:b": "a:b",
        "api.example.org:a": "a",
    }
    assert [found[address].read_places for address in ("pool", "/api:pool")] == [1, 1]
    assert (found["pool"].others, found["/api:pool"].others) == (("/api:pool",), ("pool",))


def test_state_that_is_not_known_counts_for_every_state() -> None:
    startup = Startup().sets("pool", 4).sets("lifespan:pool", 5)
    recording = recorded(
        startup,
        access("read", "pool", "api.py", 1, scope="unknown"),
        access("read", "other", "api.py", 2, scope="unknown"),
    )
    found = {each.address: each.read_places for each in used(recording).components}
    assert found == {"pool": 1, "lifespan:pool": 1, "state.other": 1}


def test_state_that_is_not_known_may_be_the_one_that_other_lines_name() -> None:
    recording = recorded(
        Startup(),
        access("read", "tracker", "api.py", 1, scope="unknown"),
        access("write", "tracker", "api.py", 2),
    )
    (tracker,) = used(recording).components
    assert (tracker.address, tracker.read_places, len(tracker.writers)) == ("tracker", 1, 1)


def test_contract_of_a_component_is_said() -> None:
    recording = recorded(Startup(contract("pool")).sets("pool", 4), access("read", "pool", "api.py", 1))
    assert component(recording, "pool").contract


def test_components_are_found_by_address_and_else_by_name() -> None:
    startup = Startup().sets("pool", 4).sets("/api:pool", 5).sets("/api:cache", 6).sets("/b:cache", 7)
    found = used(with_mounts(recorded(startup), "/api", "/b"))
    assert [each.address for each in found.named("pool")] == ["pool"]
    assert [each.address for each in found.named("cache")] == ["/api:cache", "/b:cache"]
    assert found.named("poll") == ()


def test_write_without_a_line_is_no_writer() -> None:
    recording = recorded(Startup().sets("pool", 4, compared=True), access("read", "pool", "api.py", 1))
    pool = component(recording, "pool")
    assert (pool.writers, pool.present) == ((), True)


@pytest.mark.parametrize(
    ("address", "places"),
    [
        ("pool", ReadPlaces(4, 1)),
        ("pool.dsn", ReadPlaces(1, 0)),
        ("pool.ds", None),
        ("engine.ds", ReadPlaces(0, 0)),
        ("cache", ReadPlaces(1, 0)),
        ("missing", ReadPlaces(0, 0)),
        ("lifespan:user", ReadPlaces(1, 0)),
        ("shop.db:pool", None),
    ],
)
def test_places_are_counted_for_entries_and_what_is_below_them(address: str, places: ReadPlaces | None) -> None:
    assert UsageCounts(SHOP).of(address) == places


def test_places_are_unknown_if_the_sources_were_not_read() -> None:
    assert UsageCounts(Startup().sets("pool", 4).recording()).of("pool") is None


def test_report_has_the_places_of_each_component() -> None:
    report = judge_recording(SHOP, JudgeOptions())
    assert {each.address: (each.read_places, each.guarded_places) for each in report.components} == {
        "pool": (4, 1),
        "engine": (0, 0),
        "lifespan:user": (1, 0),
    }


def test_objects_of_modules_are_not_listed() -> None:
    recording = recorded(Startup().sets("pool", 1).sets("shop.db:engine", 2).sets("shop.db:get_engine()", 3))
    assert [each.address for each in used(recording).components] == ["pool"]


def test_object_below_an_entry_has_the_reads_that_go_on_to_it() -> None:
    startup = Startup().sets("ctx", 1).sets("ctx.pool", 2).sets("ctx.cache", 3)
    uses = (use("call", "pool.get", "(a)"), use("attribute", "pool"), use("attribute", "pools"))
    recording = recorded(startup, access("read", "ctx", "api.py", 5, *uses), access("write", "ctx", "api.py", 6))
    found = {each.address: each for each in used(recording).components}
    assert {address: each.read_places for address, each in found.items()} == {"ctx": 1, "ctx.pool": 1, "ctx.cache": 0}
    assert [(each.kind, each.path, each.signature) for each in found["ctx.pool"].readers[0].uses] == [
        ("call", "get", "(a)")
    ]
