"""For each code: a fault, the same fault in another run, and another fault on the same component."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Literal, NamedTuple

from netra_contracts.checks.engine.judgement import Judgement, judge
from netra_contracts.checks.engine.suppression import Suppressions, suppress
from netra_contracts.contracts.model import DeliveryContract, ExpectedEvent, Method, PerUserContract
from netra_contracts.model.suppression import Suppression
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.app_states import StaleReference
from netra_contracts.protocol.observed.clients import (
    ClientLog,
    ClientObservation,
    IdentityInState,
    ReadinessResult,
    ReceivedEvent,
    Scenario,
    ServerObservation,
)
from netra_contracts.protocol.observed.event_loop import BlockedLoop, UnreferencedTask
from netra_contracts.protocol.observed.failures import FailureKind, StackSnapshot, StageFailure
from netra_contracts.protocol.observed.isolation import (
    GrowingContainer,
    IdentityLeak,
    IsolationResult,
    ObjectPath,
    RetainedInstance,
    RetentionTest,
    SharedObject,
    UserFailure,
)
from netra_contracts.protocol.observed.lifecycle import (
    AbandonedGenerator,
    DroppedMapping,
    OpenedAtImport,
    UnseenVariable,
)
from netra_contracts.protocol.observed.observation import (
    BackgroundKind,
    FailedBackgroundTask,
    MountedApp,
    PhaseCheckResult,
    StartupHandler,
    UninstalledImport,
)
from netra_contracts.protocol.observed.surroundings import LateVariable, SilencedLoggers
from netra_contracts.protocol.source_usage import StateAccess, StateScope, UseAnswer, UseKind
from netra_contracts.protocol.stages import StageName
from tests.unit.checks.evidence import Startup, contract, fault, raised
from tests.unit.checks.usage.records import UsedStartup, access, answer, read, use


class FaultPair(NamedTuple):
    """Three runs with findings of one code.

    Attributes:
        code: of the findings.
        known: a fault.
        again: the same fault, with other lines, numbers, times, names of instances, or in another order.
        other: another fault of the same code, on the same component where a component is at fault.
    """

    code: str
    known: Judgement
    again: Judgement
    other: Judgement


def _in(function: str, line: int, file: str = "bus.py") -> Location:
    return Location(f"/home/ada/shop/{file}", line, function)


def _raised(kind: str, function: str, line: int, file: str = "bus.py", message: str = "no") -> StageFailure:
    where = _in(function, line, file)
    exception = replace(raised(kind, f"{message} {line}"), location=where, calls=(where,), trace=(where,))
    return fault("raised", exception, location=where)


def _failed(stage: StageName, kind: FailureKind, failure: StageFailure, **more: Any) -> Judgement:
    return Startup().fails(stage, replace(failure, kind=kind, **more)).judged()


def _exception_pairs(code: str, stage: StageName, kind: FailureKind) -> Iterator[FaultPair]:
    known = _failed(stage, kind, _raised("OSError", "connect", 7))
    again = _failed(stage, kind, _raised("OSError", "connect", 90, message="another port"))
    for other in (_raised("KeyError", "connect", 7), _raised("OSError", "read", 7)):
        yield FaultPair(code, known, again, _failed(stage, kind, other))


def _of_missing(code: str, kind: FailureKind, stage: StageName = "import") -> FaultPair:
    """A target whose fault is what does not exist."""
    known, again, other = (
        _failed(stage, kind, StageFailure(kind, message, missing=name))
        for message, name in (("no", "shop.a"), ("not found", "shop.a"), ("no", "shop.b"))
    )
    return FaultPair(code, known, again, other)


def _by_stage(code: str, kind: FailureKind) -> FaultPair:
    runs: tuple[tuple[StageName, str], ...] = (("import", "after 10 s"), ("import", "after 20 s"), ("startup", "no"))
    known, again, other = (_failed(stage, kind, StageFailure(kind, message, status=-9)) for stage, message in runs)
    return FaultPair(code, known, again, other)


def _lifecycle() -> Iterator[FaultPair]:
    yield _of_missing("NC101", "module-not-found")
    yield _of_missing("NC102", "attribute-not-found")
    yield from _exception_pairs("NC103", "import", "import-raised")
    yield from _exception_pairs("NC104", "build", "factory-raised")
    yield _by_stage("NC105", "exited")
    yield _by_stage("NC106", "timeout")
    yield _by_stage("NC107", "died")
    yield from _exception_pairs("NC108", "startup", "raised")
    yield from _exception_pairs("NC109", "startup", "raised-before-answer")
    yield from _exception_pairs("NC110", "shutdown", "raised")
    known, again = (_failed("shutdown", "timeout", StageFailure("timeout", f"after {s} s")) for s in (1, 2))
    yield FaultPair("NC110", known, again, _failed("shutdown", "protocol", StageFailure("protocol", "twice")))
    for code, calls in (("NC111", 0), ("NC115", 2)):
        others = (("stop", 8, "bus.py", ""), ("start", 8, "pool.py", ""), ("start", 8, "bus.py", "/api"))
        known, again, *different = (
            Startup().sees(handlers=(StartupHandler(name, mount, calls, _in(name, line, file)),)).judged()
            for name, line, file, mount in (("start", 8, "bus.py", ""), ("start", 9, "bus.py", ""), *others)
        )
        yield from (FaultPair(code, known, again, other) for other in different)
    for paths in (("/a", "/b"), ("", "/b")):
        known, again, other = (
            Startup().sees(mounts=(MountedApp(path, "fastapi:FastAPI", True, False, _in("", line)),)).judged()
            for path, line in ((paths[0], 2), (paths[0], 3), (paths[1], 2))
        )
        yield FaultPair("NC112", known, again, other)
    yield _of_missing("NC113", "factory-arguments", "build")
    yield _by_stage("NC114", "not-a-target")
    known, again, other = (
        _failed("startup", "protocol", StageFailure("protocol", message)) for message in ("twice", "twice", "unknown")
    )
    yield FaultPair("NC116", known, again, other)
    imports = [UninstalledImport(module, _in("", line)) for module, line in (("main", 2), ("bus", 3), ("main", 9))]
    known, again, other = (Startup().sees(uninstalled_imports=(each,)).judged() for each in (*imports[::2], imports[1]))
    yield FaultPair("NC117", known, again, other)
    known, again, other = (
        Startup().sees(opened_at_import=(OpenedAtImport("thread", name, _in("<module>", line)),)).judged()
        for name, line in (("bus:poll", 2), ("bus:poll", 3), ("bus:send", 2))
    )
    yield FaultPair("NC118", known, again, other)
    known, again, other = (
        Startup().sees(dropped_mappings=(DroppedMapping("lifespan", ("pool",), _in("lifespan", line, file)),)).judged()
        for line, file in ((2, "bus.py"), (3, "bus.py"), (2, "pool.py"))
    )
    yield FaultPair("NC119", known, again, other)
    known, again, other = (
        Startup().sees(unseen_variables=(UnseenVariable(name, _in("lifespan", line), (_in("read", line),)),)).judged()
        for name, line in (("shop:user", 2), ("shop:user", 3), ("shop:tenant", 2))
    )
    yield FaultPair("NC120", known, again, other)
    known, again, other = (
        Startup()
        .sees(abandoned_generators=(AbandonedGenerator(name, _in(name, line), _in("start", line + 9)),))
        .judged()
        for name, line in (("bus", 2), ("bus", 3), ("pool", 2))
    )
    yield FaultPair("NC121", known, again, other)


def _component_pair(code: str, build: Any) -> FaultPair:
    """A fault whose identity is the component alone: what must hold of it does not."""
    return FaultPair(code, *(build(name, line).judged() for name, line in (("pool", 5), ("pool", 9), ("bus", 5))))


def _answered(name: str, line: int, kind: Any, path: str = "", **terms: Any) -> Startup:
    return Startup(contract(name, **terms)).sets(name, line).answers(kind, name, path, holds=False)


def _components() -> Iterator[FaultPair]:
    yield _component_pair("NC201", lambda name, line: Startup(contract(name)).sets("x", line))
    yield _component_pair("NC202", lambda name, line: Startup(contract(name)).sets_none(name, line))
    yield _component_pair("NC203", lambda name, line: _answered(name, line, "fits", type="shop:Pool"))
    yield _component_pair("NC207", lambda name, line: Startup().sets(name, line).double(name, "unittest.mock:Mock"))
    known, again, other = (
        _answered("pool", line, "attribute", path, attributes=(path,)).judged()
        for path, line in (("dsn", 5), ("dsn", 9), ("size", 5))
    )
    yield FaultPair("NC204", known, again, other)
    asked: dict[str, Any] = {"methods": ["close", "add(user)"]}
    for path, facts in (("add", {"missing": "add"}), ("close", {"reason": "not-callable"})):
        known, again = (
            _answered("pool", line, "method", "close", **asked)
            .answers("method", "pool", "close", holds=False, missing="close")
            .judged()
            for line in (5, 9)
        )
        different = Startup(contract("pool", **asked)).sets("pool", 5)
        yield FaultPair("NC205", known, again, different.answers("method", "pool", path, holds=False, **facts).judged())
    known, again, other = (
        Startup(contract("pool").model_copy(update={"methods": (Method(name="add", signature=signature),)}))
        .sets("pool", line)
        .answers("method", "pool", "add", holds=False, reason="call-refused", detail=f"{line} too many")
        .judged()
        for signature, line in (("(user)", 5), ("(user)", 9), ("(user, socket)", 5))
    )
    yield FaultPair("NC206", known, again, other)
    known, again, other = (
        _answered("port", line, "bound", bound, bounds={bound: 5}).judged()
        for bound, line in (("gt", 5), ("gt", 9), ("lt", 5))
    )
    yield FaultPair("NC208", known, again, other)


def _order_and_wiring() -> Iterator[FaultPair]:
    def late(name: str, line: int) -> Startup:
        early = contract(name, "initialization")
        return Startup(early, contract("app", "readiness", requires=(name,))).sets("app", 2).sets(name, line)

    yield _component_pair("NC301", late)
    known, again, other = (
        Startup(contract("app", requires=(name,)), contract(name)).sets("app", 2).sets(name, line).judged()
        for name, line in (("pool", 5), ("pool", 9), ("bus", 5))
    )
    yield FaultPair("NC302", known, again, other)
    known, again, other = (
        Startup(contract("app", wires={path: "pool"}), contract("pool"))
        .sets("pool", line)
        .sets("app", line + 1)
        .answers("same", "app", path, holds=False, actual="shop:Pool")
        .judged()
        for path, line in (("_pool", 5), ("_pool", 9), ("_other", 5))
    )
    yield FaultPair("NC303", known, again, other)
    known, again, other = (
        Startup(contract("shop:get()", **terms), contract("pool"))
        .sets("pool", line)
        .sets("shop:get()", line + 1, compared=True)
        .answers("same", "shop:get()", path, holds=False, actual="shop:Pool")
        .judged()
        for terms, path, line in (
            ({"same_as": "pool"}, "", 5),
            ({"same_as": "pool"}, "", 9),
            ({"wires": {"_pool": "pool"}}, "_pool", 5),
        )
    )
    yield FaultPair("NC303", known, again, other)
    held = (("bus.items[0]", 5), ("bus.items[7]", 9), ("bus.first", 5))
    known, again, other = (
        Startup()
        .sets("pool", 1, version="first")
        .sets("app", 2)
        .sets("pool", line)
        .sees(stale_references=(StaleReference("app", path, "pool", "first", "shop:Pool"),))
        .judged()
        for path, line in held
    )
    yield FaultPair("NC304", known, again, other)
    known, again = (Startup().sets("pool", 1).sets_none("pool", line).judged() for line in (5, 9))
    yield FaultPair("NC305", known, again, Startup().sets("pool", 1).deletes("pool", 5).judged())

    def read(name: str, line: int) -> Startup:
        startup = Startup()
        seq = startup.reads(name, line)
        return startup.fails("startup", fault("raised", raised("AttributeError", name, line, failed_read=seq)))

    yield _component_pair("NC306", read)


_FACTORY = contract("factory", per_user=PerUserContract(create="create", release="release", users=3))


def _users(**facts: Any) -> Judgement:
    facts = {"users": 3, "released": True, "location": _in("create", 20), **facts}
    return Startup(_FACTORY).sets("factory", 12).sees(isolation=(IsolationResult("factory", **facts),)).judged()


def _shared(path: str, kind: str = "list", first: str = "alice") -> SharedObject:
    return SharedObject(kind, ObjectPath(first, path), ObjectPath("bob", path), 3)


def _isolation() -> Iterator[FaultPair]:
    known, again, other = (
        _users(same_instance=(_shared("", kind, user),))
        for kind, user in (("shop:Engine", "alice"), ("shop:Engine", "carol"), ("shop:Cache", "alice"))
    )
    yield FaultPair("NC401", known, again, other)
    for path, kind in (("engine.jobs", "list"), ("engine.log[0]", "dict")):
        known, again, other = (
            _users(shared=(_shared(path, kind),))
            for path, kind in (("engine.log[0]", "list"), ("engine.log[1]", "list"), (path, kind))
        )
        yield FaultPair("NC402", known, again, other)
    known, again, other = (
        _users(leaks=(IdentityLeak(owner, ObjectPath("alice", path)),))
        for owner, path in (("bob", "engine.log[0]"), ("carol", "engine.log[3]"), ("bob", "engine.last"))
    )
    yield FaultPair("NC403", known, again, other)
    known, again, other = (
        _served(server=ServerObservation("uvicorn", identities=(IdentityInState("cache", path, _in("handle", line)),)))
        for path, line in ((".log[0]", 5), (".log[8]", 9), (".last", 5))
    )
    yield FaultPair("NC403", known, again, other)
    known, again, other = (
        _users(retained=(RetainedInstance("bridge", path, "alice"),)) for path in (".calls[0]", ".calls[2]", ".last")
    )
    yield FaultPair("NC404", known, again, other)
    known, again, other = (
        _users(retention=RetentionTest(100, 5.0, growing=(GrowingContainer("bridge", path, "list", by),)))
        for path, by in ((".logs[0]", 100), (".logs[1]", 200), (".seen", 100))
    )
    yield FaultPair("NC404", known, again, other)
    steps: tuple[tuple[Literal["create", "release"], StageFailure], ...] = (
        ("create", _raised("OSError", "connect", 7)),
        ("create", _raised("OSError", "connect", 9)),
        ("create", _raised("KeyError", "connect", 7)),
        ("release", _raised("OSError", "connect", 7)),
    )
    known, again, *others = (_users(failures=(UserFailure(step, 3, "alice", failure),)) for step, failure in steps)
    yield from (FaultPair("NC405", known, again, other) for other in others)


_RUN = ("started", "tool", "completed")


def _client(user: str, *events: str, foreign: str = "", ms: float = 10.0, **facts: Any) -> ClientLog:
    seen = tuple(ReceivedEvent(name, ms, has_canary=True, foreign_user=foreign) for name in events)
    return ClientLog(user, 1, seen, **facts)


def _served(*scenarios: Scenario, server: ServerObservation | None = None, **terms: Any) -> Judgement:
    live = {key: terms.pop(key) for key in ("readiness_seen", "skipped", "failed") if key in terms}
    seen = live.pop("readiness_seen", None)
    clients = ClientObservation(scenarios or (_DELIVERED,), readiness=seen, **live)
    startup = Startup(*terms.pop("contracts", ())).sets("cache", 1)
    startup.sees(clients=clients, server=server or ServerObservation("uvicorn"))
    expect = tuple(ExpectedEvent(name=name) for name in _RUN)
    events = DeliveryContract(**{"path": "/ws", "expect": expect, "terminal": "completed", **terms})
    return judge(startup.recording().model_copy(update={"events_contract": events}))


_DELIVERED = Scenario("delivery", (_client("alice", *_RUN), _client("bob", *_RUN)))


def _delivered(*events: str, user: str = "alice", name: str = "delivery", **facts: Any) -> Judgement:
    first = () if name == "delivery" else (_DELIVERED,)
    return _served(*first, Scenario(name, (_client(user, *events, **facts), _client("bob", *_RUN))))


def _events() -> Iterator[FaultPair]:
    late: dict[str, Any] = {"ended": "deadline"}
    known, again = (_delivered("started", "completed", user=user) for user in ("alice", "carol"))
    yield FaultPair("NC501", known, again, _delivered("tool", "completed"))
    known, again = (_delivered(user=user, **late) for user in ("alice", "carol"))
    yield FaultPair("NC501", known, again, _delivered(ended="refused", status=500))
    known, again = (_delivered("tool", "started", "completed", user=user) for user in ("alice", "carol"))
    yield FaultPair("NC502", known, again, _delivered("started", "completed", "tool"))
    known, again, other = (
        _served(
            Scenario("delivery", (replace(_client("alice", *_RUN), events=_late(name, ms)), _client("bob", *_RUN))),
            within_ms=100,
        )
        for name, ms in (("started", 500.0), ("started", 900.0), ("tool", 500.0))
    )
    yield FaultPair("NC503", known, again, other)
    known, again, other = (
        _served(_DELIVERED, Scenario("burst", (), bystanders=(_client("carol", name, foreign=user),)))
        for name, user in (("lobby", "alice"), ("lobby", "bob"), ("tool", "alice"))
    )
    yield FaultPair("NC504", known, again, other)
    known, again = (_delivered("started", "tool", "tool", "completed", user=user) for user in ("alice", "carol"))
    yield FaultPair("NC505", known, again, _delivered("started", "started", "tool", "completed"))
    yield FaultPair("NC505", known, again, _delivered("started", "tool", "tool", "completed", name="reconnect"))
    known, again = (_delivered("started", user=user, name="no token") for user in ("eve", "mallory"))
    bad: tuple[tuple[str, dict[str, Any]], ...] = (("alg none", {}), ("no token", late))
    for scenario, facts in bad:
        events = () if facts else ("started",)
        other = _served(_DELIVERED, Scenario(scenario, (_client("eve", *events, **facts),)))
        yield FaultPair("NC506", known, again, other)
    yield from _readiness()
    yield FaultPair(
        "NC508",
        *(_delivered("started", user=user, name="slow reader", **late) for user in ("alice", "carol", "")),
    )
    known, again = (
        _served(_DELIVERED, Scenario("reconnect", (_client("alice", *seen, **late), _client("bob", *_RUN))))
        for seen in ((), ("started",))
    )
    other = _served(_DELIVERED, Scenario("reconnect", (_client("alice", *_RUN), _client("bob", **late))))
    yield FaultPair("NC509", known, again, other)
    known, again, other = (
        _served(_DELIVERED, Scenario("expiry", (_client(user, *events, **late),)))
        for user, events in (("alice", ("started",)), ("carol", ("tool",)), ("alice", ()))
    )
    yield FaultPair("NC510", known, again, other)
    known, again, other = (
        _served(Scenario("delivery", (ClientLog(user, ended="refused", status=status, connected=False),)))
        for user, status in (("alice", 403), ("bob", 403), ("alice", 500))
    )
    yield FaultPair("NC511", known, again, other)
    known, again, other = (
        _served(skipped=why, failed=what) for why, what in (("no", "token"), ("it raised", "token"), ("no", "server"))
    )
    yield FaultPair("NC511", known, again, other)


def _late(name: str, ms: float) -> tuple[ReceivedEvent, ...]:
    times = {"started": 10.0, "tool": 20.0, "completed": 30.0}
    shift = 0.0
    events = []
    for event, at_ms in times.items():
        shift += ms if event == name else 0.0
        events.append(ReceivedEvent(event, at_ms + shift, has_canary=True))
    return tuple(events)


def _readiness() -> Iterator[FaultPair]:
    runs: tuple[tuple[str, StageFailure | None, tuple[str, ...]], ...] = (
        ("shop.checks:answers", _raised("OSError", "answers", 5), ()),
        ("shop.checks:answers", _raised("OSError", "answers", 9), ()),
        ("shop.checks:answers", _raised("KeyError", "answers", 5), ()),
        ("shop.checks:answers", None, ("it is slow",)),
        ("shop.checks:reads", _raised("OSError", "answers", 5), ()),
    )
    known, again, *others = (
        Startup().sees(phase_checks=(PhaseCheckResult(name, "readiness", failure=failed, messages=texts),)).judged()
        for name, failed, texts in runs
    )
    yield from (FaultPair("NC507", known, again, other) for other in others)
    known, again = (_served(readiness="/ready", readiness_seen=ReadinessResult(status)) for status in (503, 500))
    early = _served(readiness="/ready", readiness_seen=ReadinessResult(200, 1.0), contracts=(contract("pool"),))
    yield FaultPair("NC507", known, again, early)


def _background() -> Iterator[FaultPair]:
    tasks: tuple[tuple[BackgroundKind, str, StageFailure], ...] = (
        ("task", "consumer-1", _raised("OSError", "consume", 7)),
        ("task", "consumer-2", _raised("OSError", "consume", 9)),
        ("task", "consumer-1", _raised("KeyError", "consume", 7)),
        ("task", "consumer-1", _raised("OSError", "poll", 7)),
        ("thread", "consumer-1", _raised("OSError", "consume", 7)),
    )
    known, again, *others = (
        Startup().sees(failed_tasks=(FailedBackgroundTask(kind, name, line, failure, _in("start", 3)),)).judged()
        for line, (kind, name, failure) in enumerate(tasks)
    )
    yield from (FaultPair("NC601", known, again, other) for other in others)
    left: tuple[tuple[StackSnapshot, StackSnapshot, StackSnapshot], ...] = (
        (_left("task", "Task-2", "poll"), _left("task", "poll-7f", "poll"), _left("task", "Task-2", "scan")),
        (_left("thread", "Thread-2", "poll"), _left("thread", "Thread-9", "poll"), _left("task", "poll", "poll")),
        (_left("thread", "Thread-2"), _left("thread", "Thread-9"), _left("thread", "reaper")),
        (
            _left("process", "sleep (pid 7)", "sleep", "start", own=False),
            _left("process", "sleep (pid 9)", "sleep", "start", own=False),
            _left("process", "sleep (pid 7)", "sleep", "restart", own=False),
        ),
    )
    for stacks in left:
        yield FaultPair("NC602", *(Startup().sees(left_running=(stack,)).judged() for stack in stacks))


def _event_loop() -> Iterator[FaultPair]:
    tasks = (
        UnreferencedTask("Task-2", _in("follow", 7), _in("start", 3), "startup", _in("follow", 9)),
        UnreferencedTask("Task-9", _in("follow", 8), _in("start", 4), "startup", stage="startup"),
        UnreferencedTask("Task-2", _in("scan", 7), _in("start", 3), "startup", _in("scan", 9)),
    )
    blocks = (
        BlockedLoop(300.0, 20.0, _in("connect", 7)),
        BlockedLoop(150.0, 30.0, _in("connect", 9), _in("recv", 5, "socket.py")),
        BlockedLoop(300.0, 20.0, _in("scan", 7)),
    )
    silenced = (
        SilencedLoggers("disabled", ("shop.bus", "shop.db"), "logging.config.fileConfig", _in("migrate", 7)),
        SilencedLoggers("disabled", ("shop.bus",), "logging.config.fileConfig", _in("migrate", 9)),
        SilencedLoggers("level", ("shop.bus",), "logging.disable", _in("migrate", 7)),
    )
    yield FaultPair("NC605", *(Startup().sees(silenced_loggers=(each,)).judged() for each in silenced))
    late = (
        LateVariable("DATABASE_URL", _in("<module>", 7, "settings.py"), _in("<module>", 9, "main.py")),
        LateVariable("DATABASE_URL", _in("<module>", 8, "settings.py"), _in("<module>", 3, "main.py")),
        LateVariable("DATABASE_URL", _in("connect", 7, "db.py"), _in("<module>", 9, "main.py")),
    )
    yield FaultPair("NC122", *(Startup().sees(late_variables=(each,)).judged() for each in late))
    yield FaultPair("NC604", *(Startup().sees(blocked_loop=(block,)).judged() for block in blocks))
    yield FaultPair("NC603", *(Startup().sees(unreferenced_tasks=(task,)).judged() for task in tasks))


def _left(
    kind: Literal["task", "thread", "process"], name: str, function: str = "", starter: str = "start", own: bool = True
) -> StackSnapshot:
    number = sum(map(ord, name))
    return StackSnapshot(
        kind, name, location=_in(function, number), started=_in(starter, number), function=function, own=own
    )


def _selected(started: Startup) -> Judgement:
    """With what is off by default."""
    return judge(started.recording(), selected=lambda code: True)


def _misuse(kind: UseKind, line: int, path: str, type_: str) -> tuple[tuple[StateAccess], tuple[UseAnswer]]:
    """A read with a use, and the answer that the object does not allow it."""
    question = "exists" if kind == "attribute" else kind
    return (read("pool", 6, use(kind, line, path)),), (answer(question, "pool", path, asked={}, actual=type_),)


def _usage() -> Iterator[FaultPair]:
    def judged(*accesses: StateAccess, answers: tuple[UseAnswer, ...] = ()) -> Judgement:
        started = UsedStartup()
        started.sets("pool", 10)
        return _selected(started.reads_sources(*accesses).adds(answers=answers))

    yield FaultPair("NC701", *(judged(read(name, line)) for name, line in (("bus", 7), ("bus", 9), ("user", 7))))
    scopes: tuple[StateScope, ...] = ("application", "application", "request")
    yield FaultPair("NC701", *(judged(read("bus", 7 + n, scope=scope)) for n, scope in enumerate(scopes)))
    used: tuple[tuple[UseKind, str, UseKind, str], ...] = (("call", "get", "call", "put"), ("await", "", "call", ""))
    for kind, path, other_kind, other_path in used:
        runs = ((kind, 7, path, "Pool"), (kind, 9, path, "dict"), (other_kind, 7, other_path, "Pool"))
        yield FaultPair("NC702", *(judged(*_misuse(*run)[0], answers=_misuse(*run)[1]) for run in runs))
    lines = (("pool", 7), ("pool", 8), ("bus", 7))
    yield FaultPair("NC703", *(_selected(UsedStartup().sets(name, line)) for name, line in lines))
    functions = (("chat", 7), ("chat", 9), ("join", 7))
    yield FaultPair(
        "NC704",
        *(
            judged(access("write", "user", line, function=name, at_request=True, user_data="request.user"))
            for name, line in functions
        ),
    )


def _entries() -> Iterator[FaultPair]:
    def stale(component: str, expired: date) -> Judgement:
        entry = Suppression(code="NC201", component=component, reason="no", source="baseline", until=expired)
        return suppress(Startup().judged(), Suppressions([entry], date(2026, 11, 30)))

    dates = (("pool", date(2026, 1, 1)), ("pool", date(2026, 2, 1)), ("bus", date(2026, 1, 1)))
    yield FaultPair("NC801", *(stale(*each) for each in dates))
    yield _component_pair("NC802", lambda name, line: Startup(contract(name, optional=True)).sets("x", line))

    def unmarked(phase: str, line: int) -> Judgement:
        startup = Startup(contract("pool", phase)).sets("pool", line)
        return startup.marks_end_of("initialization", line + 1).judged()

    yield FaultPair("NC803", unmarked("configuration", 1), unmarked("configuration", 9), unmarked("integration", 1))


PAIRS: tuple[FaultPair, ...] = (
    *_lifecycle(),
    *_components(),
    *_order_and_wiring(),
    *_isolation(),
    *_events(),
    *_background(),
    *_usage(),
    *_event_loop(),
    *_entries(),
)
