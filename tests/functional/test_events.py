"""Event checks NC501 to NC511 against served applications, with real WebSocket clients."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.functional.cases import Case, parametrize_cases
from tests.functional.environments import python_with
from tests.functional.harness import EVENT_CODES, Json, Outcome, Runner, location_of
from tests.functional.shared_runs import SharedRunner

ALL = ("--contracts", "all.toml")
EXPIRY = ("--contracts", "expiry.toml")
ALL_EVENTS = ("agent_started", "tool_completed", "agent_completed")
FAULTS = (
    Case("events/last_visitor", ("NC403",), consequences=("NC501", "NC704"), component="visit",
         message=("`visit[<str>]` holds a user's id",), line="websocket.app.state.visit = "),
    Case("events/faults", ("NC504",), target="f26_broadcast_to_all:app", args=ALL, consequences=("NC508",),
         message=("received `agent_started` of ", "wrong users")),
    Case("events/faults", ("NC504",), target="f27_agent_of_all:app", args=ALL, consequences=("NC501",),
         message=("received `agent_started` of ", "wrong users")),
    Case("events/faults", ("NC504",), target="f34_worker_inherits_context:app", args=ALL, consequences=("NC501",),
         message=("received `agent_started` of ", "wrong users")),
    Case("events/faults", ("NC501",), target="f35_published_before_subscribed:app", args=ALL,
         message=("3 users did not receive `agent_completed` within 2 s",
                  "received: `agent_started`, `tool_completed`")),
    Case("events/faults", ("NC502",), target="f36_completed_overtakes:app", args=ALL,
         message=(" received `agent_completed` before `tool_completed`",)),
    Case("events/faults", ("NC509",), target="f37_old_socket_evicts_new:app", args=ALL,
         message=("a client that reconnected", "did not receive `agent_started`")),
    Case("events/faults", ("NC509",), target="f38_sockets_change_meanwhile:app", args=ALL,
         consequences=("NC601",),
         message=("a client that reconnected before its old connection had closed",),
         causes=("RuntimeError: Set changed size during iteration",),
         line="for websocket in self.sockets", file="f38_sockets_change_meanwhile.py"),
    Case("events/faults", ("NC508",), target="f39_one_sender_for_all:app", args=ALL,
         message=("while one client did not read", "3 users did not receive `agent_started`")),
    Case("events/faults", ("NC505",), target="f40_subscribed_again:app", args=ALL,
         message=(*(f"`{name}` 2 times" for name in ALL_EVENTS), "after a reconnect")),
    Case("events/faults", ("NC501",), target="f41_sent_from_thread:app", args=ALL, consequences=("NC601",),
         message=("3 users did not receive `tool_completed` although the run ended",),
         causes=("RuntimeError: no running event loop",), line="create_task(websocket.send_json(event))",
         file="f41_sent_from_thread.py"),
    Case("events/faults", ("NC501",), target="f41_sent_from_executor:app", args=ALL, consequences=("NC601",),
         causes=("RuntimeError: no running event loop",), line="create_task(websocket.send_json(event))",
         file="f41_sent_from_executor.py"),
    Case("events/faults", ("NC510",), target="f42_outlives_token:app", args=EXPIRY,
         message=("one second after its token expired", "was still served: it received `agent_started`")),
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
def test_delivery_fault_is_reported_under_its_code(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


def not_run(report: Json) -> dict[str, set[str]]:
    """The checks that were not run, whole or in part: reasons by code."""
    reasons: dict[str, set[str]] = {}
    for entry in report["not_run"]:
        reasons.setdefault(entry["code"], set()).add(entry["reason"])
    return reasons


def assert_no_client_connected(outcome: Outcome, reason: str) -> Json:
    """NC511 is the only finding, with this text, and no other event check was run. Returns the finding."""
    assert (outcome.exit_code, outcome.codes) == (1, ["NC511"]), outcome.details
    found = outcome.finding("NC511")
    assert reason in found["message"], outcome.details
    assert not_run(outcome.report) == {code: {"no client could be connected"} for code in EVENT_CODES}
    return found


@pytest.mark.parametrize(
    ("module", "reason"),
    [("f43_no_websocket_library", "no WebSocket library"), ("no_uvicorn", "has no uvicorn")],
)
def test_missing_server_reports_NC511(shared: SharedRunner, module: str, reason: str) -> None:
    assert_no_client_connected(shared.check("events/faults", f"{module}:app", *ALL), reason)


def test_identity_in_state_NC403_is_the_root_cause_of_NC504(run: Runner) -> None:
    outcome = run.run_and_assert("events/faults", "f25_identity_on_state:app", *ALL, exit_code=1, codes=["NC403"])
    root = outcome.finding("NC403", "current_user")
    line = outcome.line_of("app.state.current_user = user", "f25_identity_on_state.py")
    assert location_of(root) == f"f25_identity_on_state.py:{line}", outcome.details
    assert outcome.finding("NC504")["caused_by"] == root["fingerprint"]


def test_readiness_route_that_ignores_a_broken_component_reports_NC507(shared: SharedRunner) -> None:
    f12 = ("f12_ready_while_none:app", "--contracts", "f12.toml")
    outcome = shared.run_and_assert("events/faults", *f12, exit_code=1, codes=["NC202", "NC507"])
    found = outcome.finding("NC507")
    assert found["subject"] == "/ready 200", outcome.details
    assert "`/ready` answers 200 although `bridge`" in found["message"]


def test_clients_go_through_handshake_and_steps_before_the_measured_message(run: Runner) -> None:
    outcome = run.run_and_assert("events/joining", "main:app", "--contracts", "events.toml", exit_code=0)
    assert outcome.findings == [], outcome.details
    delivery = outcome.report["clients"]["scenarios"][0]
    assert (delivery["clients"], delivery["events"]) == (2, 8), outcome.report["clients"]
    # No token can be forged: it is no JWT, and its function takes no claims.
    assert not_run(outcome.report).keys() == {"NC506"}, outcome.report["not_run"]


def test_disconnect_of_a_client_is_not_a_cause(shared: SharedRunner) -> None:
    outcome = shared.check("events/faults", "f37_old_socket_evicts_new:app", *ALL)
    assert outcome.finding("NC509")["causes"] == [], outcome.details


MANAGER = (
    Case("events/manager", ("NC504",), args=("--contracts", "one.toml"),
         message=("received `says` of ", "6 events reached 3 wrong users")),
    Case("events/manager", ("NC504",), args=("--contracts", "misbehaving.toml"), message=("received `says` of ",),
         consequences=("NC508",)),
)  # fmt: skip


@parametrize_cases(MANAGER)
def test_broadcasting_manager_reports_NC504(shared: SharedRunner, case: Case) -> None:
    outcome = shared.check(case.project, case.target, *case.args)
    assert (outcome.exit_code, outcome.codes) == (1, list(case.codes)), outcome.details
    assert all(text in outcome.finding("NC504")["message"] for text in case.message), outcome.details
    followed = [finding["code"] for finding in outcome.findings if finding["caused_by"]]
    assert followed == list(case.consequences), outcome.details


def test_isolated_chat_has_no_findings_with_all_checks_run(run: Runner) -> None:
    outcome = run.run_and_assert("events/chat", exit_code=0)
    assert outcome.findings == [], outcome.details
    assert not_run(outcome.report) == {}, outcome.report["not_run"]


def check_events(run: Runner, project: str, contract: str, *args: str) -> Outcome:
    """Run `check` with an event contract: the keys below `[events]`."""
    (run.project(project) / "events.toml").write_text(f"[events]\n{contract}", encoding="utf-8")
    return run.check(project, "main:app", "--contracts", "events.toml", *args)


def orders(expect: str, more: str = "", *, path: str = "/orders/{user}") -> str:
    """The event contract of `events/general`."""
    return f"""
