"""NC118 to NC121: what import and lifespan leave behind or do for nobody, and what looks like it."""

from __future__ import annotations

import pytest

from tests.functional.environments import python_with
from tests.functional.harness import Outcome, Runner, location_of
from tests.functional.shared_runs import SharedRunner
from tests.interpreters import interpreters


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


def test_what_a_thread_of_a_library_opens_is_reported_at_the_line_that_started_the_thread(shared: SharedRunner) -> None:
    outcome = shared.check("lifecycle/fork", "in_thread:app")
    line = outcome.line_of("portal.__enter__()", "in_thread.py")
    assert _found(outcome, "NC118") == {_left("a thread and an event loop"): f"in_thread.py:{line}"}, outcome.details


def test_current_event_loop_that_import_leaves_open_is_reported_and_garbage_is_not(shared: SharedRunner) -> None:
    outcome = shared.check("lifecycle/fork", "current_loop:app")
    line = outcome.line_of("asyncio.set_event_loop(asyncio.new_event_loop())  # the last", "current_loop.py")
    assert _found(outcome, "NC118") == {_left("an event loop"): f"current_loop.py:{line}"}, outcome.details


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


def _abandoned(outcome: Outcome, *, shutdown: bool) -> dict[str, str]:
    """The line that advanced each generator, by its function."""
    found = {}
    for finding in (f for f in outcome.findings if f["code"] == "NC121"):
        advanced, then = finding["causes"]
        if ("the shutdown did not resume it" in then["message"]) is shutdown:
            found[finding["location"]["function"]] = location_of(advanced)
    return found


def assert_abandoned_generators_are_reported(outcome: Outcome) -> None:
    def line(text: str) -> str:
        return f"abandoned.py:{outcome.line_of(text, 'abandoned.py')}"

    is_qualified = not outcome.report["target"]["info"]["python"].startswith(("3.9.", "3.10."))
    name = "Backend.lifespan" if is_qualified else "lifespan"
    assert _abandoned(outcome, shutdown=False) == {
        "dropped_at_once": line("dropped_at_once(app).__anext__()"),
        "closed_too_early": line("closed_too_early(app).asend"),
        name: line("Backend().lifespan(app)"),
    }, outcome.details
    assert _abandoned(outcome, shutdown=True) == {
        "kept_in_global": line("KEPT[0].__anext__()"),
        "kept_in_variable": line("variable.__anext__()"),
        "entered_by_hand": line("manager.__aenter__()"),
        "in_stack": line("enter_async_context(in_stack(app))"),
    }, outcome.details


def test_generators_that_startup_advances_by_hand_report_NC121(shared: SharedRunner) -> None:
    outcome = shared.check("lifecycle/generators", "abandoned:app")
    assert outcome.codes == ["NC121"] * 7, outcome.details
    assert_abandoned_generators_are_reported(outcome)
    kept = shared.check("lifecycle/generators", "abandoned:create_app")
    line = kept.line_of("services.__anext__()", "abandoned.py")
    assert _abandoned(kept, shutdown=True) == {"services": f"abandoned.py:{line}"}, kept.details


def test_generators_that_are_finished_or_have_nothing_left_are_not_reported(shared: SharedRunner) -> None:
    outcome = shared.check("lifecycle/generators", "resumed:app")
    assert outcome.findings == [], outcome.details


@pytest.mark.parametrize(
    ("target", "yields", "drops"),
    [
        ("of_timed", 'yield {"pool"', "enter_async_context(each(app))"),
        ("of_class", "async def __aenter__(self):  # a mapping", "enter_async_context(each(app))"),
        pytest.param("of_stack", 'yield {"pool"', "enter_async_context(each(app))", marks=pytest.mark.slow),
        pytest.param("of_forgetful", 'yield {"pool"', "        await self.inner.__aenter__()", marks=pytest.mark.slow),
        pytest.param("of_renamed", 'yield {"pool"', "async with inner(app) as state", marks=pytest.mark.slow),
    ],
)
def test_mapping_that_a_wrapper_drops_reports_NC119_with_both_lines(
    shared: SharedRunner, target: str, yields: str, drops: str
) -> None:
    outcome = shared.check("lifecycle/mappings", f"dropped:{target}")
    finding = outcome.finding("NC119")
    assert location_of(finding) == f"dropped.py:{outcome.line_of(yields, 'dropped.py')}", outcome.details
    [dropped] = finding["causes"]
    assert location_of(dropped) == f"dropped.py:{outcome.line_of(drops, 'dropped.py')}", outcome.details


