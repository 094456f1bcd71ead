"""Isolation checks NC401 to NC405: what instances of several users share, and what stays after their release."""

from __future__ import annotations

import pytest

from tests.functional.cases import Case, parametrize_cases
from tests.functional.harness import Runner
from tests.functional.shared_runs import SharedRunner

LEAKING = "isolation/guilty"
CREATE = "def create_for_user"
FAILURES = (
    Case(LEAKING, ("NC402",), target="f26_shared_queue:app", component="factory", file="f26_shared_queue.py",
         line=CREATE,
         message=("`alice: engine._emitter._queue` and `bob: engine._emitter._queue` are the same `Queue`",
                  "3 of 3 users")),
    Case(LEAKING, ("NC401",), target="f27_singleton_agent:app", component="factory", file="f27_singleton_agent.py",
         line=CREATE, message=("`factory.create_for_user` returned the same `Agent` to alice and bob: 3 of 3 users",),
         consequences=("NC403", "NC404")),
    Case(LEAKING, ("NC403",), target="f28_memory_of_another:app", component="factory", file="f28_memory_of_another.py",
         line=CREATE, message=("`bob: agent.memory.namespace` holds the id of alice",)),
    Case(LEAKING, ("NC404",), target="f29_global_callback:app", component="factory", file="f29_global_callback.py",
         line="def release", causes=("instances are created here",),
         message=("`module callbacks['_callbacks'][0].__self__` still holds alice's instance after its release",)),
    Case("isolation/growing", ("NC404",), args=("--contracts", "registered.toml"), component="registered",
         message=("`module registry['ENGINES'][0]` still holds alice's instance", "3 more users")),
    Case("isolation/growing", ("NC404",), args=("--contracts", "describing.toml"), component="describing",
         message=("`class main.Described['context'].values` still has an entry under the `id` of alice's instance",
                  "3 more users")),
    Case(LEAKING, ("NC402",), target="f30_one_session:app", component="factory", file="f30_one_session.py", line=CREATE,
         message=("`alice: engine.repository._session` and `bob: engine.repository._session` are the same `Session`",)),
    Case(LEAKING, ("NC402",), target="f31_class_attribute:app", component="factory", file="f31_class_attribute.py",
         line="class Emitter", causes=("it is a class attribute here",), hint=("`__init__`",),
         message=("`alice: type(engine.emitter).history` and `bob: type(engine.emitter).history` are the same",)),
    Case(LEAKING, ("NC402",), target="f31_default_argument:app", component="factory", file="f31_default_argument.py",
         line="def __init__(self, context, pending", causes=("it is a default argument here",), hint=("use None",),
         message=("`alice: engine.emitter._pending` and `bob: engine.emitter._pending` are the same `list`",)),
    Case(LEAKING, ("NC404",), target="f32_captive_directly:app", component="factory", hint=("in `release`",),
         message=("`supervisor.engines[<str>]` still holds alice's instance after its release", "2 more users")),
    Case(LEAKING, ("NC404",), target="f32_captive_chain:app", component="factory",
         message=("`supervisor.pool.leases[0].handle.engine` still holds alice's instance",)),
    Case(LEAKING, ("NC404",), target="f32_captive_closure:app", component="factory",
         message=("`bridge.listeners[0].<closure engine>` still holds alice's instance",)),
    Case(LEAKING, ("NC404",), target="f32_captive_bound_method:app", component="factory",
         message=("`bridge.listeners[0].__self__` still holds alice's instance",)),
    Case(LEAKING, ("NC402",), target="f33_lifespan_state:app", component="factory", file="f33_lifespan_state.py",
         line=CREATE, causes=("it is `history` of the state, which has no contract",),
         message=("`alice: engine.history` and `bob: engine.history` are the same `list`",)),
)  # fmt: skip


