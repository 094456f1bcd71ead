"""Contracts that are broken, and contracts that are wrong: one finding for one fault, at its place, with its cause."""

from __future__ import annotations

import pytest

from tests.functional.cases import Case, parametrize_cases
from tests.functional.harness import Outcome, Runner, location_of


def one(contracts: str, *codes: str, **expected: object) -> Case:
    """A row for one contract file of the target with one set of components."""
    expected = {"exit_code": 1 if codes else 0, "component": "pool" if codes else None, **expected}
    return Case("contracts/one_component", codes, args=("--contracts", f"{contracts}.toml"), **expected)  # type: ignore[arg-type]  # passed on as they came


COMPONENT = (
    one("fits"),
    one("registered"),
    one("protocol"),
    one("protocol_missing", "NC203", message=("Flushes",)),
    one("protocol_signature", "NC203", message=("EmitsOtherwise",)),
    one("wrong_type", "NC203", message=("SubPool", "Pool"), line="app.state.pool = Pool()"),
    one("wrong_union", "NC203", message=("SubPool | None",)),
    one("wrong_generic", "NC203", component="hosts", message=("list",)),
    one("wrong_literal", "NC203", component="mode", message=("slow",)),
    one("attribute_missing", "NC204", message=("limits.totl",), hint=("total",)),
    one("attribute_none", "NC204", message=("limits.per_user", "None")),
    one(
        "method_missing", "NC205", message=("add_conection",), hint=("add_connection",), line="app.state.pool = Pool()"
    ),
    one("method_not_callable", "NC205", message=("size",)),
    one("method_not_async", "NC205", message=("add_connection", "async")),
    one("method_answered", "NC205", component="answers", message=("add_connection",)),
    one("signature", "NC206", message=("add_connection",), line="def add_connection"),
    one("bounds", "NC208", "NC208", "NC208", component=None),
    one("lenient", "NC203", severity="warning", exit_code=0),
    one("several", "NC203", "NC201", "NC204", "NC204", "NC205", component="max_users"),
)

ORDER = (
    Case("contracts/left_none", args=("--contracts", "may_be_none.toml"), exit_code=0),
    Case("contracts/left_none", ("NC202",), args=("--contracts", "must_be_set.toml"), component="cache",
         line="app.state.cache = None"),
    Case("contracts/missing_pool", ("NC201",), component="pool", message=("pool",)),
    Case("contracts/nothing_set", ("NC201",), component="pool"),
    Case("contracts/misspelt_component", ("NC201",), component="connection_pool", hint=("conection_pool",)),
    Case("contracts/wired_to_none", ("NC303",), component="execution_engine_factory",
         message=("execution_engine_factory._bridge", "None"), causes=("agent_websocket_bridge",)),
    Case("contracts/wired_to_stranger", ("NC303",), component="bridge", message=("bridge._pool", "pool"),
         line="app.state.bridge = Bridge"),
    Case("contracts/wired_to_replaced", ("NC304",), component="bridge", message=("pool",)),
    Case("contracts/late_for_marked_phase", ("NC301",), component="bridge", message=("configuration",),
         line="app.state.bridge = Bridge"),
    Case("contracts/late_for_inferred_phase", ("NC301",), component="pool", message=("bridge",),
         line="state.pool = Pool()"),
    Case("contracts/before_what_it_requires", ("NC302",), component="bridge", message=("pool",),
         line="app.state.bridge = Bridge"),
    Case("contracts/set_and_lost", ("NC305", "NC305"), args=("--contracts", "contracts.toml")),
    Case("contracts/set_and_lost", ("NC305", "NC305"), exit_code=0, severity="warning"),
    Case("contracts/read_before_set", ("NC306",), component="pool", line="app.state.bridge = Bridge",
         consequences=("NC108",)),
    Case("contracts/state_replaced", ("NC305",), component="pool", exit_code=0, severity="warning"),
    Case("contracts/handlers_twice", ("NC115",), exit_code=0, severity="warning", message=("open_pool",),
         line="@router.on_event"),
)  # fmt: skip


@parametrize_cases(COMPONENT)
def test_component_is_judged(run: Runner, case: Case) -> None:
    case.run_and_assert(run)


