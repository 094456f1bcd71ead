"""NC118: what the import leaves behind for forked workers."""

from __future__ import annotations

from netra_contracts.checks.engine.judgement import judge
from netra_contracts.contracts.model import Severity
from netra_contracts.protocol.observed.lifecycle import OpenedAtImport
from tests.unit.checks.evidence import Startup, at


def test_what_one_line_opened_is_one_note_with_what_becomes_of_each_in_a_fork() -> None:
    opened = (
        OpenedAtImport("thread", "shop:poll", at(3)),
        OpenedAtImport("socket", "connection", at(3)),
        OpenedAtImport("socket", "connection", at(3)),
        OpenedAtImport("event loop", "asyncio:Loop", at(3)),
    )
    [finding] = Startup().sees(opened_at_import=opened).findings()
    assert (finding.code, finding.severity, finding.location) == ("NC118", Severity.NOTE, at(3))
    assert finding.message == (
        "the import leaves a thread, 2 connections and an event loop behind, which is not safe if the server forks "
        "after it"
    )
    assert [cause.message for cause in finding.causes] == [
        "the thread `shop:poll` was started here; a forked process does not have it",
        "the connection was opened here; all forked processes share it",
        "the event loop `asyncio:Loop` was opened here; all forked processes share its selector",
    ]


def test_what_a_factory_opened_at_an_unknown_line_is_reported_without_one() -> None:
    opened = (OpenedAtImport("process", "redis-server", stage="build"), OpenedAtImport("socket", "socket"))
    process, socket = Startup().sees(opened_at_import=opened).findings()
    assert process.message.startswith("the factory leaves a process behind")
    assert process.causes[0].message.startswith("the process `redis-server` was started;")
    assert (process.subject, socket.subject) == ("process redis-server", "socket socket")


def test_forking_server_makes_a_warning_of_it_also_of_what_the_framework_starts() -> None:
    own = OpenedAtImport("thread", "shop:poll", at(3))
    listener = OpenedAtImport("thread", "litestar.logging:Listener.run", at(9), "build", True)
    recording = Startup().sees(opened_at_import=(own, listener)).recording()
    assert [(each.location, each.severity) for each in judge(recording).findings] == [(at(3), Severity.NOTE)]
    preload = recording.model_copy(update={"preload": True})
    assert [(each.location, each.severity) for each in judge(preload).findings] == [
        (at(3), Severity.WARNING),
        (at(9), Severity.WARNING),
    ]
