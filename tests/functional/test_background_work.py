"""NC601 to NC605 on background work of every kind, and on work that looks like it and is in order."""

from __future__ import annotations

import pytest

from tests.functional.environments import python_with
from tests.functional.harness import Json, Outcome, Runner
from tests.functional.shared_runs import SharedRunner
from tests.interpreters import interpreters

#: What fails, by the text of its exception: the start of the message, and what the causes say of its handle.
FAILED = {
    "dropped": ("the background task `dropped`", "was dropped"),
    "kept by a component": ("the background task `pump`", "is kept in `bridge.pump`"),
    "kept and incomparable": ("the background task `incomparable`", "is kept in `bridge.failed`"),
    "kept in a module": ("the background task `in a module`", "is kept in the module global `failing.KEPT`"),
    "kept in a variable": ("the background task `in a variable`", "in the local variable `local` of `lifespan`"),
    "kept gather": ("`fails`, which `asyncio.gather` runs in the background,", "is kept in `gathered`"),
    "dropped gather": ("`fails`, which `asyncio.gather` runs in the background,", "was dropped"),
    "kept future": ("a background future", "is kept in `future`"),
    "submitted": ("the background job `job_fails`", "was dropped"),
    "run in executor": ("the background job `job_fails`", "was dropped"),
    "run threadsafe": ("the background job `fails`", "was dropped"),
    "called soon": ("the background callback `job_fails`", ""),
    "called later": ("the background callback `job_fails`", ""),
    "signal handler": ("the background callback `signal_handler`", ""),
    "thread": ("the background thread `poller`", ""),
    "task of another loop": ("the background task `inner`", "was dropped"),
    "direct task": ("the background task `direct`", "was dropped"),
    "made by a task factory": ("the background task `manufactured`", "was dropped"),
    "at shutdown": ("the background task `at shutdown`", "was dropped"),
}


def chain(finding: Json) -> str:
    return "; ".join(cause["message"] for cause in finding["causes"])


def assert_all_failures_are_reported(outcome: Outcome, expected: dict[str, tuple[str, str]]) -> None:
    failed = {f["message"].rpartition(": ")[2]: f for f in outcome.findings if f["code"] == "NC601"}
    assert sorted(failed) == sorted(expected), outcome.details
    for text, (start, handle) in expected.items():
        assert failed[text]["message"].startswith(f"{start} failed"), failed[text]["message"]
        assert handle in chain(failed[text]), outcome.details
    assert "failed during shutdown" in failed["at shutdown"]["message"]


def assert_all_that_is_left_is_reported(outcome: Outcome) -> None:
    left = {f["subject"]: f for f in outcome.findings if f["code"] == "NC602"}
    waits, event, thread, process = (
        "task failing:waits",
        "task asyncio.locks:Event.wait from failing.lifespan",
        "thread threading:Event.wait from failing.startup",
        "process sleep from failing.startup",
    )
    assert sorted(left) == sorted([waits, event, thread, process]), outcome.details
    assert left[thread]["message"] == "thread `left-thread` of `Event.wait` left running after shutdown"
    assert "`left in a component` was started during startup, and `bridge.left` refers to it" in chain(left[waits])
    assert "`left by the shutdown` was started during shutdown" in chain(left[event])
    for subject, line in ((thread, 'name="left-thread"'), (process, "subprocess.Popen([")):
        [started, *_] = [cause for cause in left[subject]["causes"] if "was started during startup" in cause["message"]]
        assert started["location"]["line"] == outcome.line_of(line, "failing.py")


def test_failed_NC601_and_left_NC602_background_work_is_reported_with_its_cause(shared: SharedRunner) -> None:
    outcome = shared.check("background/work", "failing:create_app")
    assert outcome.exit_code == 0, outcome.details
    assert_all_failures_are_reported(outcome, FAILED)
    assert_all_that_is_left_is_reported(outcome)


def assert_unreferenced_tasks_are_reported(outcome: Outcome) -> None:
    # Code objects know the class of a method from Python 3.11 on.
    found = [f for f in outcome.findings if f["code"] == "NC603"]
    lines = {f["subject"].replace("Watcher.", ""): f["location"]["line"] for f in found}
    assert lines == {
        "task main.watch": outcome.line_of("# the watcher"),
        "task main.follow": outcome.line_of("# follows"),
        "task main.supervise": outcome.line_of("# supervises"),
        "task main.waits_for_a_child": outcome.line_of("# waits for a child"),
    }, outcome.details
    assert {f["code"] for f in outcome.findings} == {"NC603"}, outcome.details


def test_pending_task_that_only_the_loop_refers_to_reports_NC603(shared: SharedRunner) -> None:
    assert_unreferenced_tasks_are_reported(shared.check("background/unreferenced", "main:app"))


def test_pending_tasks_that_something_refers_to_are_not_reported(shared: SharedRunner) -> None:
    shared.run_and_assert("background/unreferenced", "kept:app", exit_code=0)


#: The functions that block the event loop, with the lines.
BLOCKING = {
    "main.connect": "# sleeps",
    "main.load": "# computes",
    "main.ask": "# waits for an answer",
    "main.warm_up": "# warms up",
    "main.<lambda>": "# called soon",
}
THRESHOLD = ("--blocking-threshold", "100")