path = "{path}"
send = {{ item = "tea" }}
event-field = "event.kind"
expect = {expect}
users = 3
deadline = 2.0
{more}
"""


BAD_TOKENS = ("no token", "expired token", "wrong signature", "alg none", "another audience")
PACKED = '{ event = "packed", at-least = 3 }'


@pytest.mark.parametrize(
    ("contract", "codes"),
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
            orders('["queued", "shipped"]',
                   'token = "main:token_for"\ntoken-in = "subprotocol"\ntoken-name = "access_token"',
                   path="/subprotocol"), [], id="subprotocol",
        ),
        pytest.param(orders('["queued", "shipped"]', 'token = "main:token_awaited"', path="/header"), [], id="awaited"),
    ],
)  # fmt: skip
def test_events_are_checked_against_the_contract(run: Runner, contract: str, codes: list[str]) -> None:
    outcome = check_events(run, "events/general", contract)
    assert (outcome.exit_code, outcome.codes) == (1 if codes else 0, codes), outcome.details
    assert not_run(outcome.report) == {}, outcome.report["not_run"]


def test_token_under_another_query_name_reports_NC511(run: Runner) -> None:
    contract = orders('["queued", "shipped"]', 'token = "main:token_for"\ntoken-in = "query"', path="/query")
    outcome = check_events(run, "events/general", contract)
    found = assert_no_client_connected(outcome, "`/query` answered with HTTP status 403 for all 3 clients")
    assert "token-in" in found["hint"]


def test_path_that_is_no_route_reports_NC511_with_the_nearest(run: Runner) -> None:
    outcome = check_events(run, "events/general", orders('["queued", "shipped"]', path="/order/{user}"))
    found = assert_no_client_connected(outcome, "no WebSocket route of the application has the path `/order/{user}`")
    assert found["hint"] == 'did you mean "/orders/{customer}"?'


def test_events_without_a_user_id_leave_NC504_not_run(run: Runner) -> None:
    outcome = check_events(run, "events/general", orders('["queued", "shipped"]', path="/anonymous"))
    assert outcome.exit_code == 0, outcome.details
    assert [(entry["code"], entry["subject"]) for entry in outcome.report["not_run"]] == [("NC504", "")]


def test_no_live_leaves_all_event_checks_not_run(run: Runner) -> None:
    outcome = check_events(run, "events/general", orders('["never"]', 'readiness = "/ready"'), "--no-live")
    assert outcome.exit_code == 0, outcome.details
    assert not_run(outcome.report) == {code: {"skipped because of --no-live"} for code in (*EVENT_CODES, "NC507")}


def test_token_function_without_claims_leaves_two_kinds_of_bad_tokens_not_run(run: Runner) -> None:
    contract = orders('["queued", "shipped"]', 'token = "main:token_without_claims"', path="/header")
    outcome = check_events(run, "events/general", contract)
    assert outcome.exit_code == 0, outcome.details
    entries = outcome.report["not_run"]
    assert [(entry["code"], entry["subject"]) for entry in entries] == [
        ("NC506", "expired token"),
        ("NC506", "another audience"),
    ]
    assert all("accepts no claims" in entry["reason"] for entry in entries), entries


def test_token_function_that_raises_reports_NC511(run: Runner) -> None:
    contract = orders('["queued", "shipped"]', 'token = "main:token_failing"', path="/header")
    outcome = check_events(run, "events/general", contract)
    found = assert_no_client_connected(outcome, "the vault is sealed")
    assert location_of(found) == f"main.py:{outcome.line_of('the vault is sealed')}", outcome.details


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


@pytest.mark.parametrize(("token", "path", "token_in"), SECRETS)
def test_tokens_are_in_neither_output_nor_recording(run: Runner, token: str, path: str, token_in: str) -> None:
    contract = f"""
