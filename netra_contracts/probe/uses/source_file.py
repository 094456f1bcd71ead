"""Reads what the reader of the sources has written, a process that the host has started beside this one."""

from __future__ import annotations

import asyncio
import time
from typing import Any, NamedTuple

from ...protocol.codec import ProtocolError, decode
from ...protocol.control import ProbeFailed
from ...protocol.source_usage import SourceUsage
from ..runtime import bounded_calls

#: How long the reader is awaited when startup has ended, in seconds, and how large its result may be, in bytes.
LONGEST_S, MAX_BYTES = 5.0, 32 << 20
_POLL_S = 0.005


class ReadSources(NamedTuple):
    """What the sources say; or why it is unknown, in words."""

    usage: SourceUsage | None
    failure: str = ""


async def wait_for_sources(path: str, longest_s: float) -> ReadSources:
    """Wait until the reader has written its result, and read it. Tasks of the application run meanwhile.

    Args:
        path: of the file that it writes, whole or not at all.
        longest_s: for how long, in seconds.
    """
    end = time.monotonic() + longest_s
    while True:
        with bounded_calls.outside_event_loop():
            content = _content(path)
        if content is not None:
            return _read(content)
        if time.monotonic() >= end:
            return ReadSources(None, f"the sources were not read within {longest_s:g} s after startup")
        await asyncio.sleep(_POLL_S)


def _content(path: str) -> bytes | None:
    """What the file contains; None: there is none yet."""
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        return None


def _read(content: bytes) -> ReadSources:
    if len(content) > MAX_BYTES:
        return ReadSources(None, f"the sources have more accesses than fit into {MAX_BYTES >> 20} MiB")
    try:
        message: Any = decode(content)
        if message.holds(ProbeFailed):
            return ReadSources(None, message.read(ProbeFailed).message)
        return ReadSources(message.read(SourceUsage))
    except ProtocolError as error:
        return ReadSources(None, f"the result of the reader cannot be read: {error}")
