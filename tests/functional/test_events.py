"""What real clients meet of applications that fail while they serve: each failure is found under its own code."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.functional.cases import Case, parametrize_cases
from tests.functional.environments import python_with
from tests.functional.harness import Json, Outcome, Runner, location_of

ALL = ("--contracts", "all.toml")
EXPIRY = ("--contracts", "expiry.toml")
ALL_EVENTS = ("agent_started", "tool_completed", "agent_completed")
FAULTS = (
    Case("events/faults", ("NC504",), target="f26_broadcast_to_all:app", args=ALL, consequences=("NC508",),
         message=("received `agent_started` of ", "wrong users")),
    Case("events/faults", ("NC504",), target="f27_agent_of_all:app", args=ALL, consequences=("NC501",),
         message=("received `agent_started` of ", "wrong users")),
    Case("events/faults", ("NC504",), target="f34_worker_inherits_context:app", args=ALL, consequences=("NC501",),
         message=("received `agent_started` of ", "wrong users")),
    Case("events/faults", ("NC501",), target="f35_published_before_subscribed:app", args=ALL,
         message=("alice and 2 more never got `agent_completed`, in 2 s",
                  "what came: `agent_started`, `tool_completed`")),
    Case("events/faults", ("NC502",), target="f36_completed_overtakes:app", args=ALL,
         message=("`agent_completed` came before `tool_completed`", "seen by alice and")),
    Case("events/faults", ("NC509",), target="f37_old_socket_evicts_new:app", args=ALL,
         message=("after it had reconnected", "never got `agent_started`")),
    Case("events/faults", ("NC509",), target="f38_sockets_change_meanwhile:app", args=ALL,
         message=("after it had reconnected",), causes=("RuntimeError: Set changed size during iteration",),
         line="for websocket in self.sockets", file="f38_sockets_change_meanwhile.py"),
    Case("events/faults", ("NC508",), target="f39_one_sender_for_all:app", args=ALL,
         message=("while one client did not read", "and 2 more never got `agent_started`")),
    Case("events/faults", ("NC505",), target="f40_subscribed_again:app", args=ALL,
         message=(*(f"`{name}` came 2 times" for name in ALL_EVENTS), "after a reconnect")),
    Case("events/faults", ("NC501",), target="f41_sent_from_thread:app", args=ALL,
         message=("alice and 2 more never got `tool_completed`, though the run had ended",),
         causes=("RuntimeError: no running event loop",), line="create_task(websocket.send_json(event))",
         file="f41_sent_from_thread.py"),
    Case("events/faults", ("NC501",), target="f41_sent_from_executor:app", args=ALL,
         causes=("RuntimeError: no running event loop",), line="create_task(websocket.send_json(event))",
         file="f41_sent_from_executor.py"),
    Case("events/faults", ("NC510",), target="f42_outlives_token:app", args=EXPIRY,
         message=("a second after its token had expired", "was still served: `agent_started`")),
    Case("events/faults", ("NC506",), target="lenient:no_token", args=ALL,
         message=("a client without a token was served", "it received `agent_started`")),
    Case("events/faults", ("NC506",), target="lenient:expired_token", args=ALL,
         message=("with an expired token was served",)),
    Case("events/faults", ("NC506",), target="lenient:wrong_signature", args=ALL,
         message=("with a token whose signature is wrong was served",)),
    Case("events/faults", ("NC506",), target="lenient:alg_none", args=ALL,
         message=("with an unsigned token (`alg: none`) was served",)),
    Case("events/faults", ("NC506",), target="lenient:another_audience", args=ALL,
         message=("with a token for another audience was served",)),
    Case("events/faults", target="lenient:accepted_and_closed", args=ALL, exit_code=0),
    Case("events/faults", target="clean:app", args=ALL, exit_code=0),
    Case("events/faults", target="clean:app", args=EXPIRY, exit_code=0),
)  # fmt: skip


@parametrize_cases(FAULTS)
def test_failure_that_users_meet_is_told_by_its_own_code(run: Runner, case: Case) -> None:
    case.run_and_assert(run)


def live_not_run(report: Json) -> dict[str, set[str]]:
    """The checks of live events that were not run, whole or in part, by code: the reasons."""
    reasons: dict[str, set[str]] = {}
    for left_out in report["not_run"]:
        if left_out["code"].startswith("NC5"):
            reasons.setdefault(left_out["code"], set()).add(left_out["reason"])
    return reasons


EVERY = {f"NC{number}" for number in (501, 502, 503, 504, 505, 506, 508, 509, 510)}


@pytest.mark.parametrize(
    ("module", "reason"),
    [("f43_no_websocket_library", "no WebSocket library"), ("no_uvicorn", "has no uvicorn")],
)
def test_without_a_server_nothing_live_is_run_and_the_reason_is_told(run: Runner, module: str, reason: str) -> None:
    outcome = run.run_and_assert("events/faults", f"{module}:app", *ALL, exit_code=0)
    reasons = live_not_run(outcome.report)
    assert reasons.keys() == EVERY, outcome.details
    assert all(reason in told for reasons_told in reasons.values() for told in reasons_told), reasons


def test_what_a_request_writes_into_the_state_is_the_root(run: Runner) -> None:
    outcome = run.run_and_assert("events/faults", "f25_identity_on_state:app", *ALL, exit_code=1, codes=["NC403"])
    root = outcome.finding("NC403", "current_user")
    line = outcome.line_of("app.state.current_user = user", "f25_identity_on_state.py")
    assert location_of(root) == f"f25_identity_on_state.py:{line}", outcome.details
    assert outcome.finding("NC504")["caused_by"] == root["fingerprint"]


def test_readiness_that_looks_at_nothing_is_told_beside_what_is_broken(run: Runner) -> None:
    f12 = ("f12_ready_while_none:app", "--contracts", "f12.toml")
    outcome = run.run_and_assert("events/faults", *f12, exit_code=1, codes=["NC202", "NC507"])
    found = outcome.finding("NC507")
    assert found["subject"] == "/ready", outcome.details
    assert "`/ready` answers 200 although `bridge`" in found["message"]


def test_causes_leave_out_clients_that_went_by_themselves(run: Runner) -> None:
    outcome = run.check("events/faults", "f37_old_socket_evicts_new:app", *ALL)
    assert not any("WebSocketDisconnect" in cause["message"] for cause in outcome.finding("NC509")["causes"])


MANAGER = (
    Case("events/manager", ("NC504",), args=("--contracts", "one.toml"),
         message=("received `says` of ", "6 events reached 3 wrong users")),
    Case("events/manager", ("NC504",), args=("--contracts", "unkind.toml"), message=("received `says` of ",)),
)  # fmt: skip


@parametrize_cases(MANAGER)
def test_manager_of_all_connections_is_found_guilty(run: Runner, case: Case) -> None:
    outcome = run.check(case.project, case.target, *case.args)
    assert (outcome.exit_code, outcome.codes) == (1, list(case.codes)), outcome.details
    assert all(text in outcome.finding("NC504")["message"] for text in case.message), outcome.details


def test_chat_that_keeps_its_users_apart_is_clean_with_everything_tried(run: Runner) -> None:
    outcome = run.run_and_assert("events/chat", exit_code=0)
    assert outcome.findings == [], outcome.details
    assert live_not_run(outcome.report) == {}, outcome.report["not_run"]


def of_events(run: Runner, project: str, terms: str, *args: str) -> Outcome:
    """A run with these terms under `[events]`."""
    (run.project(project) / "events.toml").write_text(f"[events]\n{terms}", encoding="utf-8")
    return run.check(project, "main:app", "--contracts", "events.toml", *args)


def orders(expect: str, more: str = "", *, path: str = "/orders/{user}") -> str:
    """The terms of a target that tells of orders."""
    return f"""