@parametrize_cases(ORDER)
def test_order_and_wiring_are_judged(run: Runner, case: Case) -> None:
    case.run_and_assert(run)


def test_missing_pool_blocks_what_stands_on_it(run: Runner) -> None:
    outcome = run.check("contracts/missing_pool", "main:app")
    finding = outcome.finding("NC201")
    assert (finding["impact"], finding["docs"]) == ("No user sees an event", "https://docs.example/pool")
    assert finding["phase"] == "initialization"
    blocked = {entry["component"]: entry["by"] for entry in outcome.report["blocked"]}
    assert set(blocked) == {"bridge", "factory"}, outcome.details
    assert blocked["bridge"] == "pool"
    assert {phase["name"]: phase["status"] for phase in outcome.report["phases"]} == {
        "initialization": "failed",
        "configuration": "blocked",
        "integration": "blocked",
        **{p["name"]: p["status"] for p in outcome.report["phases"] if p["name"] == "readiness"},
    }
    assert outcome.report["summary"]["blocked"] == 2


def test_wire_that_is_none_is_explained_by_both_lines_and_their_times(run: Runner) -> None:
    outcome = run.check("contracts/wired_to_none", "main:app")
    finding = outcome.finding("NC303")
    built = outcome.line_of("state.execution_engine_factory =", "startup.py")
    first_set = outcome.line_of("state.agent_websocket_bridge = Bridge", "startup.py")
    places = [location_of(cause) for cause in finding["causes"]]
    assert f"startup.py:{built}" in {location_of(finding), *places}, outcome.details
    assert f"startup.py:{first_set}" in places, outcome.details
    times = [cause["ms"] for cause in finding["causes"] if cause["ms"] is not None]
    assert max(times) - min(times) >= 5, outcome.details
    assert finding["impact"] == "Agents run, and nobody hears of it"


def test_replaced_object_is_explained_by_the_line_that_replaced_it(run: Runner) -> None:
    outcome = run.check("contracts/wired_to_replaced", "main:app")
    finding = outcome.finding("NC304")
    replaced = outcome.line_of("    state.pool = Pool()")
    assert f"main.py:{replaced}" in {location_of(finding), *map(location_of, finding["causes"])}, outcome.details


def test_lost_component_is_explained_by_the_line_that_lost_it(run: Runner) -> None:
    outcome = run.check("contracts/set_and_lost", "main:app")
    for component, text in (("pool", "del state.pool"), ("cache", "state.cache = None")):
        finding = outcome.finding("NC305", component)
        lost = f"main.py:{outcome.line_of(text)}"
        assert lost in {location_of(finding), *map(location_of, finding["causes"])}, outcome.details


def test_later_phases_are_left_out_when_asked(run: Runner) -> None:
    outcome = run.check("contracts/one_component", "main:app", "--contracts", "several.toml", "--phase", "integration")
    assert "absent" not in [finding["component"] for finding in outcome.findings], outcome.details


@pytest.mark.parametrize(
    ("option", "codes"),
    [
        (("--select", "NC204"), ["NC204", "NC204"]),
        (("--select", "NC2"), ["NC201", "NC203", "NC204", "NC204", "NC205"]),
        (("--ignore", "NC20"), []),
        (("--ignore", "NC204,NC205"), ["NC201", "NC203"]),
    ],
)
def test_codes_are_selected_and_ignored(run: Runner, option: tuple[str, str], codes: list[str]) -> None:
    outcome = run.check("contracts/one_component", "main:app", "--contracts", "several.toml", *option)
    assert outcome.codes == codes, outcome.details
    assert outcome.exit_code == (1 if codes else 0)


def test_property_is_read_only_where_a_contract_names_it(run: Runner) -> None:
    outcome = run.check("contracts/one_component", "main:app", "--contracts", "properties.toml")
    assert outcome.codes == ["NC204"], outcome.details
    assert "costly" in outcome.root_findings[0]["message"]


def test_constraint_that_does_not_apply_is_not_run(run: Runner) -> None:
    outcome = run.run_and_assert(
        "contracts/one_component", "main:app", "--contracts", "bound_not_applicable.toml", exit_code=0
    )
    assert [(entry["code"], entry["component"]) for entry in outcome.report["not_run"]] == [("NC208", "pool")]
    assert outcome.component("pool")["status"] == "not_run", outcome.details