def assert_blocking_lines_are_reported(outcome: Outcome) -> None:
    lines = {f["subject"]: f["location"]["line"] for f in outcome.findings if f["code"] == "NC604"}
    # Code objects know the scope of a function from Python 3.11 on.
    lines = {name.replace("Model.", "").replace("lifespan.<locals>.", ""): line for name, line in lines.items()}
    # Another thread may take the lock after it first: then the next sample is of a later line, or of another step.
    held = {name: lines.pop(name) for name in ("main.digest", "main.lifespan") if name in lines}
    assert held.get("main.digest") in {None, outcome.line_of("# holds the lock")}
    assert lines == {name: outcome.line_of(text) for name, text in BLOCKING.items()}, outcome.details
    assert {f["severity"] for f in outcome.findings} == {"note"}


def test_lines_that_block_the_event_loop_report_NC604(shared: SharedRunner) -> None:
    assert_blocking_lines_are_reported(shared.check("background/blocking", "main:app", *THRESHOLD))


def test_line_that_blocks_the_event_loop_in_a_greenlet_reports_NC604(shared: SharedRunner) -> None:
    outcome = shared.check("background/blocking", "greenlets:app", *THRESHOLD)
    finding = outcome.finding("NC604")
    assert finding["location"]["line"] == outcome.line_of("# migrates", "greenlets.py")


def test_startup_that_waits_does_not_block_the_event_loop(shared: SharedRunner) -> None:
    outcome = shared.run_and_assert("background/blocking", "waiting:create_app", *THRESHOLD, exit_code=0)
    waited = {each["location"]["line"]: each for each in outcome.report["startup"]["awaits"]}
    connects = waited[outcome.line_of("# connects", "waiting.py")]
    assert connects["waited_ms"] >= 100
    assert connects["inside"]["line"] == outcome.line_of("await asyncio.sleep(SECONDS)  # waits", "waiting.py")
    in_a_thread = waited[outcome.line_of("# in a thread", "waiting.py")]
    assert in_a_thread["waited_ms"] >= 100
    assert (in_a_thread["times"], in_a_thread["inside"]) == (1, None)
    slowest = outcome.report["startup"]["slow_imports"][0]
    assert (slowest["module"], slowest["own"], slowest["imported_by"]) == ("waiting", True, "")
    assert slowest["ms"] >= slowest["self_ms"] >= 100
    frameworks = {each["imported_by"] for each in outcome.report["startup"]["slow_imports"] if not each["own"]}
    assert "waiting" in frameworks


#: Factories that silence loggers, with the way and the line that did it.
SILENCED = {
    "file_config": ("disabled main.migrate", "# fileConfig"),
    "dict_config": ("disabled main.configure", "# dictConfig"),
    "disable": ("level main.quieten", "# disable"),
    "level": ("level main.raise_level", "# level"),
    "removed": ("handlers main.remove", "# remove"),
    "cleared": ("handlers", ""),
    "null": ("handlers", ""),
}
_QUICK = {"file_config", "level", "cleared"}


@pytest.mark.parametrize(
    "factory", [pytest.param(name, marks=[] if name in _QUICK else [pytest.mark.slow]) for name in SILENCED]
)
def test_silenced_loggers_report_NC605(shared: SharedRunner, factory: str) -> None:
    outcome = shared.run_and_assert("background/silenced", f"main:{factory}", exit_code=0, codes=["NC605"])
    subject, line = SILENCED[factory]
    finding = outcome.finding("NC605")
    assert finding["subject"] == subject
    assert "3 loggers (`audit trail`, `main`, `shop`)" in finding["message"]
    if line:
        assert finding["location"]["line"] == outcome.line_of(line)


def test_configured_loggers_that_pass_on_errors_are_not_reported(shared: SharedRunner) -> None:
    shared.run_and_assert("background/silenced", "kept:app", exit_code=0)


def test_background_work_in_order_is_not_reported(run: Runner) -> None:
    run.run_and_assert("background/work", "retrieved:app", exit_code=0)


def test_component_that_is_lost_after_startup_reports_NC305_and_NC601(run: Runner) -> None:
    outcome = run.check("events/lost", "main:app", "--contracts", "contracts.toml")
    lost = {f["component"]: f for f in outcome.findings if f["code"] == "NC305"}
    assert {name: f["message"].partition(" was set and then ")[2] for name, f in lost.items()} == {
        "lost_by_task": "overwritten with None after startup",
        "lost_by_factory": "overwritten with None while instances for users were created",
        "set_to_none": "overwritten with None while clients were served",
        "deleted": "deleted while clients were served",
        "replaced": "replaced by an object of type `main:DeadPool` that its contract does not allow "
        "while clients were served",
    }, outcome.details
    assert lost["deleted"]["location"]["line"] == outcome.line_of("del state.deleted")
    dead = outcome.finding("NC601", "consumer")
    assert dead["severity"] == "error", "as the contract on the component that is the task"


@pytest.mark.slow
@pytest.mark.parametrize("version", [version for version in sorted(interpreters()) if version != "3.11"])
def test_background_work_is_judged_alike_by_other_interpreters(run: Runner, version: str) -> None:
    python = python_with("starlette", "anyio", interpreter=interpreters()[version])
    outcome = run.check("background/work", "failing:create_app", "--python", python)
    expected = FAILED
    if version not in ("3.9", "3.10"):
        expected = FAILED | {"eager": ("the background task `eager`", "it was started here; its handle was dropped")}
    assert_all_failures_are_reported(outcome, expected)
    assert_all_that_is_left_is_reported(outcome)
    run.run_and_assert("background/work", "retrieved:app", "--python", python, exit_code=0)
    assert_unreferenced_tasks_are_reported(run.check("background/unreferenced", "main:app", "--python", python))
    run.run_and_assert("background/unreferenced", "kept:app", "--python", python, exit_code=0)
    assert_blocking_lines_are_reported(run.check("background/blocking", "main:app", *THRESHOLD, "--python", python))
