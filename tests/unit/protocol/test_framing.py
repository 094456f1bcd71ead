"""Messages arrive as they were sent, however the stream is cut; what something else wrote is never a message."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.protocol.framing import HEADER, MAX_MESSAGE, SEAL_SIZE, DamagedError, FrameBuffer, frame

SEAL = bytes(range(100, 100 + SEAL_SIZE))
_MESSAGES = st.lists(st.binary(max_size=40), max_size=4)


def _received(stream: bytes, step: int) -> list[bytes]:
    """The messages in a stream, up to where it is damaged."""
    buffer = FrameBuffer(SEAL)
    received: list[bytes] = []
    with contextlib.suppress(DamagedError):
        for at in range(0, len(stream), step):
            received.extend(buffer.feed(stream[at : at + step]))
    return received


@given(_MESSAGES, st.integers(1, 50))
def test_messages_are_split_wherever_the_stream_was_cut(messages: list[bytes], step: int) -> None:
    assert _received(b"".join(frame(message, SEAL) for message in messages), step) == messages


@given(_MESSAGES, st.binary(min_size=1, max_size=60), st.integers(0, 10_000), st.integers(1, 50))
def test_bytes_that_something_else_wrote_never_become_a_message(
    messages: list[bytes], written: bytes, position: int, step: int
) -> None:
    stream = b"".join(frame(message, SEAL) for message in messages)
    at = position % (len(stream) + 1)
    received = _received(stream[:at] + written + stream[at:], step)
    assert received == messages[: len(received)]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(frame(b"{}"), id="no seal"),
        pytest.param(frame(b"{}", bytes(SEAL_SIZE)), id="another seal"),
        pytest.param(bytes(range(64)), id="no frame"),
        pytest.param(HEADER.pack(MAX_MESSAGE) + bytes(64), id="the longest message"),
    ],
)
def test_bytes_without_the_seal_are_damage_before_their_end(written: bytes) -> None:
    with pytest.raises(DamagedError):
        list(FrameBuffer(SEAL).feed(written[: HEADER.size + SEAL_SIZE]))


def test_length_beyond_the_limit_is_damage() -> None:
    with pytest.raises(DamagedError):
        list(FrameBuffer(SEAL).feed(HEADER.pack(MAX_MESSAGE + 1) + SEAL))
