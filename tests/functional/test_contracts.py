"""Broken contracts are reported once, with location and causes; invalid contracts are refused."""

from __future__ import annotations

import pytest

from tests.functional.cases import Case, parametrize_cases
from tests.functional.harness import Outcome, Runner, location_of
from tests.functional.shared_runs import SharedRunner


def case_of(contracts: str, *codes: str, **expected: object) -> Case:
    """A row for one contract file of `contracts/one_component`."""
    expected = {"exit_code": 1 if codes else 0, "component": "pool" if codes else None, **expected}
    return Case("contracts/one_component", codes, args=("--contracts", f"{contracts}.toml"), **expected)  # type: ignore[arg-type]  # mypy checks no unpacked keywords


COMPONENT = (
    case_of("fits"),
    case_of("registered"),
    case_of("protocol"),
    case_of("protocol_missing", "NC203", message=("Flushes",)),
    case_of("protocol_signature", "NC203", message=("EmitsOtherwise",)),
    case_of("wrong_type", "NC203", message=("SubPool", "Pool"), line="app.state.pool = Pool()"),
    case_of("wrong_union", "NC203", message=("SubPool | None",)),
    case_of("wrong_generic", "NC203", component="hosts", message=("list",)),
    case_of("wrong_literal", "NC203", component="mode", message=("slow",)),
    case_of("attribute_missing", "NC204", message=("limits.totl",), hint=("total",)),
    case_of("attribute_none", "NC204", message=("limits.per_user", "None")),
    case_of(
        "method_missing", "NC205", message=("add_conection",), hint=("add_connection",), line="app.state.pool = Pool()"
    ),
    case_of("method_not_callable", "NC205", message=("size",)),
    case_of("method_not_async", "NC205", message=("add_connection", "async")),
    case_of("method_answered", "NC205", component="answers", message=("add_connection",)),
    case_of("signature", "NC206", message=("add_connection",), line="def add_connection"),
    case_of("bounds", "NC208", "NC208", "NC208", component=None),
    case_of("lenient", "NC203", severity="warning", exit_code=0),
    case_of("several", "NC203", "NC201", "NC204", "NC204", "NC205", component="max_users"),
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
    Case("contracts/unmarked_phase", ("NC803",), exit_code=0, severity="note", message=("configuration", "bridge"),
         file="netra-contracts.toml", line="[components.bridge]"),
    Case("contracts/unmarked_phase", target="main:marked", exit_code=0),
    Case("contracts/unmarked_phase", target="main:unmarked", exit_code=0),
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
def test_broken_contract_of_a_component_is_reported(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


@parametrize_cases(ORDER)
def test_broken_order_or_wiring_is_reported(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


def test_missing_component_NC201_blocks_its_dependants(shared: SharedRunner) -> None:
    outcome = shared.check("contracts/missing_pool", "main:app")
    finding = outcome.finding("NC201")
    assert (finding["impact"], finding["docs"]) == ("No user sees an event", "https://docs.example/pool")
    assert finding["phase"] == "initialization"
    blocked = {entry["component"]: entry["by"] for entry in outcome.report["blocked"]}
    assert blocked == {"bridge": "pool", "factory": "pool"}, outcome.details
    assert {phase["name"]: phase["status"] for phase in outcome.report["phases"]} == {
        "initialization": "failed",
        "configuration": "blocked",
        "integration": "blocked",
        "readiness": "empty",
    }
    assert outcome.report["summary"]["blocked"] == 2


@pytest.mark.parametrize(
    ("project", "code", "component", "file", "lines"),
    [
        (
            "wired_to_none",
            "NC303",
            "execution_engine_factory",
            "startup.py",
            ["state.execution_engine_factory =", "state.agent_websocket_bridge = Bridge"],
        ),
        ("wired_to_replaced", "NC304", "bridge", "main.py", ["    state.pool = Pool()", "app.state.pool = Pool()"]),
        ("set_and_lost", "NC305", "pool", "main.py", ["del state.pool", "app.state.pool = Pool()"]),
        ("set_and_lost", "NC305", "cache", "main.py", ["state.cache = None", "app.state.cache = Pool()"]),
    ],
)
def test_finding_names_the_lines_that_caused_it(
    shared: SharedRunner, project: str, code: str, component: str, file: str, lines: list[str]
) -> None:
    outcome = shared.check(f"contracts/{project}", "main:app")
    finding = outcome.finding(code, component)
    expected = [f"{file}:{outcome.line_of(text, file)}" for text in lines]
    assert [location_of(cause) for cause in finding["causes"]] == expected, outcome.details
    assert location_of(finding) == expected[0]


def test_wiring_to_none_NC303_is_explained_with_times_and_impact(shared: SharedRunner) -> None:
    outcome = shared.check("contracts/wired_to_none", "main:app")
    finding = outcome.finding("NC303")
    built, bridge_set = (cause["ms"] for cause in finding["causes"])
    assert bridge_set - built >= 5, "the application sleeps for 5 ms in between"
    assert finding["impact"] == "Agents run, and nobody hears of it"


def test_phase_option_leaves_out_later_phases(run: Runner) -> None:
    outcome = run.run_and_assert(
        "contracts/missing_pool", "main:app", "--phase", "configuration", exit_code=1, codes=["NC201"]
    )
    assert [entry["component"] for entry in outcome.report["blocked"]] == ["bridge"], outcome.details


@pytest.mark.parametrize(
    ("option", "codes"),
    [
        (("--select", "NC204"), ["NC204", "NC204"]),
        (("--select", "NC2"), ["NC201", "NC203", "NC204", "NC204", "NC205"]),
        (("--ignore", "NC20"), []),
        (("--ignore", "NC204,NC205"), ["NC201", "NC203"]),
    ],
)
def test_select_and_ignore_filter_codes(run: Runner, option: tuple[str, str], codes: list[str]) -> None:
    outcome = run.check("contracts/one_component", "main:app", "--contracts", "several.toml", *option)
    assert outcome.codes == codes, outcome.details
    assert outcome.exit_code == (1 if codes else 0)


def test_property_is_evaluated_only_if_a_contract_names_it(run: Runner) -> None:
    target = ("contracts/one_component", "main:app", "-v", "--contracts")
    named = run.run_and_assert(*target, "properties.toml", exit_code=1, codes=["NC204"])
    assert "too many connections" in named.root_findings[0]["message"]
    assert "costly was evaluated" in named.stderr
    not_named = run.run_and_assert(*target, "attribute_none.toml", exit_code=1, codes=["NC204"])
    assert "costly was evaluated" not in not_named.stderr


def test_constraint_that_does_not_apply_is_reported_as_not_run(run: Runner) -> None:
    outcome = run.run_and_assert(
        "contracts/one_component", "main:app", "--contracts", "bound_not_applicable.toml", exit_code=0
    )
    assert [(entry["code"], entry["component"]) for entry in outcome.report["not_run"]] == [("NC208", "pool")]
    assert outcome.component("pool")["status"] == "not_run", outcome.details


def test_report_contains_no_values_of_components(run: Runner) -> None:
    # The value is written in a line of the application's source, which the report would show.
    outcome = run.check("contracts/one_component", "main:app", "--contracts", "bounds.toml", "--no-source")
    assert outcome.codes.count("NC208") > 1, outcome.details
    assert "orders-eu" not in outcome.stdout + outcome.stderr


FAILED_CHECKS = [
    ("readiness:asserts AssertionError in readiness.asserts", "the pool is there"),
    ("readiness:hangs", "it did not end within 0.2 s"),
    ("readiness:raises ConnectionError in readiness.raises", "broker does not answer"),
    ("readiness:returns_a_message", "the model is not loaded"),
    ("readiness:yields_messages", "queue orders is not declared; queue invoices is not declared"),
]


def assert_readiness_checks_reported(outcome: Outcome) -> None:
    """The failed checks of the module `readiness` are reported as NC507, the blocked one as not run."""
    reported = sorted((f["subject"], f["message"]) for f in outcome.root_findings if f["code"] == "NC507")
    assert [subject for subject, _ in reported] == [subject for subject, _ in FAILED_CHECKS], outcome.details
    for (_, message), (_, text) in zip(reported, FAILED_CHECKS, strict=True):
        assert message.endswith(text), outcome.details
    assert outcome.codes == ["NC201", *["NC507"] * len(FAILED_CHECKS)], outcome.details
    assert outcome.finding("NC201")["component"] == "cache"
    assert [entry["subject"] for entry in outcome.report["not_run"]] == ["readiness:is_blocked"], outcome.details
    assert "must not run" not in outcome.stdout
    assert "not a check" not in outcome.stdout


def test_failed_readiness_checks_are_reported_as_NC507(run: Runner) -> None:
    assert_readiness_checks_reported(run.check("contracts/user_checks", "main:app"))


def test_readiness_checks_named_in_a_contract_file_are_run(run: Runner) -> None:
    (run.project("contracts/user_checks") / "netra-contracts.toml").rename(run.folder / "user_checks" / "other.toml")
    assert_readiness_checks_reported(run.check("contracts/user_checks", "main:app", "--contracts", "other.toml"))


def test_blocking_readiness_check_ends_at_its_timeout(run: Runner) -> None:
    folder = run.project("contracts/user_checks")
    (folder / "blocking.toml").rename(folder / "netra-contracts.toml")
    outcome = run.check("contracts/user_checks", "main:app", "--startup-timeout", "3")
    assert outcome.codes == ["NC507"], outcome.details
    line = outcome.line_of("timeout=0.2", "blocking.py")
    assert location_of(outcome.root_findings[0]) == f"blocking.py:{line}"
    assert "0.2 s" in outcome.root_findings[0]["message"]


def run_refused(run: Runner, contracts: str) -> Outcome:
    """The run with invalid contracts: usage error, no report."""
    return run.run_and_assert("contracts/faulty", "main:app", "--contracts", contracts, exit_code=2)


@pytest.mark.parametrize(
    ("contracts", "texts"),
    [
        ("broken.toml", ["broken.toml:3:12: this is not valid TOML"]),
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
def test_all_errors_in_contracts_are_reported_at_once(run: Runner, contracts: str, texts: list[str]) -> None:
    outcome = run_refused(run, contracts)
    for text in texts:
        assert text in outcome.stderr, outcome.details


def test_errors_in_contracts_are_reported_with_their_lines(run: Runner) -> None:
    outcome = run_refused(run, "unknown_keys.toml")
    for text in ("startup-timout", "tpye", "configuraton", "wire =", "fatal"):
        assert f"unknown_keys.toml:{outcome.line_of(text, 'unknown_keys.toml')}" in outcome.stderr, outcome.details


def test_swallowed_exceptions_are_the_causes_of_NC201_NC202_and_NC305(shared: SharedRunner) -> None:
    outcome = shared.check("contracts/swallowed", "main:app")
    causes = {
        finding["component"]: (finding["code"], [cause["message"] for cause in finding["causes"]])
        for finding in outcome.findings
    }

    def raised(name: str) -> str:
        return f"`connect` raised ConnectionRefusedError: [Errno 111] refused by {name}"

    caught, none = "ConnectionRefusedError was caught here", "it was set to None here"
    logged = [
        "`shop.startup` logged ERROR: cannot connect to %s (RuntimeError)",
        "`shop.startup` logged WARNING: attempt %d failed, 2 times",
    ]
    assert causes == {
        "none": ("NC202", [f"{none}, in an exception handler", raised("none")]),
        "lost": (
            "NC305",
            ["`lost` was deleted here, in an exception handler", raised("lost"), "`lost` was first set here"],
        ),
        "passed": ("NC201", [caught, raised("passed")]),
        "suppressed": ("NC201", [caught, raised("suppressed")]),
        "helped": ("NC202", [none, caught, raised("helped")]),
        "by_task": ("NC202", [none, caught, raised("by_task")]),
        "in_group": ("NC201", [raised("in_group")]),
        "unregistered": (
            "NC201",
            [
                "RuntimeError was caught here",
                "`connect_all` raised RuntimeError: no unregistered",
                raised("unregistered").replace("`connect` raised", "caused by"),
            ],
        ),
        "left_none": ("NC202", [none, *logged]),
        "forgotten": ("NC201", logged),
    }
    caught_at = [outcome.finding("NC201", name)["causes"][0]["location"]["line"] for name in ("passed", "suppressed")]
    assert caught_at == [outcome.line_of("app.state.passed =") + 1, outcome.line_of("with contextlib.suppress")]


def test_texts_of_logged_messages_are_shown_with_v_on_a_terminal(run: Runner) -> None:
    outcome = run.command("check", "main:app", "-v", cwd=run.project("contracts/swallowed"))
    assert "logged ERROR: cannot connect to unregistered" in " ".join(outcome.stdout.split()), outcome.details
