"""NC401 to NC405: isolation of users."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.contracts.model import PerUserContract
from netra_contracts.protocol.observed.failures import ExceptionInfo
from netra_contracts.protocol.observed.isolation import (
    IdentityLeak,
    IsolationResult,
    ObjectPath,
    RetainedInstance,
    SharedObject,
    UserFailure,
)
from tests.unit.checks.evidence import Startup, at, contract, fault, raised

FACTORY = contract("factory", per_user=PerUserContract(create="create", release="release", users=3))
CALLBACKS = RetainedInstance("bridge", ".callbacks[0]", "alice")


def made(**facts: Any) -> Startup:
    """The result of creating instances for three users."""
    facts = {"users": 3, "released": True, "location": at(20), **facts}
    return Startup(FACTORY).sets("factory", 12).sees(isolation=(IsolationResult("factory", **facts),))


def shared(path: str, **facts: Any) -> SharedObject:
    """A list that all three users reach along the same path."""
    return SharedObject("list", ObjectPath("alice", path), ObjectPath("bob", path), 3, **facts)


def test_isolated_users_report_no_finding() -> None:
    assert made().codes() == []
    assert made().not_run() == []


@pytest.mark.parametrize(
    ("path", "follows"),
    [("engine.log[0].user_id", True), ("engine.log", True), ("engine.logs[0]", False), ("engine.last", False)],
)
def test_NC403_through_a_shared_object_follows_from_NC402(path: str, follows: bool) -> None:
    startup = made(shared=(shared("engine.log"),), leaks=(IdentityLeak("bob", ObjectPath("alice", path)),))
    assert ("NC403", "factory") in startup.codes()
    assert (("NC403", "factory") not in startup.roots()) is follows


def test_paths_that_differ_in_indexes_only_report_NC402_once() -> None:
    assert made(shared=(shared("engine.log[0]"), shared("engine.log[1]"))).codes() == [("NC402", "factory")]


def test_NC402_of_a_class_attribute_is_located_at_the_class() -> None:
    finding = made(shared=(shared("type(engine).log", origin="class attribute", location=at(3)),)).found()
    assert finding.location == at(3)
    assert [cause.message for cause in finding.causes] == ["it is a class attribute here", "instances are created here"]


def test_instances_of_several_users_kept_by_one_path_report_NC404_once() -> None:
    others = RetainedInstance("bridge", ".callbacks[1]", "bob")
    finding = made(retained=(CALLBACKS, others)).found()
    assert finding.message == (
        "`bridge.callbacks[0]` still holds alice's instance after its release, and those of 1 more user"
    )
    assert finding.subject == "bridge.callbacks[]"


SKIPPED = {"skipped": "`creat` is not a method of the component"}


def failing(*chain: ExceptionInfo) -> dict[str, Any]:
    """`create` raised, or returned None."""
    failure = fault("raised", *chain) if chain else fault("raised", message="it gave None")
    return {"failures": (UserFailure("create", 3, "alice", failure),)}


@pytest.mark.parametrize(
    ("requires", "facts", "follows"),
    [
        ((), failing(), False),  # unrelated
        ((), failing(raised("ValueError", "no", 30)), False),
        ((), failing(raised("AttributeError", "'State' object has no attribute 'pools'", 30)), False),
        ((), failing(raised("AttributeError", "'State' object has no attribute 'pool'", 30)), True),
        ((), failing(raised("RuntimeError", "no", 30), raised("KeyError", "'pool'", 31, link="cause")), True),
        (("registry",), failing(), True),  # which requires the pool
        (("registry",), SKIPPED, False),
    ],
)
def test_NC405_follows_from_what_the_component_requires_and_what_the_step_uses(
    requires: tuple[str, ...], facts: dict[str, Any], follows: bool
) -> None:
    factory = FACTORY.model_copy(update={"requires": requires})
    registry = contract("registry", requires=("pool",), optional=True)
    startup = Startup(factory, registry, contract("pool")).sets("factory", 12)
    startup = startup.sees(isolation=(IsolationResult("factory", users=3, location=at(20), **facts),))
    assert ("NC405", "factory") in startup.codes()
    assert ("NC201", "pool") in startup.roots()
    assert (("NC405", "factory") not in startup.roots()) is follows


def test_NC405_follows_from_a_component_that_is_none_and_that_the_step_reads() -> None:
    error = raised("AttributeError", "'NoneType' object has no attribute 'get'", 30, none_attributes=("pool",))
    startup = Startup(FACTORY, contract("pool")).sets("factory", 12).sets_none("pool", 13)
    startup = startup.sees(isolation=(IsolationResult("factory", users=3, location=at(20), **failing(error)),))
    assert startup.roots() == [("NC202", "pool")]


def test_NC405_without_a_line_is_located_at_the_factory() -> None:
    finding = made(failures=(UserFailure("create", 3, "alice", fault("raised", message="it gave None")),)).found()
    assert (finding.code, finding.location) == ("NC405", at(20))
    assert finding.message == "`factory.create` failed for alice and 2 more users: it gave None"


def test_NC404_is_not_run_if_instances_are_not_released() -> None:
    assert made(released=False).not_run() == [("NC404", "factory", "")]


@pytest.mark.parametrize(("released", "line", "causes"), [(at(31), 31, 1), (None, 20, 0)])
def test_NC404_is_located_at_the_release_else_at_the_factory(released: Any, line: int, causes: int) -> None:
    finding = made(retained=(CALLBACKS,), release_location=released).found()
    assert finding.location == at(line)
    assert [cause.location for cause in finding.causes] == [at(20)] * causes


def test_entry_left_under_the_id_of_an_instance_reports_NC404() -> None:
    finding = made(retained=(RetainedInstance("bridge", ".seen", "alice", by_id=True),)).found()
    assert finding.message == "`bridge.seen` still has an entry under the `id` of alice's instance after its release"


def test_NC404_is_not_run_if_not_all_modules_were_searched_and_nothing_was_found() -> None:
    assert made(searched_in_part=True).not_run() == [("NC404", "factory", "")]
    assert made(searched_in_part=True, retained=(CALLBACKS,)).found().code == "NC404"
