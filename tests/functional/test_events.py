"""What real clients meet of applications that fail while they serve: each failure is found under its own code."""

from __future__ import annotations

import pytest

from tests.functional.cases import Case, table
from tests.functional.harness import Json, Runner

ALL = ("--contracts", "all.toml")
EXPIRY = ("--contracts", "expiry.toml")
ALL_EVENTS = ("agent_started", "tool_completed", "agent_completed")
FAULTS = (
    Case("events/faults", ("NC504",), target="f26_broadcast_to_all:app", args=ALL,
         says=("received `agent_started` of ", "wrong users")),
    Case("events/faults", ("NC504",), target="f27_agent_of_all:app", args=ALL, also=("NC501",),
         says=("received `agent_started` of ", "wrong users")),
    Case("events/faults", ("NC504",), target="f34_worker_inherits_context:app", args=ALL, also=("NC501",),
         says=("received `agent_started` of ", "wrong users")),
    Case("events/faults", ("NC501",), target="f35_published_before_subscribed:app", args=ALL,
         says=("alice and 2 more never got `agent_completed`, in 1 s", "what came: `agent_started`, `tool_completed`")),
    Case("events/faults", ("NC502",), target="f36_completed_overtakes:app", args=ALL,
         says=("`agent_completed` came before `tool_completed`", "seen by alice and")),
    Case("events/faults", ("NC509",), target="f37_old_socket_evicts_new:app", args=ALL,
         says=("after it had reconnected", "never got `agent_started`")),
    Case("events/faults", ("NC509",), target="f38_sockets_change_meanwhile:app", args=ALL,
         says=("after it had reconnected",), why=("RuntimeError: Set changed size during iteration",),
         at="for websocket in self.sockets", file="f38_sockets_change_meanwhile.py"),
    Case("events/faults", ("NC508",), target="f39_one_sender_for_all:app", args=ALL,
         says=("while one client did not read", "and 2 more never got `agent_started`")),
    Case("events/faults", ("NC505",), target="f40_subscribed_again:app", args=ALL,
         says=(*(f"`{name}` came 2 times" for name in ALL_EVENTS), "after a reconnect")),
    Case("events/faults", ("NC501",), target="f41_sent_from_thread:app", args=ALL,
         says=("alice and 2 more never got `tool_completed`, though the run had ended",),
         why=("RuntimeError: no running event loop",), at="create_task(websocket.send_json(event))",
         file="f41_sent_from_thread.py"),
    Case("events/faults", ("NC501",), target="f41_sent_from_executor:app", args=ALL,
         why=("RuntimeError: no running event loop",), at="create_task(websocket.send_json(event))",
         file="f41_sent_from_executor.py"),
    Case("events/faults", ("NC510",), target="f42_outlives_token:app", args=EXPIRY,
         says=("a second after its token had expired", "was still served: `agent_started`")),
    Case("events/faults", ("NC506",), target="lenient:no_token", args=ALL,
         says=("a client without a token was served", "it received `agent_started`")),
    Case("events/faults", ("NC506",), target="lenient:expired_token", args=ALL,
         says=("with an expired token was served",)),
    Case("events/faults", ("NC506",), target="lenient:wrong_signature", args=ALL,
         says=("with a token whose signature is wrong was served",)),
    Case("events/faults", ("NC506",), target="lenient:alg_none", args=ALL,
         says=("with an unsigned token (`alg: none`) was served",)),
    Case("events/faults", ("NC506",), target="lenient:another_audience", args=ALL,
         says=("with a token for another audience was served",)),
    Case("events/faults", target="lenient:accepted_and_closed", args=ALL, exit_code=0),
    Case("events/faults", target="clean:app", args=ALL, exit_code=0),
    Case("events/faults", target="clean:app", args=EXPIRY, exit_code=0),
)  # fmt: skip


@table(FAULTS)
def test_failure_that_users_meet_is_told_by_its_own_code(run: Runner, case: Case) -> None:
    case.try_out(run)


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
    assert reasons.keys() == EVERY, outcome.told
    assert all(reason in told for reasons_told in reasons.values() for told in reasons_told), reasons
