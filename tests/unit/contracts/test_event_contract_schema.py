"""Event contracts are read from TOML and Python; problems are reported with their positions."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from netra_contracts.contracts.consistency import check_events
from netra_contracts.contracts.model import ClientStep, ContractSource, DeliveryContract, ExpectedEvent, Severity
from netra_contracts.contracts.python_contracts import events_from_declared
from netra_contracts.declare import EventTerms
from netra_contracts.errors import Problem, UsageError
from netra_contracts.protocol.control import DeclaredEvents
from netra_contracts.protocol.location import Location
from netra_contracts.settings.bootstrap_config import ConfigFile
from netra_contracts.settings.configuration import events_from_toml, load_settings

LEAST = 'path = "/ws"\nexpect = ["started", "completed"]\n'


def config(terms: str) -> ConfigFile:
    text = f"[events]\n{terms}"
    return ConfigFile(str(Path.cwd() / "netra-contracts.toml"), str(Path.cwd()), "", tomllib.loads(text), text)


def read(terms: str) -> DeliveryContract:
    file = config(terms)
    found = events_from_toml(load_settings(file), file)
    assert found is not None
    return found


def problems(terms: str) -> list[Problem]:
    with pytest.raises(UsageError) as caught:
        load_settings(config(terms))
    return list(caught.value.problems)


def problem(terms: str) -> Problem:
    (only,) = problems(terms)
    return only


def declared(line: int = 7, **terms: Any) -> DeclaredEvents:
    return DeclaredEvents(terms, Location(str(Path.cwd() / "contracts.py"), line), "contracts:CONTRACTS")


class TestTerms:
    def test_terms_that_are_not_given_have_defaults(self) -> None:
        found = read(LEAST)
        assert found.expect == (ExpectedEvent(name="started"), ExpectedEvent(name="completed"))
        assert (found.terminal, found.event_field, found.ordered) == ("completed", "type", True)
        assert (found.users, found.deadline_s, found.within_ms) == (10, 10.0, None)
        assert (found.token, found.reject_bad_tokens, found.severity) == ("", False, Severity.ERROR)
        assert not any([found.slow_reader, found.reconnect, found.expiry, found.burst, found.readiness])

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ('"delta"', ExpectedEvent(name="delta")),
            ('{ event = "delta", optional = true }', ExpectedEvent(name="delta", at_least=0, at_most=1)),
            ('{ event = "delta", at-least = 3 }', ExpectedEvent(name="delta", at_least=3, at_most=None)),
            ('{ event = "delta", at-most = 3 }', ExpectedEvent(name="delta", at_least=1, at_most=3)),
            ('{ event = "delta", at-least = 0 }', ExpectedEvent(name="delta", at_least=0, at_most=None)),
            ('{ event = "delta", at-least = 2, at-most = 2 }', ExpectedEvent(name="delta", at_least=2, at_most=2)),
        ],
    )
    def test_expected_events_have_a_number_of_occurrences(self, written: str, expected: ExpectedEvent) -> None:
        assert read(f'path = "/ws"\nexpect = [{written}]').expect == (expected,)

    def test_message_that_is_a_table_is_sent_as_json(self) -> None:
        sent = read(LEAST + 'send = { type = "x", n = [1, "ü"] }').send
        assert json.loads(sent or "") == {"type": "x", "n": [1, "ü"]}
        assert read(LEAST + 'send = "ping {user}"').send == "ping {user}"

    def test_message_may_be_absent_or_empty(self) -> None:
        assert (read(LEAST).send, read(LEAST + 'send = ""').send) == (None, "")

    def test_steps_precede_the_message(self) -> None:
        steps = '[{ send = { type = "join" } }, { expect = ["a", "b"] }, { send = "go" }]'
        found = read(f"{LEAST}send = {steps}")
        assert found.steps == (ClientStep(send='{"type": "join"}'), ClientStep(expect=("a", "b")))
        assert found.send == "go"
        assert read(LEAST + 'send = [{ expect = "a" }, { type = "go" }]').send == '{"type": "go"}'

    @pytest.mark.parametrize("message", ['["1", "topic", {}]', '[{ type = "a" }, { type = "b" }]', "[]"])
    def test_list_without_steps_is_a_message(self, message: str) -> None:
        found = read(f"{LEAST}send = {message}")
        assert found.steps == ()
        assert isinstance(json.loads(found.send or ""), list)

    @pytest.mark.parametrize(
        ("steps", "message", "hint"),
        [
            ('[{ sned = "a" }, { expect = "b" }, "go"]', "step 1 of send is neither", 'did you mean "send"?'),
            ('[{ expct = "b" }]', "step 1 of send is neither", 'did you mean "expect"?'),
            ('[{ expect = "b", then = 1 }, { send = "go" }]', "step 1 of send is neither", 'remove "then"'),
            ('[{ send = "a" }, { expect = "b" }]', "send ends with an event to wait for", "end with { send = ... }"),
            ('[{ expect = 3 }, { send = "go" }]', "expect in step 1 of send must be the name", ""),
            ('[{ send = 3 }, { expect = "a" }, "go"]', "step 1 of send must be a table or a string", "write e.g."),
        ],
    )
    def test_wrong_step_is_reported_with_its_number(self, steps: str, message: str, hint: str) -> None:
        found = problem(f"{LEAST}send = {steps}")
        assert message in found.message
        assert hint in found.hint

    def test_values_of_the_handshake_are_texts_or_functions(self) -> None:
        found = read(
            LEAST
            + """
            headers = { X-A = "{user}", X-B = "myapp.auth:key", X-C = { value = "tenant:acme" } }
            cookies = "myapp:cookies"
            origin = "myapp:origin"
            subprotocols = ["v1", "{user}"]
            """
        )
        assert found.headers == {"X-A": "{user}", "X-C": "tenant:acme"}
        assert (found.cookies, found.client_origin, found.subprotocols) == ({}, "", ("v1", "{user}"))
        assert found.functions == {
            "headers.X-B": "myapp.auth:key",
            "cookies": "myapp:cookies",
            "origin": "myapp:origin",
        }
        assert read(LEAST + 'origin = "https://a.org"').client_origin == "https://a.org"
        assert "tenant:acme" not in found.model_dump_json()

    @pytest.mark.parametrize(
        ("written", "message"),
        [
            ("headers = 3", "headers must be a table"),
            ('headers = { Cookie = "a=b" }', 'headers cannot set "Cookie"'),
            ('headers = { "X Y" = "a" }', '"X Y" cannot be a name in headers'),
            ('headers = { X = "a\\nb" }', "headers.X contains a line break"),
            ("cookies = { a = 1 }", "cookies.a must be a text"),
            ('origin = "example.org"', '"example.org" is not an origin'),
            ('subprotocols = ["a b"]', '"a b" cannot be the name of a subprotocol'),
            ('send = { token = "{token}" }', "{token} needs a token"),
            ('token = "m:t"\ntoken-in = "placeholder"', "nothing contains {token}"),
            ('format = "mspack"', '"mspack"'),
        ],
    )
    def test_wrong_handshake_or_combination_is_reported(self, written: str, message: str) -> None:
        assert message in problem(LEAST + written).message

    def test_token_in_a_placeholder_is_sent_nowhere_else(self) -> None:
        token = LEAST + 'token = "m:t"\n'
        more = ("", 'send = { auth = "{token}" }', 'token-in = "query"\nheaders = { X = "{token}" }')
        assert [read(token + terms).token_in for terms in more] == ["header", "placeholder", "query"]

    @pytest.mark.parametrize(
        ("written", "name"),
        [
            ("", ""),
            ('token-in = "query"', "token"),
            ('token-in = "subprotocol"', "bearer"),
            ('token-in = "query"\ntoken-name = "ticket"', "ticket"),
        ],
    )
    def test_token_name_has_a_default_for_each_location(self, written: str, name: str) -> None:
        assert read(f'{LEAST}token = "myapp:token_for"\n{written}').token_name == name

    def test_bad_tokens_are_tested_by_default_if_there_is_a_token(self) -> None:
        token = LEAST + 'token = "myapp:token_for"\n'
        assert read(token).reject_bad_tokens
        assert not read(token + "reject-bad-tokens = false").reject_bad_tokens

    def test_origin_is_the_line_of_the_table(self) -> None:
        found = read(LEAST)
        assert found.origin.text == "netra-contracts.toml:1: events"
        assert found.origin.location is not None
        assert found.origin.location.line == 1


class TestFaults:
    @pytest.mark.parametrize(
        ("terms", "place", "message", "hint"),
        [
            (LEAST + "sned = {}", "4: events.sned", 'there is no key "sned"', 'did you mean "send"?'),
            (LEAST + "deadline-s = 3", "4: events.deadline-s", 'no key "deadline-s"', "deadline"),
            ('expect = ["a"]', "1: events", "path is missing", "add path = ..."),
            ('path = "/ws"', "1: events", "expect is missing", "add expect = ..."),
            ('path = "/ws"\nexpect = []', "3: events.expect", "expect", ""),
            ('path = "ws"\nexpect = ["a"]', "2: events.path", '"ws" is not a path', '"/ws"'),
            (
                LEAST + 'terminal = "complete"',
                "4: events.terminal",
                'terminal is "complete", which is not expected',
                'did you mean "completed"?',
            ),
            (
                'path = "/ws"\nexpect = ["a", "b", "a"]',
                "3: events.expect",
                'expect names "a" more than once',
                '{ event = "a", at-least = 2 }',
            ),
            (
                'path = "/ws"\nexpect = [{ event = "a", at-leest = 2 }]',
                "3: events.expect[0].at-leest",
                'there is no key "at-leest"',
                'did you mean "at-least"?',
            ),
            (
                'path = "/ws"\nexpect = [{ event = "a", at-least = 3, at-most = 2 }]',
                "3: events.expect[0]",
                '"a" cannot occur at least 3 and at most 2 times',
                "",
            ),
            (LEAST + "expiry = true", "1: events", "expiry needs a token", "token = ..."),
            (LEAST + "reject-bad-tokens = true", "1: events", "reject-bad-tokens needs a token", "token = ..."),
            (LEAST + 'token-in = "cookie"', "4: events.token-in", "cookie", "header"),
            (LEAST + 'token = "token_for"', "4: events.token", "token_for", ":"),
            (LEAST + "users = 0", "4: events.users", "users must be at least 1, not 0", ""),
            (LEAST + "within-ms = 0", "4: events.within-ms", "within-ms must be more than 0, not 0", ""),
            (LEAST + "send = 3", "4: events.send", "send must be a table or a string", "user_message"),
        ],
    )
    def test_invalid_term_is_reported_with_its_position(self, terms: str, place: str, message: str, hint: str) -> None:
        found = problem(terms)
        assert message in found.message
        assert hint in found.hint
        assert found.place.endswith(place)

    def test_all_problems_are_reported_at_once(self) -> None:
        found = problems('paht = "/ws"\nexpect = ["a", "b", "a"]\nterminal = "c"\nusers = 0')
        messages = " ".join(one.message for one in found)
        for part in ("path is missing", '"paht"', '"a" more than once', "users must be"):
            assert part in messages


class TestPython:
    def test_terms_of_python_mean_the_same_as_in_toml(self) -> None:
        terms: dict[str, Any] = {
            "path": "/ws",
            "token": "myapp:token_for",
            "token_in": "query",
            "token_name": "ticket",
            "headers": {"X-User": "{user}", "X-Key": "myapp:key_for"},
            "cookies": "myapp:cookies_for",
            "origin": "https://example.org",
            "subprotocols": ["v1.chat"],
            "send": [{"send": {"type": "join"}}, {"expect": "joined"}, {"send": {"type": "x"}}],
            "format": "json",
            "shared": ["d"],
            "events_field": "es",
            "expect": ["a", {"event": "b", "at_least": 2}, "c"],
            "ordered": False,
            "terminal": "c",
            "event_field": "e",
            "run_field": "r",
            "id_field": "i",
            "within_ms": 5,
            "deadline": 2,
            "users": 3,
            "reject_bad_tokens": True,
            "slow_reader": True,
            "reconnect": True,
            "expiry": True,
            "burst": 4,
            "readiness": "/ready",
            "severity": "warning",
            "impact": "im",
            "docs": "d",
        }
        assert set(terms) == set(EventTerms.__annotations__), "every term of a declaration is tried"
        (found,) = events_from_declared([declared(**terms)])
        toml = """
            path = "/ws"
            token = "myapp:token_for"
            token-in = "query"
            token-name = "ticket"
            headers = { X-User = "{user}", X-Key = "myapp:key_for" }
            cookies = "myapp:cookies_for"
            origin = "https://example.org"
            subprotocols = ["v1.chat"]
            send = [{ send = { type = "join" } }, { expect = "joined" }, { send = { type = "x" } }]
            format = "json"
            shared = ["d"]
            events-field = "es"
            expect = ["a", { event = "b", at-least = 2 }, "c"]
            ordered = false
            terminal = "c"
            event-field = "e"
            run-field = "r"
            id-field = "i"
            within-ms = 5
            deadline = 2
            users = 3
            reject-bad-tokens = true
            slow-reader = true
            reconnect = true
            expiry = true
            burst = 4
            readiness = "/ready"
            severity = "warning"
            impact = "im"
            docs = "d"
        """
        assert found.model_copy(update={"origin": ContractSource()}) == read(toml).model_copy(
            update={"origin": ContractSource()}
        )
        assert found.origin.location == Location(str(Path.cwd() / "contracts.py"), 7)

    def test_invalid_term_is_reported_in_the_spelling_of_python(self) -> None:
        with pytest.raises(UsageError) as caught:
            events_from_declared([declared(path="/ws", expect=["a"], within_ms=-1)])
        (found,) = caught.value.problems
        assert "within_ms must be more than 0" in found.message
        assert found.place.startswith("contracts.py:7")

    def test_equal_event_contracts_have_no_problems(self) -> None:
        twice = [*events_from_declared([declared(path="/ws", expect=["started", "completed"])]), read(LEAST)]
        assert check_events(twice) == []

    def test_different_event_contracts_are_reported_with_both_positions(self) -> None:
        twice = [*events_from_declared([declared(path="/other", expect=["started", "completed"])]), read(LEAST)]
        (found,) = check_events(twice)
        assert "declared twice" in found.message
        assert "contracts.py:7" in found.message
        assert found.place.startswith("netra-contracts.toml:1")
