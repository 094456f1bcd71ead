"""Contracts name what containers in the state have of a type: `ctx[myapp.db:Engine]`."""

from __future__ import annotations

from tests.functional.harness import Outcome
from tests.functional.shared_runs import SharedRunner


def checked(shared: SharedRunner) -> Outcome:
    return shared.check("components/containers", "main:app", "--contracts", "contracts.toml")


def status_of(outcome: Outcome) -> dict[str, str]:
    components = outcome.report["components"]
    return {component["address"]: component["status"] for component in components if component["status"] != "unchecked"}


def test_each_kind_of_entry_is_judged(shared: SharedRunner) -> None:
    assert status_of(checked(shared)) == {
        "injected": "held",
        "resolved": "held",
        "other.engine": "held",
        "dishka_container[services:Engine]": "held",
        "dishka_container[services:Engine].pool": "held",
        "injector[services:Engine]": "held",
        "depends[services:Engine]": "held",
        "lifespan:svcs_registry[services:Engine]": "held",
        "other": "broken",
        "dishka_container[services:Repository]": "broken",
        "dishka_container[services:Broken]": "broken",
        "dishka_container[services:Misspelt]": "broken",
        "other[services:Engine]": "not_run",
        "dishka_container[services:Session]": "not_run",
        "lifespan:svcs_registry[services:Session]": "not_run",
        "injector[services:Session]": "not_run",
    }


def test_findings_name_what_the_container_did(shared: SharedRunner) -> None:
    found = {finding["component"]: (finding["code"], finding["message"]) for finding in checked(shared).findings}
    assert found == {
        "dishka_container[services:Broken]": (
            "NC201",
            (
                "`dishka_container[services:Broken]` does not exist: the container could not create it: "
                "OSError: the database is down"
            ),
        ),
        "dishka_container[services:Misspelt]": (
            "NC201",
            "`dishka_container[services:Misspelt]` does not exist: no type is known as services:Misspelt",
        ),
        "dishka_container[services:Repository]": (
            "NC201",
            "`dishka_container[services:Repository]` does not exist: the container has no factory for it",
        ),
        "other": (
            "NC303",
            (
                "`other.engine` is not the same object as `dishka_container[services:Engine]` "
                "(its type is `services.Engine`)"
            ),
        ),
    }


def test_what_is_unknown_has_a_reason(shared: SharedRunner) -> None:
    outcome = checked(shared)
    not_run = [entry for entry in outcome.report["not_run"] if entry["code"] != "NC302" and entry["component"]]
    reasons = {entry["component"]: entry["reason"] for entry in not_run}
    assert reasons == {
        "other": "`dishka_container[services:Pool]` returns a new object at each call",
        "other[services:Engine]": "it is not a container that is known",
        "dishka_container[services:Session]": "its scope is REQUEST: the container has it within such a scope only",
        "lifespan:svcs_registry[services:Session]": (
            "it is registered with a factory, which each container of a request calls"
        ),
        "injector[services:Session]": "its provider `session` is a Factory, which keeps no object for all",
    }


def test_application_still_closes_its_container(shared: SharedRunner) -> None:
    assert "the container has closed its engine" in "\n".join(checked(shared).report["output"])