path = "{path}"
send = {{ item = "tea" }}
event-field = "event.kind"
expect = {expect}
users = 3
deadline = 2.0
{more}
"""


PACKED = '{ event = "packed", at-least = 3 }'


@pytest.mark.parametrize(
    ("terms", "codes"),
    [
        pytest.param(orders(f'["queued", {PACKED}, "shipped", "receipt"]'), [], id="whole"),
        pytest.param(
            orders(f'["queued", {{ event = "delayed", optional = true }}, {PACKED}, "shipped"]'),
            [],
            id="optional-absent",
        ),
        pytest.param(
            orders(f'["queued", {{ event = "delayed", optional = true }}, {PACKED}, "shipped"]').replace(
                'item = "tea"', "slow = true"
            ),
            [],
            id="optional-present",
        ),
        pytest.param(orders(f'["queued", "delayed", {PACKED}, "shipped"]'), ["NC501"], id="not-optional"),
        pytest.param(orders(f'["shipped", "queued", {PACKED}]', 'terminal = "shipped"'), ["NC502"], id="order"),
        pytest.param(
            orders(f'["shipped", "queued", {PACKED}]', 'terminal = "shipped"\nordered = false'), [], id="any-order"
        ),
        pytest.param(orders('["queued", { event = "packed", at-least = 4 }, "shipped"]'), ["NC501"], id="too-few"),
        pytest.param(
            orders('["queued", { event = "packed", at-least = 1, at-most = 2 }, "shipped"]'), ["NC505"], id="too-many"
        ),
        pytest.param(orders('["queued", "packed", "shipped"]'), ["NC505"], id="not-once"),
        pytest.param(
            orders(f'["queued", {PACKED}, "shipped", "receipt"]', 'terminal = "shipped"'), [], id="terminal-not-last"
        ),
        pytest.param(
            orders('["queued", "shipped"]', 'token = "main:token_for"\ntoken-in = "query"\ntoken-name = "ticket"',
                   path="/query"), [], id="query",
        ),
        pytest.param(
            orders('["queued", "shipped"]', 'token = "main:token_for"\ntoken-in = "query"', path="/query"), ["NC501"],
            id="query-of-another-name",
        ),
        pytest.param(
            orders('["queued", "shipped"]',
                   'token = "main:token_for"\ntoken-in = "subprotocol"\ntoken-name = "access_token"',
                   path="/subprotocol"), [], id="subprotocol",
        ),
        pytest.param(orders('["queued", "shipped"]', 'token = "main:token_awaited"', path="/header"), [], id="awaited"),
    ],
)  # fmt: skip
def test_events_are_what_the_contract_says(run: Runner, terms: str, codes: list[str]) -> None:
    outcome = of_events(run, "events/general", terms)
    assert (outcome.exit_code, outcome.codes) == (1 if codes else 0, codes), outcome.details
    nobody_served = {"NC504"} if codes == ["NC501"] else set()
    assert live_not_run(outcome.report).keys() <= {"NC506", *nobody_served}, outcome.report["not_run"]


def test_events_that_say_not_whose_they_are_leave_one_check_open(run: Runner) -> None:
    outcome = of_events(run, "events/general", orders('["queued", "shipped"]', path="/anonymous"))
    assert outcome.exit_code == 0, outcome.details
    reasons = live_not_run(outcome.report)
    assert reasons.keys() == {"NC504"}
    assert "no event says whose it is" in reasons["NC504"].pop()


def test_no_live_leaves_out_everything_live_and_says_so(run: Runner) -> None:
    outcome = of_events(run, "events/general", orders('["never"]', 'readiness = "/ready"'), "--no-live")
    assert outcome.exit_code == 0, outcome.details
    assert live_not_run(outcome.report) == {code: {"skipped because of --no-live"} for code in (*EVERY, "NC507")}


def test_token_function_without_claims_leaves_two_kinds_of_bad_tokens_open(run: Runner) -> None:
    terms = orders('["queued", "shipped"]', 'token = "main:token_without_claims"', path="/header")
    outcome = of_events(run, "events/general", terms)
    assert outcome.exit_code == 0, outcome.details
    left_out = {one["subject"]: one["reason"] for one in outcome.report["not_run"] if one["code"] == "NC506"}
    assert left_out.keys() == {"expired token", "another audience"}
    assert all("accepts no claims" in reason for reason in left_out.values()), left_out


def test_token_function_that_raises_is_told_and_nothing_passes(run: Runner) -> None:
    terms = orders('["queued", "shipped"]', 'token = "main:token_failing"', path="/header")
    outcome = of_events(run, "events/general", terms)
    reasons = live_not_run(outcome.report)
    assert reasons.keys() == EVERY, outcome.details
    assert all("the vault is sealed" in told for reasons_told in reasons.values() for told in reasons_told), reasons


SECRETS = [
    ("opaque_token", "/raising", "header"),
    ("opaque_token", "/raising", "query"),
    ("opaque_token", "/closing", "header"),
    ("opaque_token", "/closing", "query"),
    ("jwt_token", "/raising", "header"),
    ("jwt_token", "/raising", "query"),
    ("jwt_token", "/closing", "header"),
    ("jwt_token", "/closing", "query"),
    ("failing_token", "/raising", "header"),
]


@pytest.mark.parametrize(("token", "path", "place_"), SECRETS)
def test_tokens_are_in_no_output_and_in_no_recording(run: Runner, token: str, path: str, place_: str) -> None:
    terms = f"""
