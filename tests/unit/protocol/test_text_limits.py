"""Limits of the texts that the probe sends."""

from __future__ import annotations

from netra_contracts.protocol.codec import decode, encode
from netra_contracts.protocol.control import MakeTokens, TokenRequest
from netra_contracts.protocol.observed.observation import Observation, PhaseCheckResult, TargetInfo
from netra_contracts.protocol.text_limits import MAX_NAME, MAX_TEXT, limited

LONG = "n" * 1_000_000


def test_name_within_the_limit_is_unchanged() -> None:
    assert limited("n" * MAX_NAME) == "n" * MAX_NAME


def test_names_that_differ_only_beyond_the_limit_remain_different() -> None:
    one, other = limited(f"{LONG}1"), limited(f"{LONG}2")
    assert len(one) == len(other) == MAX_NAME
    assert one != other
    assert limited(f"{LONG}1") == one
    assert one.startswith("nnnn")
    assert "[1000001 characters, sha256 " in one


def test_name_with_lone_surrogates_can_be_limited() -> None:
    assert len(limited("\ud800" * 1000)) == MAX_NAME


def test_every_text_of_an_observation_is_limited_where_it_is_sent() -> None:
    run = PhaseCheckResult(LONG, "readiness", requires=(LONG, "pool"), messages=("fine", f"{LONG}1", f"{LONG}2"))
    sent = encode(Observation(TargetInfo(LONG, "main"), phase_checks=(run,)), limit=True)
    assert len(sent) < 10 * MAX_TEXT
    seen = decode(sent).read(Observation)
    assert len(seen.target.spec) == len(seen.phase_checks[0].name) == MAX_TEXT
    fine, first, second = seen.phase_checks[0].messages
    assert fine == "fine"
    assert first != second
    assert seen.phase_checks[0].requires == (limited(LONG, MAX_TEXT), "pool")


def test_messages_other_than_observations_are_sent_whole() -> None:
    asked = MakeTokens((TokenRequest(LONG),))
    assert decode(encode(asked)).read(MakeTokens) == asked
