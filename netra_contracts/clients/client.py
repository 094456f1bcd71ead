"""One WebSocket client: it connects, sends, reads continuously, and records what it receives."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from time import perf_counter
from typing import Literal

from websockets.exceptions import ConnectionClosed, WebSocketException

from netra_contracts.clients.connect import CLOSING_S, ConnectFailure, Connection, open_connection, substitute_user
from netra_contracts.clients.event_parser import EventParser, EventReader
from netra_contracts.clients.synthetic_users import ClientUser
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.clients import ClientLog, ReceivedEvent

#: More events than this are read but not kept; in a burst, more than `_MAX_EVENTS_PER_RUN` for each of its runs.
_MAX_EVENTS = 20_000
_MAX_EVENTS_PER_RUN = 100

Ended = Literal["done", "deadline", "closed", "refused", "failed"]


class Client:
    """A client of one user. `record` gives what it has received.

    Args:
        port: where the target is served, on 127.0.0.1.
        contract: the address, the message and the deadline.
        parser: reads messages.
        user: whose client it is.
        token: sent when it connects; None: no token is sent.

    Attributes:
        connection: the open WebSocket; None before it is open.
        text: the message that it sends.
        terminals: how many terminal events were received, without other users' and repeated ones.
        answers: how many events were received that the contract expects.
    """

    def __init__(
        self, port: int, contract: DeliveryContract, parser: EventParser, user: ClientUser, token: str | None
    ) -> None:
        self.user = user
        self.connection: Connection | None = None
        self.terminals = 0
        self.answers = 0
        self._contract = contract
        self._parser = parser
        self._event_reader = EventReader(parser, user.label)
        self._port = port
        self._token = token
        self.text = substitute_user(contract.send, user.id)
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._events: list[ReceivedEvent] = []
        self._max_events = max(_MAX_EVENTS, contract.burst * _MAX_EVENTS_PER_RUN)
        self._truncated = False
        self._sent = 0
        self._sent_at: float | None = None
        self._opened_at = self._ended_at = perf_counter()
        self._ended: Ended = "done"
        self._status: int | None = None
        self._close_code: int | None = None
        self._error = ""
        self._over: Ended | None = None

    @property
    def runs(self) -> set[str]:
        """Keys of the runs received so far, for `reset` of another client."""
        return self._event_reader.runs

    @property
    def received(self) -> int:
        """How many events were received."""
        return len(self._events)

    @property
    def over(self) -> bool:
        """Whether the connection has ended or was never open."""
        return self.connection is None or self._over is not None

    async def open(self, sock: socket.socket | None = None) -> bool:
        """Connect, over `sock` if given. False: the connection was refused or failed."""
        self._opened_at = perf_counter()
        opened = await open_connection(self._port, self._contract, self.user, self._token, sock)
        if isinstance(opened, ConnectFailure):
            self._status, self._error = opened.status, opened.error
            self._end(opened.ended)
            return False
        self.connection = opened
        self._reader = asyncio.create_task(self._read(opened))
        return True

    async def send(self, times: int = 1) -> None:
        """Send the contract's message `times` times, back to back. The times of events count from here."""
        if self.connection is None:
            return
        self._sent_at = perf_counter()
        with contextlib.suppress(ConnectionClosed, TimeoutError):  # `_read` records how it was closed
            async with asyncio.timeout(self._contract.deadline_s):
                for _ in range(times):
                    await self.connection.send(self.text)
                    self._sent += 1

    async def wait(self, condition: Callable[[], bool], seconds: float) -> None:
        """Wait until `condition` holds, the connection ends, or `seconds` have passed; which of them is recorded."""
        if self.connection is None:
            return
        try:
            async with asyncio.timeout(seconds):
                while not condition() and self._over is None:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass
        self._end("done" if condition() else self._over or "deadline")

    async def wait_for_quiet(self, quiet_s: float, max_s: float) -> None:
        """Wait until nothing has been received for `quiet_s` seconds, or `max_s` seconds have passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max_s):
                while not self.over:
                    self._changed.clear()
                    await asyncio.wait_for(self._changed.wait(), quiet_s)

    def reset(self, runs: set[str] | None = None) -> None:
        """Discard the events so far. Later events of `runs`, and of the runs received so far, are ignored."""
        self._event_reader.forget(self._event_reader.runs | (runs or set()))
        self._events.clear()
        self.terminals = self.answers = 0

    async def close(self) -> None:
        """Close with the closing handshake; drop the connection if the server does not answer."""
        if self.connection is not None:
            try:
                async with asyncio.timeout(2 * CLOSING_S):
                    await self.connection.close()
            except TimeoutError:
                self.connection.transport.abort()
        if self._reader is not None:
            await asyncio.wait([self._reader], timeout=CLOSING_S)
            self._reader.cancel()

    def record(self) -> ClientLog:
        """What was received so far."""
        return ClientLog(
            user=self.user.label,
            sent=self._sent,
            events=tuple(self._events),
            ended=self._ended,
            status=self._status,
            close_code=self._close_code if self._ended == "closed" else None,
            ms=_ms(self._ended_at - self._opened_at),
            error=self._error or (f"only the first {self._max_events} events were kept" if self._truncated else ""),
        )

    async def _read(self, connection: Connection) -> None:
        try:
            while True:
                self._record_message(await connection.recv(), connection.arrived)
        except ConnectionClosed as closed:
            self._record_close(closed)
        except WebSocketException as error:
            self._over, self._error = "failed", f"a message could not be read: {type(error).__name__}"
        finally:
            self._over = self._over or "failed"
            self._changed.set()

    def _record_message(self, message: str | bytes, now: float) -> None:
        self._changed.set()
        # What arrived before the message was sent does not answer it: its time is 0.
        event = self._event_reader.event(message, 0.0 if self._sent_at is None else max(0.0, _ms(now - self._sent_at)))
        if event is None:
            return
        self.terminals += event.name == self._parser.terminal and not event.foreign_user and not event.is_repeat
        self.answers += event.name in self._parser.expected
        if len(self._events) < self._max_events:
            self._events.append(event)
        else:
            self._truncated = True

    def _record_close(self, closed: ConnectionClosed) -> None:
        ours_first = closed.sent is not None and not (closed.rcvd is not None and closed.rcvd_then_sent)
        if ours_first:
            # The message violates the protocol or is too large; or the scenario has ended, and this is not read.
            self._over = "failed"
            self._error = f"the client had to close with code {closed.sent.code}" if closed.sent else ""
        else:
            self._over = "closed"
            # RFC 6455, section 7.1.5: without a close frame, the code is 1006.
            self._close_code = closed.rcvd.code if closed.rcvd is not None else 1006

    def _end(self, how: Ended) -> None:
        self._ended, self._ended_at = how, perf_counter()


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
