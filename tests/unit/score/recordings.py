"""Recordings whose contracts hold, in several forms, to be changed one fact at a time."""

from __future__ import annotations

from typing import Any

from netra_contracts.model.recording import Recording
from netra_contracts.protocol.observed.answers import DescribedComponent
from netra_contracts.protocol.observed.clients import ReadinessResult
from netra_contracts.protocol.observed.isolation import IsolationResult
from netra_contracts.protocol.record import replace
from tests.unit.checks.events.test_events import RUN, client, scenario
from tests.unit.checks.events.test_events import contract as events_contract
from tests.unit.checks.evidence import Startup, contract
from tests.unit.checks.usage.records import UsedStartup, access, answer, read, use

PER_USER = {"create": "create_for_user", "release": "close"}


def of(startup: Startup, **changes: Any) -> Recording:
    """A recording, with changes to its fields."""
    return startup.recording().model_copy(update=changes)


def described(startup: Startup, **wires: dict[str, str]) -> Recording:
    """A recording that says which attributes of components are components, at the end of each phase and of startup."""
    recording = startup.recording()
    moments = [(mark.phase, mark.last_seq) for mark in startup.marks] + [("startup", len(startup.events))]
    known = [
        DescribedComponent(change.component, moment, change.type, change.version, wires.get(change.component, {}))
        for moment, last_seq in moments
        for change in startup.events[:last_seq]
        if change.operation == "set" and not change.is_none
    ]
    observation = replace(recording.observation, described=tuple(known))
    plan = replace(recording.plan, infer=True)
    return recording.model_copy(update={"observation": observation, "plan": plan})


def chain(*contracts: Any) -> Startup:
    """Three components, each of which is wired to the one before it."""
    return Startup(*contracts).sets("pool", 1).sets("bridge", 2).sets("engine", 3)


WIRES = {"bridge": {"_pool": "pool"}, "engine": {"_bridge": "bridge"}}
FULL = (
    contract("pool", "initialization", type="shop:Thing", methods=["add(user)"]),
    contract("bridge", "configuration", type="shop:Thing", wires={"_pool": "pool"}, requires=("pool",)),
    contract("engine", "integration", type="shop:Thing", wires={"_bridge": "bridge"}, attributes=("_bridge",)),
)
NAMES = (contract("pool"), contract("bridge"), contract("engine"))


def marked(*contracts: Any) -> Startup:
    """The three components, each in a phase that the application marks."""
    startup = Startup(*contracts).sets("pool", 1).marks_end_of("initialization", 2)
    startup.sets("bridge", 3).marks_end_of("configuration", 4)
    return startup.sets("engine", 5).marks_end_of("integration", 6)


def _events(**terms: Any) -> Recording:
    delivered = scenario("delivery", client("alice", *RUN), client("bob", *RUN))
    refused = scenario("no token", client("carol", ended="refused", connected=False))
    startup = chain(*FULL).sees(
        clients=replace(_no_clients(), scenarios=(delivered, refused), readiness=ReadinessResult(200, 1.0, 200))
    )
    return of(startup, events_contract=events_contract(**terms))


def _no_clients() -> Any:
    from netra_contracts.protocol.observed.clients import ClientObservation

    return ClientObservation()


def _isolated() -> Recording:
    engine = contract("engine", per_user=PER_USER, requires=("bridge",))
    seen = IsolationResult("engine", users=3, objects=9, released=True)
    return of(chain(*FULL[:2], engine).sees(isolation=(seen,)))


def _many_kinds() -> Recording:
    """Components that are optional, None, set again, aliases, without a contract, or keys of one mapping."""
    startup = Startup(
        contract("cache", optional=True, type="shop:Thing"),
        contract("maybe", type="shop:Thing | None"),
        contract("twice", type="shop:Thing"),
        contract("alias", requires=("twice",)),
        contract("user", requires=("undeclared", "pair_one")),
        contract("lifespan:pool", type="shop:Thing"),
        contract("size", bounds={"gt": 0}),
    )
    startup.sets("cache", 1).sets("twice", 2).sets("twice", 3).sets("undeclared", 4).sets_none("left_none", 5)
    startup.sets("alias", 6, version="twice-2").sets("pair_one", 7, batch=1).sets("pair_two", 7, batch=1)
    startup.sets("lifespan:pool", 8, yielded=True).sets("maybe", 9).sets("user", 10).sets("size", 11, type="int")
    startup.reads("never_set", 12)
    return startup.recording()


def _used() -> Recording:
    """Code reads components: two in one function, of which one is None, so that what it does is not judged."""
    startup = UsedStartup(contract("pool"), contract("registry"))
    startup.sets("pool", 1).sets("registry", 2).sets_none("runtime", 3).sets("/api:pool", 4)
    fetch, names = use("call", 20, "fetch", called=True), use("attribute", 31, "durable_names")
    startup.reads_sources(
        read("pool", 20, fetch),
        access("write", "pool", 1, file="startup.py", function="lifespan"),
        access("write", "registry", 2, file="startup.py", function="lifespan"),
        access("write", "runtime", 3, file="startup.py", function="lifespan"),
        read("runtime", 30, use("call", 30, "start", called=True), function="start"),
        read("registry", 31, names, function="start"),
        read("never_set", 40),
    )
    startup.adds(
        answers=(
            answer("call", "pool", "fetch", asked={}, holds=True),
            answer("exists", "registry", "durable_names", asked={}, missing="durable_names"),
        ),
        names=("pool", "registry", "runtime"),
    )
    return startup.recording()


RECORDINGS = {
    "used": _used(),
    "names": of(chain(*NAMES)),
    "full": of(chain(*FULL)),
    "described names": described(chain(*NAMES), **WIRES),
    "described full": described(chain(*FULL), **WIRES),
    "marked names": described(marked(*NAMES), **WIRES),
    "marked": described(marked(*FULL), **WIRES),
    "marked, not described": of(marked(*FULL)),
    "events": _events(within_ms=500.0, reject_bad_tokens=True, readiness="/ready"),
    "loose events": _events(ordered=False),
    "last event": _events(expect=(events_contract().expect[-1],)),
    "isolation": _isolated(),
    "many kinds": _many_kinds(),
}