@parametrize_cases(FAILURES)
def test_isolation_fault_is_reported_with_code_and_object_paths(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


def test_leak_NC403_through_a_shared_instance_is_a_consequence_of_NC401(run: Runner) -> None:
    outcome = run.check(LEAKING, "f27_singleton_agent:app")
    shared = outcome.finding("NC401")
    assert outcome.finding("NC403")["caused_by"] == shared["fingerprint"], outcome.details


def test_isolated_instances_have_no_findings_however_they_are_made(run: Runner) -> None:
    outcome = run.run_and_assert("isolation/clean", "main:app", exit_code=0)
    assert outcome.findings == [], outcome.details
    users = {entry["component"]: entry["users"] for entry in outcome.report["isolation"]}
    assert users == {"plain": 4, "releasing": 25, "slotted": 4, "scope": 4, "task_group": 4, "block": 4}
    assert all(entry["objects"] > entry["users"] and not entry["skipped"] for entry in outcome.report["isolation"])
    cycles = {entry["component"]: entry["cycles"] for entry in outcome.report["isolation"]}
    assert cycles.pop("plain") == 0, "its contract names no release"
    assert all(cycles.values()), cycles
    assert [(entry["code"], entry["component"]) for entry in outcome.report["not_run"]] == [("NC404", "plain")]


def test_objects_shared_by_design_are_not_reported(run: Runner) -> None:
    outcome = run.run_and_assert("isolation/by_design", "main:app", exit_code=0)
    assert (outcome.findings, outcome.report["not_run"]) == ([], []), outcome.details
    (isolation,) = outcome.report["isolation"]
    assert (isolation["users"], isolation["skipped"]) == (3, "")


def _contracts(name: str) -> tuple[str, str]:
    return "--contracts", f"{name}.toml"


FAILING = "isolation/failing"
FAULTS = (
    Case(FAILING, ("NC405",), args=_contracts("raising"), component="raising", line="raise PermissionError",
         message=("`raising.create` failed for alice and 9 more", "PermissionError: row-level security is on")),
    Case(FAILING, ("NC405",), args=_contracts("hanging"), component="hanging", line="await asyncio.Event().wait()",
         message=("`hanging.create` failed for alice and 2 more", "it did not end within 5 s"), slow=True),
    Case(FAILING, ("NC405",), args=_contracts("cancelled"), component="cancelled", line="raise asyncio.CancelledError",
         message=("`cancelled.create` failed for alice and 2 more", "CancelledError")),
    Case(FAILING, ("NC405",), args=_contracts("forgetful"), component="forgetful",
         line="def create(self, user_id):  # f",
         message=("`forgetful.create` failed for alice and 2 more users: it returned None",)),
    Case(FAILING, ("NC405",), args=_contracts("one_only"), component="one_only", line="raise RuntimeError",
         message=("`one_only.create` failed for bob and 2 more", "RuntimeError: the licence is for one engine")),
    Case(FAILING, ("NC405",), args=_contracts("exhausted"), component="exhausted", line="raise OverflowError",
         message=("`exhausted.create` failed for", "after 3 were created and released",
                  "8 engines")),
    Case(FAILING, ("NC405",), args=_contracts("release_raises"), component="release_raises",
         line='raise ConnectionError("the broker is gone")',
         message=("releasing the instance with `release` failed for alice and 1 more",
         "ConnectionError: the broker is gone")),
    Case(FAILING, ("NC405",), args=_contracts("scope_raises"), component="scope_raises",
         line='raise ConnectionError("the broker hung up")',
         message=("exiting the context manager of `scope_raises.create` failed for alice and 1 more",)),
    Case(FAILING, ("NC405",), args=_contracts("context_raises"), component="factory", file="users.py",
         line="raise LookupError",
         message=("`users:no_context` failed for alice and 1 more user: LookupError: no such tenant",)),
    Case(FAILING, ("NC205",), args=_contracts("create_misspelt"), component="factory",
         message=("`factory.creat` does not exist",), hint=("did you mean `create`?",), consequences=("NC405",)),
    Case(FAILING, ("NC205",), args=_contracts("create_no_method"), component="factory",
         message=("`factory.limit` is not callable",), consequences=("NC405",)),
    Case(FAILING, ("NC405",), args=_contracts("release_misspelt"), component="factory",
         message=("`release` asks for `relase`", "neither the component (`Factory`) nor the instance (`Engine`)"),
         hint=("did you mean `release`?",)),
    Case(FAILING, ("NC201",), args=_contracts("absent"), component="nowhere"),
)  # fmt: skip


@parametrize_cases(FAULTS)
def test_failing_factory_is_reported_with_step_and_line(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


@pytest.mark.parametrize(
    ("contracts", "texts"),
    [
        ("context_misspelt", ("per-user.context", "user_contxt", 'did you mean "users:user_context"?')),
        ("context_no_function", ("context_no_function.toml:3", "`users:LIMIT` is not a function")),
        ("context_nowhere", ("per-user.context", "No module named 'user'")),
        ("unknown_key", ("unknown_key.toml:3", 'there is no key "relase"', 'did you mean "release"?')),
    ],
)
def test_unresolved_name_in_a_per_user_contract_is_refused(run: Runner, contracts: str, texts: tuple[str, ...]) -> None:
    outcome = run.run_and_assert(FAILING, "main:app", *_contracts(contracts), exit_code=2)
    for text in texts:
        assert text in outcome.stderr, outcome.details


@pytest.mark.parametrize(
    ("contracts", "codes"),
    [
        ("one_only", ["NC401", "NC402", "NC403"]),
        ("raising", ["NC401", "NC402", "NC403", "NC404"]),
        ("create_misspelt", ["NC401", "NC402", "NC403", "NC404"]),
    ],
)
def test_checks_that_compare_instances_are_not_run_without_them(
    shared: SharedRunner, contracts: str, codes: list[str]
) -> None:
    outcome = shared.check(FAILING, "main:app", *_contracts(contracts))
    assert [entry["code"] for entry in outcome.report["not_run"]] == codes, outcome.details


@pytest.mark.parametrize(
    ("contracts", "reported"),
    [
        ("nothing", {"engine.inbox", "engine.tariff", "engine.tools.cache"}),
        ("path", {"engine.inbox", "engine.tariff"}),
        ("type", {"engine.inbox", "engine.tools.cache"}),
        ("both", {"engine.inbox"}),
        ("all", set()),
        ("misspelt_path", {"engine.tools.cache"}),
        ("misspelt_type", {"engine.inbox", "engine.tariff", "engine.tools.cache"}),
    ],
)
def test_only_objects_named_as_shared_may_be_shared(run: Runner, contracts: str, reported: set[str]) -> None:
    outcome = run.check("isolation/named", "main:app", *_contracts(contracts))
    assert sorted(finding["subject"] for finding in outcome.root_findings) == sorted(reported), outcome.details
    assert outcome.codes == ["NC402"] * len(reported)
    assert outcome.exit_code == (1 if reported else 0)


GROWING = "isolation/growing"
GREW = "instances were created and released, most of them for new users"
GROWTH = (
    Case(GROWING, ("NC404",), args=_contracts("growing"), component="growing",
         message=("`growing.journal` (`list`) grew by", GREW), hint=("in `release`",)),
    Case(GROWING, ("NC404",), args=_contracts("growing_behind"), component="growing_behind",
         message=("`growing_behind.books.journal` (`list`) grew by", GREW)),
    Case(GROWING, ("NC404",), args=_contracts("numbered"), component="numbered",
         message=("`numbered.numbers` (`set`) grew by", GREW)),
    Case(GROWING, ("NC404",), args=_contracts("scheduled"), component="scheduled",
         message=("1000 of 1000 instances still existed after their release",)),
    Case(GROWING, ("NC404", "NC404"), args=_contracts("per_user"), component="per_user",
         message=("`per_user.", GREW)),
    Case(GROWING, args=_contracts("bounded"), exit_code=0),
)  # fmt: skip


@parametrize_cases(GROWTH)
def test_container_that_grows_with_every_instance_reports_NC404(shared: SharedRunner, case: Case) -> None:
    outcome = case.run_and_assert(shared)
    (isolation,) = outcome.report["isolation"]
    assert isolation["cycles"] > 100, "a container must grow over many instances to be reported"
