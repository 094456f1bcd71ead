"""NC501 to NC511: findings from observations of clients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from netra_contracts.checks.engine.judgement import Judgement, judge
from netra_contracts.checks.engine.received_events import format_events, format_users, percentile
from netra_contracts.contracts.model import ClientStep, DeliveryContract, ExpectedEvent, Severity
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.observed.clients import (
    ClientLog,
    ClientObservation,
    ReadinessResult,
    ReceivedEvent,
    Scenario,
    ScenarioName,
    ServerObservation,
)
from netra_contracts.protocol.observed.observation import FailedBackgroundTask, Observation, Stage
from netra_contracts.protocol.stages import StageName
from tests.unit.checks.evidence import Startup, at, fault, raised
from tests.unit.checks.evidence import contract as component

RUN = ("started", "tool", "completed")
MS = 10.0


def contract(**terms: Any) -> DeliveryContract:
    """Three events, each once in a run."""
    expect = tuple(ExpectedEvent(name=name) for name in RUN)
    return DeliveryContract(**{"path": "/ws", "expect": expect, "terminal": "completed", "run_field": "run", **terms})


def client(user: str = "alice", *events: str | ReceivedEvent, sent: int = 1, **facts: Any) -> ClientLog:
    """A client and its own events, 10 ms apart, by name."""
    seen = tuple(
        ReceivedEvent(event, MS * (place + 1), has_canary=True) if isinstance(event, str) else event
        for place, event in enumerate(events)
    )
    return ClientLog(user, sent, seen, **facts)


def scenario(name: ScenarioName, *clients: ClientLog, skipped: str = "") -> Scenario:
    return Scenario(name, clients, skipped=skipped)


DELIVERED = scenario("delivery", client("alice", *RUN), client("bob", *RUN))


def judged(
    *scenarios: Scenario, terms: DeliveryContract | None = None, served: ServerObservation | None = None, **live: Any
) -> Judgement:
    """The judgement of a successful startup with these observations of clients."""
    startup = Startup().sees(
        clients=ClientObservation(scenarios, **live), server=served or ServerObservation("uvicorn")
    )
    return judge(startup.recording().model_copy(update={"events_contract": terms or contract()}))


def findings(*scenarios: Scenario, **more: Any) -> Sequence[Finding]:
    return judged(*scenarios, **more).findings


def found(*scenarios: Scenario, **more: Any) -> Finding:
    (finding,) = findings(*scenarios, **more)
    return finding


def not_run(judgement: Judgement) -> dict[str, str]:
    return {entry.code: entry.reason for entry in judgement.not_run if entry.code.startswith("NC5")}


def test_expected_events_report_no_finding() -> None:
    judgement = judged(DELIVERED)
    assert judgement.findings == ()
    assert not_run(judgement) == {}


class TestMissing:
    def test_NC501_names_users_and_missing_and_received_events(self) -> None:
        seen = [client(user, "started", "tool", ended="deadline") for user in ("alice", "bob", "carol")]
        finding = found(scenario("delivery", *seen))
        assert (finding.code, finding.subject) == ("NC501", "completed")
        assert finding.message == ("3 users did not receive `completed` within 10 s; received: `started`, `tool`")

    def test_events_lost_at_random_report_NC501_once(self) -> None:
        seen = [client("alice", "started", "completed"), client("bob", "tool", "completed"), client("carol", *RUN)]
        finding = found(scenario("delivery", *seen))
        assert finding.subject == "started:tool"
        assert "alice did not receive `tool` although the run ended" in finding.message
        assert "bob did not receive `started` although the run ended" in finding.message

    def test_NC501_names_the_close_code(self) -> None:
        finding = found(scenario("delivery", client("alice", ended="closed", close_code=1011)))
        assert "before the server closed the connection with code 1011; received: nothing" in finding.message

    def test_NC501_names_the_http_status_of_a_refused_connection(self) -> None:
        refused = client("alice", ended="refused", status=403, connected=False)
        finding = found(scenario("delivery", refused, client("bob", *RUN)))
        assert finding.message == "alice could not be served: the WebSocket was refused with HTTP status 403"

    def test_optional_event_may_be_missing_but_not_duplicated(self) -> None:
        optional = contract(
            expect=(*contract().expect[:2], ExpectedEvent(name="note", at_least=0), contract().expect[2])
        )
        assert findings(DELIVERED, terms=optional) == ()
        finding = found(
            scenario("delivery", client("alice", "started", "tool", "note", "note", "completed")), terms=optional
        )
        assert (finding.code, finding.subject) == ("NC505", "note")

    def test_exceptions_of_the_application_are_causes_of_NC501(self) -> None:
        served = ServerObservation(
            "uvicorn", failures=(fault("raised", raised("RuntimeError", "no running event loop", 9)),)
        )
        finding = found(scenario("delivery", client("alice", "started", "completed")), served=served)
        assert "RuntimeError: no running event loop" in finding.causes[0].message
        assert finding.location == at(9)

    def test_NC501_of_a_burst_counts_its_runs(self) -> None:
        events = [ReceivedEvent(name, MS, run=run, has_canary=True) for run in range(2) for name in RUN]
        finding = found(DELIVERED, scenario("burst", client("dan", *events, sent=3, ended="deadline")))
        assert finding.message.startswith(
            "in a burst of 3 runs, dan received 2 of 3 `started`, 2 of 3 `tool`, 2 of 3 `completed` within 10 s"
        )
        assert "`started` (2 times)" in finding.message

    def test_event_doubled_in_one_run_does_not_replace_one_lost_in_another(self) -> None:
        lost = [ReceivedEvent(name, MS, run=run, has_canary=True) for run in range(2) for name in RUN]
        lost[4] = ReceivedEvent("tool", MS, run=0, has_canary=True)
        burst = scenario("burst", client("dan", *lost, sent=2))
        missing, doubled = findings(DELIVERED, burst)
        assert (missing.code, doubled.code) == ("NC501", "NC505")
        assert "received 1 of 2 `tool` although" in missing.message
        assert "`tool` 2 times in one run" in doubled.message

    def test_events_of_one_run_under_several_run_ids_report_NC501(self) -> None:
        events = [ReceivedEvent(name, MS, run=number, has_canary=True) for number, name in enumerate(RUN)]
        finding = found(scenario("delivery", client("alice", *events)))
        assert "in one and the same run" in finding.message

    def test_events_without_a_run_id_are_counted_together(self) -> None:
        events = [
            ReceivedEvent(name, MS, run=None if name == "started" else run, has_canary=True)
            for run in range(3)
            for name in RUN
        ]
        assert findings(DELIVERED, scenario("burst", client("dan", *events, sent=3))) == ()
        finding = found(DELIVERED, scenario("burst", client("dan", *events[1:], sent=3)))
        assert "received 2 of 3 `started`" in finding.message

    def test_event_before_the_message_is_no_answer(self) -> None:
        early = ReceivedEvent("started", 0.0, has_canary=True, is_answer=False)
        finding = found(scenario("delivery", client("alice", early, "tool", "completed")))
        assert (finding.code, finding.subject) == ("NC501", "started")
        assert "received: `started` before the message, `tool`, `completed`" in finding.message
        assert 'send = [{ expect = "started" }, { send = ... }]' in finding.hint

    def test_failed_step_reports_NC501_with_its_number(self) -> None:
        steps = (ClientStep(send="join"), ClientStep(expect=("joined",)))
        early = ReceivedEvent("full", 0.0, has_canary=True, is_answer=False)
        stuck = client("alice", early, sent=0, ended="deadline", failed_step=2)
        finding = found(scenario("delivery", stuck), terms=contract(steps=steps))
        assert finding.message == (
            "alice could not be served: `joined`, for which step 2 of `send` waits, did not come within 10 s; "
            "received: `full` before the message"
        )

    @pytest.mark.parametrize(
        ("names", "steps", "hint"),
        [
            (["join"], (ClientStep(expect=("joined",)),), 'did you mean "join"?'),
            (["full"], (ClientStep(expect=("joined",)),), "let step 1 of `send` wait for an event that"),
            ([""], (ClientStep(expect=("joined",)),), "event-field (now `type`)"),
            ([], (ClientStep(expect=("joined",)),), "nothing before step 1 of `send`: check whether a message must be"),
            ([], (ClientStep(send="join"), ClientStep(expect=("joined",))), "check the message that is sent before it"),
        ],
    )
    def test_NC501_of_a_failed_step_says_what_to_correct(
        self, names: list[str], steps: tuple[ClientStep, ...], hint: str
    ) -> None:
        early = [ReceivedEvent(name, 0.0, has_canary=True, is_answer=False) for name in names]
        stuck = client("alice", *early, sent=0, ended="deadline", failed_step=len(steps))
        assert hint in found(scenario("delivery", stuck), terms=contract(steps=steps)).hint

    def test_NC501_lists_every_event_and_suggests_the_nearest(self) -> None:
        finding = found(scenario("delivery", client("alice", "hello", "started", "tool", "complete", "")))
        assert "received: `hello`, `started`, `tool`, `complete`, an event without a name in `type`" in finding.message
        assert finding.hint == 'did you mean "complete"?'

    def test_NC501_of_a_burst_is_not_reported_beside_that_of_normal_clients(self) -> None:
        nobody = scenario("delivery", client("alice", ended="deadline"))
        finding = found(nobody, scenario("burst", client("dan", sent=3, ended="deadline")))
        assert finding.subject == "started:tool:completed"


class TestOrder:
    def test_NC502_names_both_events(self) -> None:
        finding = found(scenario("delivery", client("alice", "started", "completed", "tool")))
        assert (finding.code, finding.subject) == ("NC502", "completed before tool")
        assert finding.message.startswith("alice received ")

    def test_events_that_overtake_each_other_report_NC502_once(self) -> None:
        seen = [client("alice", "started", "completed", "tool"), client("bob", "tool", "started", "completed")]
        finding = found(scenario("delivery", *seen))
        assert finding.subject == "completed before tool:tool before started"
        assert "; bob received `tool` before `started`, which must come first" in finding.message

    def test_unordered_contract_does_not_report_NC502(self) -> None:
        assert (
            findings(
                scenario("delivery", client("alice", "completed", "tool", "started")), terms=contract(ordered=False)
            )
            == ()
        )

    def test_order_is_judged_for_each_of_concurrent_runs(self) -> None:
        events = [ReceivedEvent(name, MS, run=run, has_canary=True) for name in RUN for run in range(2)]
        assert findings(DELIVERED, scenario("burst", client("dan", *events, sent=2))) == ()

    def test_order_without_run_ids_is_judged_by_counts(self) -> None:
        terms = contract(run_field="")
        fair = client("dan", "started", "started", "tool", "completed", "tool", "completed", sent=2)
        assert findings(DELIVERED, scenario("burst", fair), terms=terms) == ()
        unfair = client("dan", "started", "started", "tool", "completed", "completed", "tool", sent=2)
        assert found(DELIVERED, scenario("burst", unfair), terms=terms).code == "NC502"


class TestLate:
    def test_NC503_measures_from_the_previous_event(self) -> None:
        events = [
            ReceivedEvent(name, ms, has_canary=True) for name, ms in zip(RUN, (400.0, 800.0, 1400.0), strict=True)
        ]
        finding = found(scenario("delivery", client("alice", *events)), terms=contract(within_ms=500.0))
        assert (finding.code, finding.subject) == ("NC503", "completed")
        assert "`completed` arrived 600 ms after the previous event (limit: 500 ms) for alice" in finding.message
        assert "p50 400 ms" in finding.message

    def test_contract_without_a_limit_does_not_report_NC503(self) -> None:
        assert (
            findings(
                scenario("delivery", client("alice", *[ReceivedEvent(name, 9e6, has_canary=True) for name in RUN]))
            )
            == ()
        )

    @pytest.mark.parametrize(
        ("values", "part", "expected"),
        [
            ([], 0.5, 0.0),
            ([1.0], 0.99, 1.0),
            ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
            ([*map(float, range(1, 101))], 0.99, 99.0),
        ],
    )
    def test_percentiles_are_of_the_nearest_rank(self, values: list[float], part: float, expected: float) -> None:
        assert percentile(values, part) == expected


class TestForeign:
    def test_NC501_follows_from_NC504(self) -> None:
        stray = [ReceivedEvent(name, MS, foreign_user="bob", has_canary=True) for name in RUN]
        found_ = findings(scenario("delivery", client("alice", *RUN, *stray), client("bob", ended="deadline")))
        root, missing = found_
        assert (root.code, missing.code) == ("NC504", "NC501")
        assert missing.caused_by == root.fingerprint
        assert root.message == "alice received `started` of bob: 3 events reached one wrong user"

    def test_events_that_a_bystander_receives_report_NC504(self) -> None:
        stray = client("bob", ReceivedEvent("started", MS, foreign_user="alice", has_canary=True, is_answer=False))
        reconnect = Scenario("reconnect", (client("bob", *RUN),), bystanders=(stray,))
        assert found(DELIVERED, reconnect).message == "bob received `started` of alice: one event"

    def test_shared_events_count_as_own_and_do_not_report_NC504(self) -> None:
        shared = ReceivedEvent("started", MS, foreign_user="bob", has_canary=True)
        delivery = scenario("delivery", client("alice", shared, "tool", "completed"))
        assert findings(delivery, terms=contract(shared=("started",))) == ()
        assert {finding.code for finding in findings(delivery)} == {"NC501", "NC504"}

    def test_NC504_is_not_run_if_events_cannot_be_attributed(self) -> None:
        events = [ReceivedEvent(name, MS) for name in RUN]
        assert not_run(judged(scenario("delivery", client("alice", *events)))).keys() == {"NC504"}


class TestDuplicated:
    def test_all_duplicated_events_report_NC505_once(self) -> None:
        again = client("alice", *RUN, *RUN)
        finding = found(DELIVERED, scenario("reconnect", again))
        assert (finding.code, finding.subject) == ("NC505", "reconnect:started:tool:completed")
        assert (
            "alice received `started` 2 times, `tool` 2 times, `completed` 2 times after a reconnect" in finding.message
        )

    def test_repeated_event_id_reports_NC505_whatever_the_limit(self) -> None:
        many = contract(expect=tuple(ExpectedEvent(name=name, at_most=None) for name in RUN))
        again = ReceivedEvent("tool", MS, has_canary=True, is_repeat=True)
        finding = found(scenario("delivery", client("alice", "started", "tool", again, "completed")), terms=many)
        assert (finding.code, finding.subject) == ("NC505", "tool")


class TestMisbehavingClients:
    @pytest.mark.parametrize("name", ["no token", "expired token", "wrong signature", "alg none", "another audience"])
    def test_client_served_with_a_bad_token_reports_NC506(self, name: ScenarioName) -> None:
        finding = found(DELIVERED, scenario(name, client("eve", "started")))
        assert (finding.code, finding.subject) == ("NC506", name)

    @pytest.mark.parametrize("facts", [{"ended": "refused", "status": 403}, {"ended": "closed", "close_code": 4401}])
    def test_client_refused_or_closed_does_not_report_NC506(self, facts: dict[str, Any]) -> None:
        assert findings(DELIVERED, scenario("no token", client("eve", **facts))) == ()

    def test_client_that_sends_its_bad_token_in_a_message_may_stay_connected(self) -> None:
        terms = contract(send='{"auth": "{token}"}')
        assert findings(DELIVERED, scenario("no token", client("eve", ended="deadline")), terms=terms) == ()
        assert found(DELIVERED, scenario("no token", client("eve", "started")), terms=terms).code == "NC506"
        greeted = scenario("no token", client("eve", ReceivedEvent("started", 0.0, is_answer=False), ended="deadline"))
        assert findings(DELIVERED, greeted, terms=terms) == ()
        assert found(DELIVERED, greeted).code == "NC506"

    def test_client_with_a_bad_token_that_stays_connected_reports_NC506(self) -> None:
        finding = found(DELIVERED, scenario("no token", client("eve", ended="deadline")))
        assert "the connection stayed open" in finding.message

    @pytest.mark.parametrize(
        ("name", "code", "says"),
        [
            ("slow reader", "NC508", "while one client did not read, eve did not receive `tool`, `completed`"),
            ("reconnect", "NC509", "a client that reconnected before its old connection had closed"),
            ("expiry", "NC510", "was still served: it received `started`"),
        ],
    )
    def test_failure_beside_a_misbehaving_client_is_reported(self, name: ScenarioName, code: str, says: str) -> None:
        finding = found(DELIVERED, scenario(name, client("eve", "started", ended="deadline")))
        assert finding.code == code
        assert says in finding.message

    def test_user_not_served_beside_a_reconnecting_one_reports_NC509(self) -> None:
        finding = found(DELIVERED, scenario("reconnect", client("eve", *RUN), client("dan", "started", "tool")))
        assert "dan, who stayed connected while another user's client reconnected, did not receive" in finding.message

    @pytest.mark.parametrize("name", ["no token", "slow reader", "reconnect", "expiry"])
    def test_scenario_is_not_run_if_normal_clients_miss_events(self, name: ScenarioName) -> None:
        judgement = judged(scenario("delivery", client("alice", "started")), scenario(name, client("eve", "started")))
        assert [one.code for one in judgement.findings] == ["NC501"]
        assert "normal clients did not receive all events either" in next(iter(not_run(judgement).values()))

    def test_skipped_scenario_is_not_run_with_its_reason(self) -> None:
        judgement = judged(DELIVERED, scenario("expired token", skipped="it takes no claims"))
        assert not_run(judgement) == {"NC506": "it takes no claims"}


def nobody(**facts: Any) -> Scenario:
    """Two normal clients, neither of which was connected."""
    return scenario("delivery", *(client(user, sent=0, connected=False, **facts) for user in ("alice", "bob")))


class TestConnecting:
    @pytest.mark.parametrize(
        ("facts", "says", "hint"),
        [
            ({"ended": "refused", "status": 500}, "`/ws` answered with HTTP status 500 for all 2 clients", "open the"),
            ({"ended": "refused", "status": 403}, "answered with HTTP status 403", "does not exist, or"),
            ({"ended": "deadline"}, "`/ws` did not answer the handshake within 10 s", "a WebSocket that accepts"),
            ({"ended": "failed", "error": "its URL is not valid"}, "failed: its URL is not valid", "a WebSocket"),
        ],
    )
    def test_refusal_of_everybody_reports_NC511_only(self, facts: dict[str, Any], says: str, hint: str) -> None:
        judgement = judged(nobody(**facts), scenario("burst", skipped="no connection of the delivery stayed open"))
        (finding,) = judgement.findings
        assert (finding.code, finding.subject.split(" ")[0]) == ("NC511", "refused")
        assert says in finding.message
        assert hint in finding.hint
        assert set(not_run(judgement).values()) == {"no client could be connected"}

    @pytest.mark.parametrize(
        ("path", "routes", "hint"),
        [
            ("/wss", ("/ws", "/feed/{topic}"), 'did you mean "/ws"?'),
            ("/x/{user}", ("/ws",), "the application's WebSocket routes are: `/ws`"),
            ("/feed/a/b", ("/feed/{topic}",), 'did you mean "/feed/{topic}"?'),
        ],
    )
    def test_path_without_a_route_reports_NC511_with_the_routes(
        self, path: str, routes: tuple[str, ...], hint: str
    ) -> None:
        served = ServerObservation("uvicorn", websocket_routes=routes)
        finding = found(nobody(ended="refused", status=403), terms=contract(path=path), served=served)
        assert (finding.code, finding.subject, finding.hint) == ("NC511", "route", hint)

    @pytest.mark.parametrize(
        ("path", "route"),
        [
            ("/ws/{user}?a=b", "/ws/{id}"),
            ("/ws/7", "/ws/{id:int}"),
            ("/files/a/b", "/files/{rest:path}"),
            ("/ws.x", "/ws.x"),
        ],
    )
    def test_refusal_by_an_existing_route_does_not_say_that_it_does_not_exist(self, path: str, route: str) -> None:
        served = ServerObservation("uvicorn", websocket_routes=(route,))
        finding = found(nobody(ended="refused", status=403), terms=contract(path=path), served=served)
        assert (finding.code, finding.subject) == ("NC511", "refused 403")
        assert "does not exist" not in finding.hint

    @pytest.mark.parametrize("failed", ["token", "server", "tool"])
    def test_what_clients_need_and_lack_is_NC511(self, failed: Any) -> None:
        judgement = judged(skipped="it is missing", failed=failed)
        (finding,) = judgement.findings
        assert (finding.code, finding.message) == ("NC511", "no client could be connected: it is missing")

    def test_requested_scenario_that_could_not_be_tried_reports_NC511(self) -> None:
        finding = found(DELIVERED, scenario("expiry", skipped="it takes no claims"))
        assert (finding.code, finding.message) == ("NC511", "`expiry` could not be tested: it takes no claims")

    def test_NC511_follows_from_broken_contracts(self) -> None:
        startup = Startup(component("bus")).sees(
            clients=ClientObservation((nobody(ended="refused", status=500),)), server=ServerObservation("uvicorn")
        )
        judgement = judge(startup.recording().model_copy(update={"events_contract": contract()}))
        assert [(one.code, bool(one.caused_by)) for one in judgement.findings] == [("NC201", False), ("NC511", True)]


class TestServing:
    def test_checks_of_events_are_not_run_without_clients(self) -> None:
        reasons = not_run(judged(skipped="skipped because of --no-live"))
        assert len(reasons) == 9
        assert set(reasons.values()) == {"skipped because of --no-live"}

    def test_NC501_follows_from_the_end_of_the_process(self) -> None:
        startup = Startup().sees(clients=ClientObservation((scenario("delivery", client("alice", ended="closed")),)))
        recording = startup.recording().model_copy(update={"events_contract": contract()})
        stages = list(recording.observation.stages)
        dead = Stage("live", 0.0, 1.0, "died", (fault("died", message="the process was killed by SIGSEGV"),))
        observation = dict(recording.observation.__dict__, stages=(*stages[:-1], dead))
        judgement = judge(recording.model_copy(update={"observation": Observation(**observation)}))
        assert [(one.code, bool(one.caused_by)) for one in judgement.findings] == [("NC107", False), ("NC501", True)]

    @pytest.mark.parametrize(
        ("seen", "codes"),
        [
            (ReadinessResult(200, 0.0, 200), []),
            (ReadinessResult(503, 100.0, 200), []),
            (ReadinessResult(503, None, 503), ["NC507"]),
        ],
    )
    def test_readiness_url_must_answer_200_if_and_only_if_contracts_hold(
        self, seen: ReadinessResult, codes: list[str]
    ) -> None:
        judgement = judged(DELIVERED, terms=contract(readiness="/ready"), readiness=seen)
        assert [one.code for one in judgement.findings] == codes


def test_lists_of_users_and_events_are_bounded() -> None:
    assert format_users(["alice", "alice"]) == "alice"
    assert format_users(["alice", "bob"]) == "alice and bob"
    assert format_users(["alice", "bob", "carol"]) == "3 users"
    assert format_events([]) == "nothing"
    assert format_events(map(str, range(10))).endswith("`7` and 2 more")


@pytest.mark.parametrize(
    ("reconnect", "roots"),
    [
        (scenario("reconnect", skipped="the first connection received no event"), ["NC601"]),
        (scenario("reconnect", client("erin", *RUN), client("frank", *RUN)), ["NC501", "NC508"]),
    ],
)
def test_NC601_is_the_root_if_no_client_received_events_after_it(reconnect: Scenario, roots: list[str]) -> None:
    failure = fault("raised", raised("RuntimeError", "broken", 52))
    startup = Startup().sees(
        failed_tasks=(FailedBackgroundTask("task", "consume", 50.0, failure, at(30), "live"),),
        clients=ClientObservation(
            (
                DELIVERED,
                scenario("slow reader", client("carl", ended="deadline")),
                reconnect,
                scenario("burst", client("dan", sent=3, ended="deadline")),
            )
        ),
        server=ServerObservation("uvicorn", (failure,)),
    )
    found = judge(startup.recording().model_copy(update={"events_contract": contract()})).findings
    assert [finding.code for finding in found if not finding.caused_by] == roots
    severity = Severity.ERROR if roots == ["NC601"] else Severity.WARNING
    assert [finding.severity for finding in found if finding.code == "NC601"] == [severity]


def _late(user: str, *names: str, sent: int = 1) -> ClientLog:
    return client(user, *names, sent=sent, ended="deadline")


_NOBODY = scenario("delivery", _late("alice"), _late("bob"))


@pytest.mark.parametrize(
    ("started_in", "scenarios", "roots"),
    [
        ("startup", [_NOBODY], ["NC601"]),
        ("live", [_NOBODY], ["NC501"]),
        ("startup", [scenario("delivery", client("alice", *RUN), _late("bob", "started"))], ["NC601"]),
        ("startup", [DELIVERED, scenario("burst", _late("dan", *RUN, sent=3))], ["NC601"]),
        (
            "startup",
            [DELIVERED, scenario("reconnect", _late("erin")), scenario("burst", client("dan", *RUN))],
            ["NC509", "NC601"],
        ),
        (
            "startup",
            [
                scenario("delivery", _late("alice", "started"), _late("bob", "started")),
                scenario("reconnect", _late("erin", "started")),
            ],
            ["NC501", "NC601"],
        ),
    ],
    ids=["nothing", "task of a client", "one of two", "in a burst", "the next got all", "the same part for all"],
)
def test_NC601_of_a_task_older_than_its_clients_is_the_root_if_events_broke_off(
    started_in: StageName, scenarios: list[Scenario], roots: list[str]
) -> None:
    failure = fault("raised", raised("RuntimeError", "broken", 52))
    task = FailedBackgroundTask("task", "consume", 50.0, failure, at(30), "live", started_in)
    startup = Startup().sees(
        failed_tasks=(task,),
        clients=ClientObservation(tuple(scenarios)),
        server=ServerObservation("uvicorn", (failure,)),
    )
    found = judge(startup.recording().model_copy(update={"events_contract": contract()})).findings
    assert sorted(finding.code for finding in found if not finding.caused_by) == roots
    assert "NC601" in [finding.code for finding in found]