@pytest.mark.parametrize(
    "target",
    ["of_wrapper", *(pytest.param(name, marks=pytest.mark.slow) for name in ("of_class", "of_timed", "of_merged"))],
)
def test_mapping_that_arrives_or_is_used_is_not_reported(shared: SharedRunner, target: str) -> None:
    outcome = shared.check("lifecycle/mappings", f"passed_on:{target}")
    assert outcome.findings == [], outcome.details


def assert_unseen_variables_are_reported(outcome: Outcome) -> None:
    found = {f["subject"]: f for f in outcome.findings if f["code"] == "NC120"}
    assert outcome.codes == ["NC120"] * len(found), outcome.details
    expected = {
        "shop_context:database": ("shop_context.database.set", "database.get()", "shop_context.py"),
        "shop_context:tenant": ("tenant.set(", "tenant.get()", "unseen.py"),
        "shop_context:Current.user": ("Current.user.set(", "Current.user.get()", "unseen.py"),
        "unseen:settings": ("settings.set(", "settings.get()", "unseen.py"),
        "unseen:limits": ("limits.set(", "limits.get(None)", "unseen.py"),
    }
    assert sorted(found) == sorted(expected), outcome.details
    for name, (setting, reading, file) in expected.items():
        lines = [location_of(cause) for cause in found[name]["causes"]]
        assert lines == [
            f"unseen.py:{outcome.line_of(setting, 'unseen.py')}",
            f"{file}:{outcome.line_of(reading, file)}",
        ], outcome.details


def test_context_variables_that_handlers_do_not_see_report_NC120(shared: SharedRunner) -> None:
    assert_unseen_variables_are_reported(shared.check("lifecycle/variables", "unseen:app"))
    outcome = shared.check("lifecycle/variables", "litestar_app:create_app")
    assert outcome.finding("NC120")["location"]["line"] == outcome.line_of("number.set(1)", "litestar_app.py")


def test_context_variables_that_dependencies_and_mounted_endpoints_read_report_NC120(shared: SharedRunner) -> None:
    outcome = shared.check("lifecycle/variables", "endpoints:create_app")
    found = {f["subject"]: location_of(f) for f in outcome.findings if f["code"] == "NC120"}
    assert found == {
        "endpoints:pool": f"endpoints.py:{outcome.line_of('pool.set(', 'endpoints.py')}",
        "endpoints:holder.region": f"endpoints.py:{outcome.line_of('region.set(', 'endpoints.py')}",
    }, outcome.details


@pytest.mark.parametrize("target", ["seen:app", "copied:app", "passed_on:app"])
def test_context_variables_that_are_reset_copied_or_not_of_requests_are_not_reported(
    shared: SharedRunner, target: str
) -> None:
    outcome = shared.check("lifecycle/variables", target)
    assert outcome.findings == [], outcome.details


@pytest.mark.slow
@pytest.mark.parametrize("version", [version for version in sorted(interpreters()) if version != "3.11"])
def test_lifecycle_is_judged_alike_by_other_interpreters(run: Runner, version: str) -> None:
    python = python_with("fastapi", interpreter=interpreters()[version])
    assert_abandoned_generators_are_reported(run.check("lifecycle/generators", "abandoned:app", "--python", python))
    assert_unseen_variables_are_reported(run.check("lifecycle/variables", "unseen:app", "--python", python))
    if version != "3.9":  # which has neither `anext` nor `aclosing`
        resumed = run.check("lifecycle/generators", "resumed:app", "--python", python)
        assert resumed.findings == [], resumed.details