def test_no_value_is_in_the_report(run: Runner) -> None:
    outcome = run.check("contracts/one_component", "main:app", "--contracts", "bounds.toml")
    assert "orders-eu" not in outcome.stdout + outcome.stderr


def test_checks_of_the_user_are_run(run: Runner) -> None:
    outcome = run.check("contracts/user_checks", "main:app")
    messages = [finding["message"] for finding in outcome.root_findings if finding["code"] == "NC507"]
    for text in (
        "broker does not answer",
        "the pool is there",
        "queue orders is not declared",
        "queue invoices is not declared",
        "the model is not loaded",
        "hangs",
    ):
        assert len([message for message in messages if text in message]) == 1, outcome.details
    assert outcome.codes.count("NC201") == 1, "the cache is missing"
    told = str(outcome.report["blocked"]) + str(outcome.report["not_run"])
    assert "is_blocked" in told, "what was not run is said"
    assert "must not run" not in outcome.stdout
    assert "is no check" not in outcome.stdout


def test_checks_named_in_a_file_of_contracts_are_run_too(run: Runner) -> None:
    (run.project("contracts/user_checks") / "netra-contracts.toml").rename(run.folder / "user_checks" / "other.toml")
    outcome = run.check("contracts/user_checks", "main:app", "--contracts", "other.toml")
    assert "NC507" in outcome.codes, outcome.details


def test_check_that_blocks_ends_with_its_deadline(run: Runner) -> None:
    folder = run.project("contracts/user_checks")
    (folder / "blocking.toml").rename(folder / "netra-contracts.toml")
    outcome = run.check("contracts/user_checks", "main:app", "--startup-timeout", "3")
    assert outcome.codes == ["NC507"], outcome.details
    assert location_of(outcome.root_findings[0]).startswith("blocking.py:")
    assert "0.2 s" in outcome.root_findings[0]["message"]


def refused(run: Runner, contracts: str) -> Outcome:
    """The run with contracts that are wrong: nothing is judged, and the command is refused."""
    outcome = run.run_and_assert("contracts/faulty", "main:app", "--contracts", contracts, exit_code=2)
    assert outcome.stdout == ""
    return outcome


@pytest.mark.parametrize(
    ("contracts", "told"),
    [
        ("broken.toml", ["broken.toml", "line 3"]),
        ("not_utf8.toml", ["not_utf8.toml", "UTF-8"]),
        ("unknown_keys.toml", ["startup-timeout", "tpye", '"type"', "configuraton", "wire", '"wires"', "fatal"]),
        ("wrong_values.toml", ["startup-timeout", "requires", "many", "emit_event(event", "perhaps"]),
        ("unresolved_types.toml", ["Poole", '"parts:Pool"', "partz", 'did you mean "parts']),
        ("unresolved.toml", ["Poole", "Pool", "pol", '"pool"']),
        ("cyclic.toml", ["pool", "bridge", "factory"]),
        ("requires_itself.toml", ["pool", "itself"]),
        ("contradicting.toml", ["pool", "bridge", "readiness", "configuration", "ge", "le"]),
        ("declared:TWICE", ["pool", "twice"]),
        ("declared:WRONG_VALUES", ["pool", "later", "fatal", "bridge", "42"]),
        ("declared:NO_CONTRACTS", ["NO_CONTRACTS"]),
        ("declared:MISSPELT", ["bridg", '"bridge"']),
        ("declared:TWISE", ["TWISE", 'TWICE"']),
        ("misspelt_term:CONTRACTS", ["wire", "wires"]),
    ],
)
def test_every_fault_of_the_contracts_is_told_at_once(run: Runner, contracts: str, told: list[str]) -> None:
    outcome = refused(run, contracts)
    for text in told:
        assert text in outcome.stderr, outcome.details


def test_fault_is_told_with_its_line(run: Runner) -> None:
    outcome = refused(run, "unknown_keys.toml")
    for text in ("startup-timout", "tpye", "configuraton", "wire =", "fatal"):
        assert f"unknown_keys.toml:{outcome.line_of(text, 'unknown_keys.toml')}" in outcome.stderr, outcome.details