path = "{path}"
token = "main:{token}"
token-in = "{token_in}"
expect = ["done"]
users = 2
deadline = 0.5
"""
    outcome = check_events(run, "events/secrets", contract, "-v", "--record", "recorded.json")
    recorded = (outcome.folder / "recorded.json").read_text(encoding="utf-8")
    tokens = (outcome.folder / "tokens.txt").read_text(encoding="utf-8").split()
    assert tokens
    for secret in tokens:
        for text in (secret, quote(secret, safe=""), *secret.split(".")[1:]):
            assert text not in outcome.stdout + outcome.stderr, outcome.details
            assert text not in recorded


DYING = [("exits", "NC105", "os._exit(3)", "os._exit(3)"), ("crashes", "NC107", "SIGSEGV", "ctypes.string_at(0)")]


@pytest.mark.parametrize(("contract", "code", "message", "line"), DYING)
def test_death_while_serving_is_the_root_cause(run: Runner, contract: str, code: str, message: str, line: str) -> None:
    outcome = run.run_and_assert(
        "events/dying", "main:app", "--contracts", f"{contract}.toml", exit_code=1, codes=[code]
    )
    root = outcome.finding(code)
    assert message in root["message"], outcome.details
    assert location_of(root) == f"main.py:{outcome.line_of(line)}", outcome.details


def test_exit_of_a_handler_that_the_server_survives_is_a_cause_of_NC501(shared: SharedRunner) -> None:
    leaves = ("main:app", "--contracts", "leaves.toml")
    outcome = shared.run_and_assert("events/dying", *leaves, exit_code=1, codes=["NC501"])
    assert "SystemExit: 4" in outcome.finding("NC501")["causes"][0]["message"], outcome.details


@pytest.mark.parametrize(("name", "codes"), [("HELD", []), ("BROKEN", ["NC501"])])
def test_event_contract_in_python_is_checked(run: Runner, name: str, codes: list[str]) -> None:
    contracts = f"contracts:{name}"
    outcome = run.run_and_assert(
        "events/general", "main:app", "--contracts", contracts, exit_code=1 if codes else 0, codes=codes
    )
    assert not_run(outcome.report).keys() == ({"NC506"} if codes else set()), outcome.report["not_run"]


@pytest.mark.parametrize(
    ("contract", "texts"),
    [
        ('paht = "/ws"\npath = "/ws"\nexpect = ["a"]', ['there is no key "paht"', 'did you mean "path"?']),
        ('path = "/ws"\nexpect = ["queued"]\nterminal = "queue"', ['terminal is "queue"', 'did you mean "queued"?']),
        ('path = "/ws"\nexpect = ["a", "a"]', ['expect names "a" more than once']),
        ('expect = ["a"]', ["path is missing"]),
        ('path = "/ws"', ["expect is missing"]),
        (
            'path = "/ws"\nexpect = ["a"]\ntoken = "main:token_fro"',
            ["events.toml", "events.token", "no attribute `token_fro`", 'did you mean "main:token_for"?'],
        ),
        ('path = "/ws"\nexpect = ["a"]\ntoken = "mian:token_for"', ["events.toml", "events.token", "mian"]),
        ('path = "/ws"\nexpect = ["a"]\ntoken = "main:KEY"', ["events.toml", "events.token", "main:KEY"]),
    ],
)
def test_error_in_an_event_contract_is_reported(run: Runner, contract: str, texts: list[str]) -> None:
    outcome = check_events(run, "events/general", contract)
    assert (outcome.exit_code, outcome.stdout) == (2, ""), outcome.details
    assert all(text in outcome.stderr for text in texts), outcome.details


def test_contradicting_event_contracts_are_reported_with_both_locations(run: Runner) -> None:
    outcome = run.run_and_assert("events/general", "main:app", "--contracts", "contracts:BOTH", exit_code=2)
    held, broken = outcome.line_of("HELD = ", "contracts.py"), outcome.line_of('"delayed"', "contracts.py")
    assert f"contracts.py:{broken}: EventContract(...)" in outcome.stderr
    assert f"the other declaration is at contracts.py:{held}" in outcome.stderr


def test_recording_of_clients_is_checked_again_with_the_same_findings(run: Runner) -> None:
    first = run.check("events/faults", "f40_subscribed_again:app", *ALL, "--record", "recorded.json")
    again = run.check("events/faults", "--from", "recorded.json")
    assert again.exit_code == 1, again.details
    assert [finding["fingerprint"] for finding in again.findings] == [
        finding["fingerprint"] for finding in first.findings
    ]
    assert [finding["message"] for finding in again.findings] == [finding["message"] for finding in first.findings]


@pytest.mark.slow
def test_environment_without_a_websocket_library_reports_NC511(run: Runner) -> None:
    python = python_with("uvicorn==0.35.0", "starlette==0.47.3")
    outcome = run.check("events/plain", "main:app", "--python", python)
    assert outcome.report["target"]["info"]["executable"] == python
    assert_no_client_connected(outcome, "no WebSocket library")
