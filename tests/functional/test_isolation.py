"""Users kept apart: what instances made for several users share, and what outlives them, on targets that run."""

from __future__ import annotations

from tests.functional.cases import Case, table
from tests.functional.harness import Runner

GUILTY = "isolation/guilty"
CREATE = "def create_for_user"
FAILURES = (
    Case(GUILTY, ("NC402",), target="f26_shared_queue:app", component="factory", file="f26_shared_queue.py", at=CREATE,
         says=("`alice: engine._emitter._queue` is `bob: engine._emitter._queue` (`Queue`): 3 of 3 users",)),
    Case(GUILTY, ("NC401",), target="f27_singleton_agent:app", component="factory", file="f27_singleton_agent.py",
         at=CREATE, says=("`factory.create_for_user` gave alice and bob the same `Agent`: 3 of 3 users",),
         also=("NC403", "NC404")),
    Case(GUILTY, ("NC403",), target="f28_memory_of_another:app", component="factory", file="f28_memory_of_another.py",
         at=CREATE, says=("`bob: agent.memory.namespace` holds the id of alice",)),
    Case(GUILTY, ("NC404",), target="f29_global_callback:app", component="factory",
         says=("instances were still there after their release", "`module callbacks['_callbacks'][", "].__self__`")),
    Case(GUILTY, ("NC402",), target="f30_one_session:app", component="factory", file="f30_one_session.py", at=CREATE,
         says=("`alice: engine.repository._session` is `bob: engine.repository._session` (`Session`)",)),
    Case(GUILTY, ("NC402",), target="f31_class_attribute:app", component="factory", file="f31_class_attribute.py",
         at="class Emitter", why=("it is a class attribute here",), hints=("`__init__`",),
         says=("`alice: type(engine.emitter).history` is `bob: type(engine.emitter).history` (`list`)",)),
    Case(GUILTY, ("NC402",), target="f31_default_argument:app", component="factory", file="f31_default_argument.py",
         at="def __init__(self, context, pending", why=("it is a default argument here",), hints=("use None",),
         says=("`alice: engine.emitter._pending` is `bob: engine.emitter._pending` (`list`)",)),
    Case(GUILTY, ("NC404",), target="f32_captive_directly:app", component="factory", hints=("in `release`",),
         says=("`supervisor.engines[<str>]` still holds alice's instance after its release", "2 more users")),
    Case(GUILTY, ("NC404",), target="f32_captive_chain:app", component="factory",
         says=("`supervisor.pool.leases[0].handle.engine` still holds alice's instance",)),
    Case(GUILTY, ("NC404",), target="f32_captive_closure:app", component="factory",
         says=("`bridge.listeners[0].<closure engine>` still holds alice's instance",)),
    Case(GUILTY, ("NC404",), target="f32_captive_bound_method:app", component="factory",
         says=("`bridge.listeners[0].__self__` still holds alice's instance",)),
    Case(GUILTY, ("NC402",), target="f33_lifespan_state:app", component="factory", file="f33_lifespan_state.py",
         at=CREATE, why=("it is `history` of the state, which no contract names",),
         says=("`alice: engine.history` is `bob: engine.history` (`list`)",)),
)  # fmt: skip


@table(FAILURES)
def test_failure_is_told_by_its_own_code_and_with_its_paths(run: Runner, case: Case) -> None:
    case.try_out(run)


def test_leak_through_a_shared_instance_follows_from_it(run: Runner) -> None:
    outcome = run.check(GUILTY, "f27_singleton_agent:app")
    shared = outcome.finding("NC401")
    assert outcome.finding("NC403")["caused_by"] == shared["fingerprint"], outcome.told


def test_instances_are_kept_apart_however_they_are_made(run: Runner) -> None:
    outcome = run.run_and_assert("isolation/clean", "main:app", exit_code=0)
    assert outcome.findings == [], outcome.told
    users = {one["component"]: one["users"] for one in outcome.report["isolation"]}
    assert users == {"plain": 4, "releasing": 25, "slotted": 4, "scope": 4, "task_group": 4, "block": 4}
    assert all(one["objects"] > one["users"] and not one["skipped"] for one in outcome.report["isolation"])
    cycles = {one["component"]: one["cycles"] for one in outcome.report["isolation"]}
    assert cycles.pop("plain") == 0, "nothing lets its instances go"
    assert all(cycles.values()), cycles
    assert [(one["code"], one["component"]) for one in outcome.report["not_run"]] == [("NC404", "plain")]


def test_what_is_made_to_be_shared_may_be_shared(run: Runner) -> None:
    outcome = run.run_and_assert("isolation/by_design", "main:app", exit_code=0)
    assert (outcome.findings, outcome.report["not_run"]) == ([], []), outcome.told
    (isolation,) = outcome.report["isolation"]
    assert (isolation["users"], isolation["skipped"]) == (3, "")
