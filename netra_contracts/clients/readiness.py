"""What the readiness URL answers from the first connection on."""

from __future__ import annotations

import asyncio
import re
from time import perf_counter
from urllib.parse import quote

from netra_contracts.protocol.observed.clients import ReadinessResult

_INTERVAL_S = 0.05
_READY = 200

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})\b")


async def poll(port: int, path: str, deadline_s: float, done: asyncio.Event) -> ReadinessResult:
    """Request the URL until it answers 200, the deadline has passed, or `done` is set and it has answered."""
    began = perf_counter()
    first: int | None = None
    last: int | None = None
    first_at = began
    while (left := deadline_s - (perf_counter() - began)) > 0:
        status = await _ask(port, path, left)
        now = perf_counter()
        if status is not None:
            if first is None:
                first, first_at = status, now
            last = status
        if status == _READY:
            return ReadinessResult(first, round((now - first_at) * 1000, 3), last)
        if first is not None and done.is_set():
            break
        await asyncio.sleep(_INTERVAL_S)
    return ReadinessResult(first, None, last)


async def _ask(port: int, path: str, max_s: float) -> int | None:
    """The status of one response; None: there was none."""
    # Characters that a URL may contain are not encoded.
    target = quote(path, safe="/?&=%:@!$'()*+,;~-._")
    request = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(max_s):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(request.encode("ascii"))
                found = _STATUS.match(await reader.readline())
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return None
    return int(found[1]) if found else None
