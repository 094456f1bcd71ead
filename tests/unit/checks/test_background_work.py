"""NC601 to NC605: background work that failed or is left running, destroyed tasks, a blocked event loop, logging."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.event_loop import BlockedLoop, UnreferencedTask
from netra_contracts.protocol.observed.failures import ExceptionInfo, Holder, StackSnapshot
from netra_contracts.protocol.observed.observation import FailedBackgroundTask
from netra_contracts.protocol.observed.surroundings import SilencedLoggers
from tests.unit.checks.evidence import Startup, at, contract, fault, raised


def dead(name: str, *chain: ExceptionInfo, kind: str = "task") -> FailedBackgroundTask:
    return FailedBackgroundTask("thread" if kind == "thread" else "task", name, 50.0, fault("raised", *chain), at(30))


def left(kind: str, name: str, line: int | None = None) -> StackSnapshot:
    place = at(line) if line else None
    kinds: dict[str, StackSnapshot] = {
        "task": StackSnapshot("task", name, location=place),
        "thread": StackSnapshot("thread", name, location=place),
        "process": StackSnapshot("process", name, location=place),
    }
    return kinds[kind]


def test_NC601_names_the_line_that_raised_and_the_line_that_started_the_task() -> None:
    finding = Startup().sees(failed_tasks=(dead("consumer", raised("ValueError", "no topic", 52)),)).found()
    assert (finding.code, finding.severity, finding.location) == ("NC601", Severity.WARNING, at(52))
    assert finding.message == "the background task `consumer` failed: ValueError: no topic"
    assert [(cause.message, cause.location) for cause in finding.causes] == [("it was started here", at(30))]


def test_NC601_of_a_thread_names_a_thread() -> None:
    finding = Startup().sees(failed_tasks=(dead("poller", raised("ValueError", "no", 52), kind="thread"),)).found()
    assert finding.message.startswith("the background thread `poller` failed")


def test_each_failed_task_reports_NC601() -> None:
    startup = Startup().sees(failed_tasks=(dead("a", raised("ValueError")), dead("b", raised("ValueError"))))
    assert len({finding.fingerprint for finding in startup.findings()}) == 2


def test_fingerprint_of_NC601_does_not_depend_on_the_number_of_a_thread() -> None:
    names = ("Thread-1 (poll)", "Thread-7 (poll)")
    one, other = (
        Startup().sees(failed_tasks=(dead(name, raised("ValueError")),)).found().fingerprint for name in names
    )
    assert one == other


def test_NC602_is_reported_once_for_each_function() -> None:
    polls = [replace(left("thread", name), function="shop.bus:Bus.poll", own=True) for name in ("a", "Thread-2")]
    startup = Startup().sees(left_running=(polls[0], left("task", "t", 7), left("thread", "b", 9), polls[1]))
    task, other, *threads = startup.findings()
    assert (task.message, task.location) == ("task `t` left running after shutdown", at(7))
    assert task.hint == "cancel and await it during shutdown"
    assert (other.subject, len(other.stacks)) == ("thread shop.bus:Bus.poll", 2)
    assert other.message == "2 threads of `Bus.poll` (`a`, `Thread-2`) left running after shutdown"
    assert [(each.subject, each.message) for each in threads] == [
        ("thread b", "thread `b` left running after shutdown")
    ]


def test_NC602_after_a_failed_startup_follows_from_NC108() -> None:
    startup = Startup().fails("startup", fault("raised", raised("ValueError", "no", 41)))
    startup.sees(left_running=(left("process", "worker"),))
    assert startup.roots() == [("NC108", "")]
    assert startup.codes() == [("NC108", ""), ("NC602", "")]


def test_NC601_follows_from_NC306() -> None:
    startup = Startup()
    read = startup.reads("pool", 52)
    startup.sets("pool", 60)
    startup.sees(failed_tasks=(dead("consumer", raised("AttributeError", "pool", 52, failed_read=read)),))
    first, second = startup.findings()
    assert (first.code, first.component) == ("NC306", "pool")
    assert (second.code, second.caused_by) == ("NC601", first.fingerprint)


def test_several_NC601_of_one_component_follow_from_one_NC306() -> None:
    startup = Startup()
    one, other = startup.reads("pool", 52), startup.reads("pool", 54)
    startup.sees(
        failed_tasks=(
            dead("consumer", raised("AttributeError", "pool", 52, failed_read=one)),
            dead("poller", raised("AttributeError", "pool", 54, failed_read=other)),
        )
    )
    assert startup.roots() == [("NC306", "pool")]


def held(kind: Literal["component", "module", "local"], path: str, owner: str) -> FailedBackgroundTask:
    return replace(dead("pump", raised("ValueError", "no", 52)), holder=Holder(kind, path, owner))


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (held("component", "bridge._task", "bridge"), "its handle is kept in `bridge._task`"),
        (held("module", "shop.TASKS", "shop"), "its handle is kept in the module global `shop.TASKS`"),
        (held("local", "task", "lifespan"), "its handle is kept in the local variable `task` of `lifespan`"),
        (replace(dead("pump", raised("ValueError")), dropped=True), "its handle was dropped"),
    ],
)
def test_NC601_says_where_the_handle_is_kept(task: FailedBackgroundTask, expected: str) -> None:
    finding = Startup().sees(failed_tasks=(task,)).found()
    assert finding.causes[-1].message.startswith(expected)


def test_NC601_of_a_task_that_a_component_with_a_contract_holds_has_its_severity() -> None:
    task = held("component", "bridge._task", "bridge")
    startup = Startup(contract("bridge", severity="error")).sets("bridge", 40).sees(failed_tasks=(task,))
    finding = startup.found()
    assert (finding.code, finding.component, finding.severity) == ("NC601", "bridge", Severity.ERROR)


def test_NC601_follows_from_the_broken_component_that_holds_the_task() -> None:
    task = held("component", "bridge._task", "bridge")
    startup = Startup(contract("bridge", type="shop:Bridge")).sets("bridge", 40)
    startup.answers("fits", "bridge", holds=False).sees(failed_tasks=(task,))
    assert startup.roots() == [("NC203", "bridge")]


def test_NC601_during_shutdown_and_NC602_follow_from_NC110() -> None:
    task = replace(dead("consumer", raised("ValueError", "closed", 52)), stage="shutdown")
    startup = Startup().fails("shutdown", fault("raised", raised("RuntimeError", "no", 61)))
    startup.sees(failed_tasks=(task,), left_running=(left("task", "poller"),))
    assert startup.roots() == [("NC110", "")]


def test_NC602_says_in_which_stage_and_where_work_was_started_and_what_refers_to_it() -> None:
    stack = replace(
        left("task", "consumer"), started=at(12), started_in="live", holder=Holder("component", "bus.task", "bus")
    )
    finding = Startup().sees(left_running=(stack,)).found()
    first = finding.causes[0]
    assert first.message == "`consumer` was started while clients were served, and `bus.task` refers to it"
    assert (first.location, finding.location) == (at(12), at(12))


def test_NC602_on_work_of_unknown_origin_says_what_refers_to_it() -> None:
    stack = replace(left("task", "consumer"), holder=Holder("component", "bus.task", "bus"))
    finding = Startup().sees(left_running=(stack,)).found()
    assert finding.causes[0].message == "`bus.task` refers to `consumer`"


def test_NC110_says_how_soon_the_shutdown_came() -> None:
    finding = Startup().fails("shutdown", fault("raised", raised("AssertionError", "", 61))).found()
    assert finding.causes[-1].message.startswith("shutdown began ")
    assert "--settle 5" in finding.hint


def unreferenced(function: str, **more: Any) -> UnreferencedTask:
    where = replace(at(12), function=function)
    return UnreferencedTask(**{"name": "Task-3", "function": where, "created": at(30), "started_in": "startup", **more})


def test_NC603_names_the_line_that_created_the_task_and_where_it_waited() -> None:
    finding = Startup().sees(unreferenced_tasks=(unreferenced("follow", waited_at=at(14)),)).found()
    assert (finding.code, finding.severity, finding.location) == ("NC603", Severity.WARNING, at(30))
    assert [cause.location for cause in finding.causes] == [at(30), at(14), None]
    assert finding.causes[-1].message == "it was destroyed by the collection that `check` runs before the shutdown"


def test_NC603_is_reported_once_for_each_function() -> None:
    tasks = (unreferenced("follow"), unreferenced("scan"), unreferenced("follow", stage="startup"))
    follow, scan = Startup().sees(unreferenced_tasks=tasks).findings()
    assert follow.message.startswith("2 pending tasks `Task-3` were destroyed")
    assert (follow.subject, scan.subject) == ("task startup.follow", "task startup.scan")


def test_NC603_is_not_reported_for_tasks_that_a_destroyed_task_created() -> None:
    child = unreferenced("child", created=replace(at(50), function="supervise"))
    (finding,) = Startup().sees(unreferenced_tasks=(child, unreferenced("supervise"))).findings()
    assert finding.subject == "task startup.supervise"


def test_NC604_is_a_note_on_the_function_that_blocked_the_loop_longest() -> None:
    inside = Location("/usr/lib/python3.11/socket.py", 706, "readinto")
    blocks = (
        BlockedLoop(120.0, 10.0, at(20)),
        BlockedLoop(300.4, 200.0, at(22), inside),
        BlockedLoop(110.0, 1.0, at(20)),
    )
    finding = Startup().sees(blocked_loop=blocks).found()
    assert (finding.code, finding.severity, finding.location) == ("NC604", Severity.NOTE, at(22))
    assert finding.message == "`lifespan` blocked the event loop for 530 ms during startup (3 times, 300 ms at most)"
    assert [(cause.message, cause.location) for cause in finding.causes] == [
        ("it was in `socket.readinto`", inside),
        ("300 ms at this line", at(22)),
        ("230 ms at this line", at(20)),
    ]


def test_NC604_of_several_functions_is_reported_for_each() -> None:
    blocks = (
        BlockedLoop(120.0, 10.0, at(20, "a.py")),
        BlockedLoop(200.0, 200.0, at(20, "b.py")),
        BlockedLoop(9.0, 1.0),
    )
    subjects = {finding.subject for finding in Startup().sees(blocked_loop=blocks).findings()}
    assert subjects == {"a.lifespan", "b.lifespan", "unknown"}


def test_NC605_names_the_call_and_the_loggers() -> None:
    names = ("shop.a", "shop.b", "shop.c", "shop.d")
    silenced = (SilencedLoggers("disabled", names, "logging.config.fileConfig", at(20)),)
    finding = Startup().sees(silenced_loggers=silenced).found()
    assert (finding.code, finding.severity, finding.location) == ("NC605", Severity.WARNING, at(20))
    listed = "4 loggers (`shop.a`, `shop.b`, `shop.c` and 1 more)"
    assert finding.message == f"`logging.config.fileConfig` disabled {listed}: what they log is lost"
    assert finding.subject == "disabled startup.lifespan"


def test_NC605_without_a_line_says_what_is_known() -> None:
    finding = Startup().sees(silenced_loggers=(SilencedLoggers("handlers", ("shop",)),)).found()
    assert (finding.message, finding.location) == ("startup left the logger `shop` without a handler", None)
    assert finding.subject == "handlers"
