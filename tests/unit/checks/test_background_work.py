"""NC601, NC602: background tasks that failed, and what is left running."""

from __future__ import annotations

from netra_contracts.contracts.model import Severity
from netra_contracts.protocol.failures import ExceptionInfo, StackSnapshot
from netra_contracts.protocol.observation import FailedBackgroundTask
from tests.unit.checks.evidence import Startup, at, fault, raised


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


def test_NC602_is_reported_once_for_each_kind() -> None:
    startup = Startup().sees(
        left_running=(
            left("thread", "a"),
            left("task", "t", 7),
            left("thread", "b", 9),
            left("thread", "c"),
            left("thread", "d"),
        )
    )
    tasks, threads = startup.findings()
    assert (tasks.message, tasks.location) == ("1 task left running after shutdown: `t`", at(7))
    assert threads.message == "4 threads left running after shutdown: `a`, `b`, `c` and 1 more"
    assert (threads.subject, threads.location, len(threads.stacks)) == ("thread", at(9), 4)


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