path = "{path}"
token = "main:{token}"
token-in = "{place_}"
expect = ["done"]
users = 2
deadline = 0.5
"""
    outcome = of_events(run, "events/secrets", terms, "-v", "--record", "recorded.json")
    recorded = (outcome.folder / "recorded.json").read_text(encoding="utf-8")
    tokens = (outcome.folder / "tokens.txt").read_text(encoding="utf-8").split()
    assert tokens
    for made in tokens:
        for told in (made, quote(made, safe=""), *(part for part in made.split(".")[1:])):
            assert told not in outcome.stdout + outcome.stderr, outcome.details
            assert told not in recorded


DYING = [("exits", "NC105", "os._exit(3)"), ("crashes", "NC107", "SIGSEGV")]


@pytest.mark.parametrize(("contract", "code", "said"), DYING)
def test_death_while_serving_is_the_root(run: Runner, contract: str, code: str, said: str) -> None:
    outcome = run.run_and_assert(
        "events/dying", "main:app", "--contracts", f"{contract}.toml", exit_code=1, codes=[code]
    )
    root = outcome.finding(code)
    assert said in root["message"], outcome.details
    assert location_of(root), outcome.details


def test_exit_of_a_handler_that_the_server_survives_is_told_as_a_cause(run: Runner) -> None:
    outcome = run.run_and_assert("events/dying", "main:app", "--contracts", "leaves.toml", exit_code=1, codes=["NC501"])
    assert "SystemExit: 4" in outcome.finding("NC501")["causes"][0]["message"], outcome.details


@pytest.mark.parametrize(("name", "codes"), [("HELD", []), ("BROKEN", ["NC501"])])
def test_event_contract_may_be_a_member_of_the_contracts_in_python(run: Runner, name: str, codes: list[str]) -> None:
    contracts = f"contracts:{name}"
    outcome = run.run_and_assert(
        "events/general", "main:app", "--contracts", contracts, exit_code=1 if codes else 0, codes=codes
    )
    assert live_not_run(outcome.report).keys() == ({"NC506"} if codes else set()), outcome.report["not_run"]


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ('paht = "/ws"\npath = "/ws"\nexpect = ["a"]', ['there is no key "paht"', 'did you mean "path"?']),
        ('path = "/ws"\nexpect = ["queued"]\nterminal = "queue"', ['terminal is "queue"', 'did you mean "queued"?']),
        ('path = "/ws"\nexpect = ["a", "a"]', ['expect names "a" more than once']),
        ('expect = ["a"]', ["path is missing"]),
        ('path = "/ws"', ["expect is missing"]),
        (
            'path = "/ws"\nexpect = ["a"]\ntoken = "main:token_fro"',
            ["events.toml", "events.token", "no attribute 'token_fro'", 'did you mean "main:token_for"?'],
        ),
        ('path = "/ws"\nexpect = ["a"]\ntoken = "mian:token_for"', ["events.toml", "events.token", "mian"]),
        ('path = "/ws"\nexpect = ["a"]\ntoken = "main:KEY"', ["events.toml", "events.token", "main:KEY"]),
    ],
)
def test_fault_of_an_event_contract_is_told_with_its_line(run: Runner, terms: str, told: list[str]) -> None:
    outcome = of_events(run, "events/general", terms)
    assert (outcome.exit_code, outcome.stdout) == (2, ""), outcome.details
    assert all(text in outcome.stderr for text in told), outcome.details


def test_events_declared_twice_and_otherwise_are_refused_with_both_places(run: Runner) -> None:
    folder = run.project("events/general")
    (folder / "netra-contracts.toml").write_text(
        'target = "main:app"\n\n[events]\npath = "/ws"\nexpect = ["a"]\n', encoding="utf-8"
    )
    outcome = run.run_and_assert("events/general", "--contracts", "contracts:HELD", exit_code=2)
    line = outcome.line_of("HELD = ", "contracts.py")
    assert f"contracts.py:{line}: EventContract(...)" in outcome.stderr
    assert "the other declaration is at netra-contracts.toml:3" in outcome.stderr


def test_a_recording_is_judged_again_as_it_was(run: Runner) -> None:
    first = run.check("events/faults", "f40_subscribed_again:app", *ALL, "--record", "recorded.json")
    again = run.check("events/faults", "--from", "recorded.json")
    assert again.exit_code == 1, again.details
    assert [one["fingerprint"] for one in again.findings] == [one["fingerprint"] for one in first.findings]
    assert [one["message"] for one in again.findings] == [one["message"] for one in first.findings]


@pytest.mark.slow
def test_an_environment_without_a_websocket_library_is_told_as_such(run: Runner) -> None:
    python = python_with("uvicorn==0.35.0", "starlette==0.47.3")
    outcome = run.run_and_assert("events/plain", "main:app", "--python", python, exit_code=0)
    assert outcome.report["target"]["info"]["executable"] == python
    assert all("no WebSocket library" in told for one in live_not_run(outcome.report).values() for told in one)
    assert live_not_run(outcome.report).keys() == EVERY
