"""Contracts of components that are not entries of a state: below entries, in modules, and from providers."""

from __future__ import annotations

import pytest

from tests.functional.cases import Case, parametrize_cases
from tests.functional.harness import Outcome, location_of
from tests.functional.shared_runs import SharedRunner

GETTER = "shop.agents:get_agent_instance_factory()"


def check(shared: SharedRunner, project: str, contracts: str) -> Outcome:
    return shared.check(f"components/{project}", "main:app", "--contracts", f"{contracts}.toml")


def messages(outcome: Outcome) -> dict[tuple[str, str], str]:
    """The messages of all findings, by code and component."""
    return {(finding["code"], finding["component"]): finding["message"] for finding in outcome.findings}


def reasons(outcome: Outcome, code: str) -> dict[str, str]:
    """Why a check was not run, by component."""
    return {entry["component"]: entry["reason"] for entry in outcome.report["not_run"] if entry["code"] == code}


@parametrize_cases(
    (
        Case("components/below", ("NC202", "NC802"), args=("--contracts", "good.toml"), exit_code=0, severity="note"),
        Case("components/modules", args=("--contracts", "good.toml"), exit_code=0),
        Case("components/singleton", ("NC303",), component=GETTER, file="shop/agents.py",
             line="_factory = AgentInstanceFactory()", message=("agent_instance_factory", "AgentInstanceFactory"),
             causes=("created the object", "`_factory`", "`agent_instance_factory` was first set here")),
        Case("components/singleton", ("NC303", "NC303"), args=("--contracts", "wired.toml"), component="chat",
             line="app.state.chat = Chat", causes=("created the object",), hint=(GETTER,), slow=True),
        Case("components/loaded_twice", ("NC303",), args=("--contracts", "contracts.toml"), component="engine",
             line="app.state.engine = engine", causes=("`shop.db` and `src.shop.db`",), slow=True),
        Case("components/loaded_twice", ("NC203",), args=("--contracts", "typed.toml"), component="engine",
             message=("src.shop.db.Engine",), causes=("`shop.db` and `src.shop.db`",), slow=True),
        Case("components/changing", ("NC301", "NC304", "NC305", "NC402"), component="ctx.late",
             line="Phase.INITIALIZATION"),
    )
)  # fmt: skip
def test_component_that_is_no_entry_is_checked(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


def test_each_address_below_an_entry_leads_to_its_object(shared: SharedRunner) -> None:
    outcome = check(shared, "below", "good")
    assert outcome.report["summary"]["held"] == 17, outcome.details
    assert outcome.component("nested.pool")["location"]["line"] == outcome.line_of("app.state.nested.pool = pool")
    assert outcome.component("ctx.pool")["location"] is None
    unseen = [entry["subject"] for entry in outcome.report["not_run"] if entry["code"] == "NC305"]
    assert len(unseen) == 1
    assert "`nested.pool`" not in unseen[0], "a nested state is recorded"


def test_what_is_missing_below_an_entry_is_named_with_the_nearest_name(shared: SharedRunner) -> None:
    outcome = check(shared, "below", "faulty")
    found = messages(outcome)
    assert found["NC201", "ctx.poool"] == "`ctx.poool` does not exist: `ctx` has no `poool`"
    assert outcome.finding("NC201", "ctx.poool")["hint"] == "did you mean `ctx.pool`?"
    assert outcome.finding("NC201", "nested.pol")["hint"] == "did you mean `nested.pool`?"
    assert outcome.finding("NC201", "services.pol")["hint"] == "did you mean `services.pool`?"
    assert "`order` has 2 members" in found["NC201", "order.5.handler"]
    assert "`frozen.nested.pool` is None" in found["NC201", "frozen.nested.pool.size"]
    assert found["NC202", "order.1.handler"] == "`order.1.handler` is None"
    assert ("NC203", "ctx.bridge") in found
    assert ("NC303", "services.items") in found


def test_what_is_below_a_broken_entry_follows_from_it_without_a_contract(shared: SharedRunner) -> None:
    outcome = check(shared, "below", "faulty")
    absent, nothing = outcome.finding("NC201", "absent"), outcome.finding("NC202", "nothing")
    assert not absent["caused_by"]
    for component in ("absent.pool", "absent.other"):
        assert outcome.finding("NC201", component)["caused_by"] == absent["fingerprint"], outcome.details
    assert outcome.finding("NC201", "nothing.pool")["caused_by"] == nothing["fingerprint"]


def test_objects_of_modules_are_located_and_compared(shared: SharedRunner) -> None:
    outcome = check(shared, "modules", "faulty")
    lost = outcome.finding("NC305", "shop.db:lost")
    assert [location_of(cause) for cause in lost["causes"]] == [
        f"db.py:{outcome.line_of('    lost = None', 'shop/db.py')}",
        f"db.py:{outcome.line_of('lost: Engine | None = Engine()', 'shop/db.py')}",
    ]
    stale = outcome.finding("NC304")
    assert (stale["component"], stale["subject"]) == ("sessions", "engine")
    assert "`shop.db:replaced` was replaced" in stale["message"]


def test_module_that_was_not_imported_is_not_imported_by_the_tool(shared: SharedRunner) -> None:
    outcome = check(shared, "modules", "faulty")
    unused = outcome.finding("NC201", "shop.unused:kept")
    assert "the application did not import `shop.unused`" in unused["message"]
    assert "imports = true" in unused["hint"]
    assert outcome.finding("NC201", "shop.dbb:engine")["hint"] == "did you mean `shop.db:engine`?"
    assert "needs a license" in outcome.finding("NC201", "shop.broken:kept")["message"]
    assert check(shared, "modules", "good").component("shop.unused:kept")["status"] == "held"


def test_provider_that_raises_is_missing_with_the_exception_as_cause(shared: SharedRunner) -> None:
    outcome = check(shared, "modules", "faulty")
    failing = outcome.finding("NC201", "shop.db:get_failing()")
    assert location_of(failing) == f"db.py:{outcome.line_of('raise RuntimeError', 'shop/db.py')}"
    assert "postgresql://ada:***@db/shop" in failing["causes"][0]["message"]
    assert outcome.finding("NC201", "shop.db:get_failing().url")["caused_by"] == failing["fingerprint"]
    assert "SystemExit" in outcome.finding("NC201", "shop.db:get_exiting()")["message"]


def test_provider_that_returns_a_new_object_at_each_call_is_no_other_component_NC303(shared: SharedRunner) -> None:
    varying = check(shared, "modules", "faulty").finding("NC303", "shop.db:get_new()")
    assert "`shop.db:get_new()` returns a new object at each call" in varying["message"]


def test_report_says_whether_the_call_of_a_provider_created_the_object(shared: SharedRunner) -> None:
    outcome = check(shared, "modules", "good")
    created = {
        component["address"]: (component["created_by_call"], component["varies"])
        for component in outcome.report["components"]
        if component["address"].endswith("()")
    }
    assert created == {
        "shop.db:Registry.get()": (True, False),
        "shop.db:get_async()": (False, False),
        "shop.db:get_cached()": (True, None),
        "shop.db:get_engine()": (False, False),
        "shop.db:get_new()": (True, None),
    }


@pytest.mark.slow
def test_contract_of_a_provider_whose_object_is_unknown_is_not_run(shared: SharedRunner) -> None:
    outcome = check(shared, "modules", "unknown")
    assert outcome.codes == []
    assert outcome.report["summary"]["contracts_not_run"] == 7, outcome.details
    missing = reasons(outcome, "NC201")
    assert missing["shop.db:get_hanging()"] == missing["shop.db:get_waiting()"] == "it did not return within 5 s"
    assert "missing a required argument: 'name'" in missing["shop.db:get_with()"]
    assert "generator function" in missing["shop.db:get_session()"]
    assert "not a function" in missing["shop.db:POOLS()"]
    identity = reasons(outcome, "NC303")
    assert "returns a new object at each call" in identity["shop.db:get_new()"]
    assert "cannot reuse already awaited coroutine" in identity["shop.db:get_coroutine()"]


@pytest.mark.slow
def test_module_that_the_tool_imported_for_a_type_does_not_count_as_imported(shared: SharedRunner) -> None:
    outcome = check(shared, "modules", "named")
    assert "it is unknown whether the application imports it" in reasons(outcome, "NC201")["shop.unused:kept"]
    assert outcome.component("shop.db:engine")["status"] == "held"


@pytest.mark.slow
def test_what_is_below_entries_of_every_state_is_found(shared: SharedRunner) -> None:
    outcome = check(shared, "states", "contracts")
    assert outcome.report["summary"]["held"] == 5, outcome.details
    assert outcome.finding("NC201", "/api:ctx.pol")["hint"] == "did you mean `/api:ctx.pool`?"
    assert outcome.finding("NC201", "site.example.org:cta")["hint"] == "did you mean `site.example.org:ctx`?"
    root = outcome.finding("NC201", "/other:ctx")
    assert outcome.finding("NC201", "/other:ctx.pool")["caused_by"] == root["fingerprint"]
