"""NC118: what the import leaves behind, and what looks like it."""

from __future__ import annotations

from tests.functional.harness import Outcome, Runner, location_of
from tests.functional.shared_runs import SharedRunner


def _found(outcome: Outcome, code: str) -> dict[str, str]:
    """Locations of findings of a code by their messages."""
    found = {f["message"]: location_of(f) for f in outcome.findings if f["code"] == code}
    assert len(found) == len([f for f in outcome.findings if f["code"] == code]), outcome.details
    return found


def _left(what: str, by: str = "import") -> str:
    return f"the {by} leaves {what} behind, which is not safe if the server forks after it"


def test_what_import_and_factory_leave_open_reports_NC118_at_the_line_that_led_to_it(shared: SharedRunner) -> None:
    outcome = shared.check("lifecycle/fork", "main:app")
    line = {name: outcome.line_of(text) for name, text in (
        ("thread", "threading.Thread(target=never"), ("loop", "loop = asyncio"), ("process", "child = "),
    )}  # fmt: skip
    assert _found(outcome, "NC118") == {
        _left("a thread"): f"main.py:{line['thread']}",
        _left("an event loop"): f"main.py:{line['loop']}",
        _left("a process"): f"main.py:{line['process']}",
        _left("a listening socket"): f"fork_clients.py:{outcome.line_of('create_server', 'fork_clients.py')}",
        _left("2 connections"): f"fork_clients.py:{outcome.line_of('create_connection', 'fork_clients.py')}",
    }, outcome.details
    assert {f["severity"] for f in outcome.findings if f["code"] == "NC118"} == {"note"}
    factory = shared.check("lifecycle/fork", "factory:create_app")
    started = factory.line_of("Poller(threading.Event()).start()", "factory.py")
    opened = factory.line_of("socket.socketpair()", "factory.py")
    assert _found(factory, "NC118") == {
        _left("a thread", "factory"): f"factory.py:{started}",
        _left("2 connections", "factory"): f"factory.py:{opened}",
    }, factory.details


def test_what_is_closed_by_the_end_of_startup_or_prepared_for_a_fork_is_not_reported(shared: SharedRunner) -> None:
    outcome = shared.check("lifecycle/fork", "safe:app")
    assert outcome.findings == [], outcome.details


def test_preload_in_the_configuration_makes_NC118_a_warning(run: Runner) -> None:
    folder = run.project("lifecycle/fork")
    (folder / "netra-contracts.toml").write_text("preload = true\n")
    outcome = run.command("check", "factory:create_app", "--format", "json", cwd=folder)
    found = [f for f in outcome.findings if f["code"] == "NC118"]
    assert {f["severity"] for f in found} == {"warning"}, outcome.details
    assert len(found) == 3, "the framework's own thread is one of them"
