"""Messages between host and probe: what one side encodes, the other side reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netra_contracts.errors import ToolError
from netra_contracts.model.recording import read_message
from netra_contracts.protocol import codec
from netra_contracts.protocol.codec import ProtocolError, decode, encode, to_json
from netra_contracts.protocol.control import (
    ClientsDone,
    DeclarationProblem,
    LaunchRequest,
    Loaded,
    MakeTokens,
    ProbeFailed,
    Serving,
    StageStarted,
    TokenRequest,
    Tokens,
    UnresolvedName,
    UnresolvedNames,
)
from netra_contracts.protocol.framing import FrameBuffer, frame
from netra_contracts.protocol.observed.observation import TargetInfo
from netra_contracts.protocol.plan import IsolationRequest, Plan, PlanItem, Question, ServeRequest, TypeSpec

PLAN = Plan(
    items=(
        PlanItem(Question("fits", "pool", type=TypeSpec("Pool | None", ("main:Pool", "None"), (1, "a"))), "READINESS"),
        PlanItem(Question("bound", "pool", "size", operator="gt", operand=0)),
    ),
    check_modules=("checks",),
    per_user=(IsolationRequest("factory", "create", shared=("pool",)),),
    serve=ServeRequest("main:token_for"),
)

#: Any text that Python can hold, lone surrogates included.
any_text = st.text(st.characters(exclude_categories=()), max_size=8)


def texts_of(message: Any) -> str:
    """All texts of a message, one after another."""
    return "".join(map(texts_of, message)) if isinstance(message, list) else str(message)


@pytest.mark.parametrize(
    "record",
    [
        LaunchRequest("main", "app", None, "src", ("contracts:CONTRACTS",), 30.0, 10.0, 0.5, "/crash", "/journal"),
        PLAN,
        Plan(),
        Loaded(TargetInfo("main:app", "main")),
        UnresolvedNames((UnresolvedName("pool", "type", "`main` has no `Poole`", "main:Pool"),)),
        StageStarted("startup", 1.5, {"140": "", "141": "/api"}),
        Serving(8000),
        MakeTokens((TokenRequest("alice-1"), TokenRequest("bob-1", {"exp": 0}))),
        Tokens(("a", None)),
        ClientsDone(),
        ProbeFailed("ValueError: no", ("session.py:1 in run",)),
    ],
    ids=lambda record: type(record).__name__,
)
def test_record_is_built_again_from_its_message(record: object) -> None:
    message = decode(encode(record))
    assert message.holds(type(record))
    assert message.read(type(record)) == record
    assert read_message(type(record), message) == record


def test_message_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "VERSION", 1)
    message = encode(Plan())
    monkeypatch.undo()
    with pytest.raises(ProtocolError, match=f"received Plan in version 1 of the protocol, .* {codec.VERSION}"):
        decode(message)


@pytest.mark.parametrize("message", [b"", b"{}", b"[]\n{}", b"{\n", b'"Plan"'])
def test_bytes_that_are_not_a_message_are_refused(message: bytes) -> None:
    with pytest.raises(ProtocolError, match="not a message"):
        decode(message)


def test_message_of_another_kind_is_refused() -> None:
    with pytest.raises(ProtocolError, match="expected Plan, received ClientsDone"):
        decode(encode(ClientsDone())).read(Plan)


@pytest.mark.parametrize("body", [b'{"surprise":1}', b"[1]", b"{", b'{"items":[{"phase":null}]}'])
def test_message_with_other_fields_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="Plan cannot be read"):
        codec.Message("Plan", body).read(Plan)


def test_host_refuses_a_field_of_another_type() -> None:
    with pytest.raises(ToolError, match="the probe sent a Serving that cannot be read: port"):
        read_message(Serving, codec.Message("Serving", b'{"port":"none"}'))


def test_messages_are_split_wherever_the_stream_was_cut() -> None:
    messages = [encode(Serving(1)), b"", encode(PLAN)]
    stream = b"".join(map(frame, messages))
    for step in (1, 3, len(stream)):
        buffer = FrameBuffer()
        received = [m for at in range(0, len(stream), step) for m in buffer.feed(stream[at : at + step])]
        assert received == messages


def test_lone_surrogates_become_readable_text() -> None:
    assert to_json({"name": "a\udc80"}) == rb'{"name":"a\\udc80"}'
    assert to_json({"name": "\U0001f600"}) == rb'{"name":"\ud83d\ude00"}'


@given(st.recursive(st.none() | st.booleans() | st.integers() | any_text, st.lists, max_leaves=5))
@example("\ud800\udc00 \\ud800 \ud800")
@example("\udfff\ud800")
def test_message_is_json_that_the_other_side_reads_back(message: Any) -> None:
    encoded = to_json(message)
    assert encoded.decode("utf-8").isascii()
    read = json.loads(encoded)
    read_again = to_json(read)
    assert read_again == encoded  # nothing was left that needs to be escaped
    if not any(0xD800 <= ord(char) <= 0xDFFF for char in texts_of(message)):
        assert read == message


def test_message_with_lone_surrogates_is_validated_by_the_host() -> None:
    sent = decode(encode(DeclarationProblem("caf\udce9", "it\ud800s")))
    assert read_message(DeclarationProblem, sent) == DeclarationProblem(r"caf\udce9", r"it\ud800s")
