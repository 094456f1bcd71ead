"""One WebSocket client: it connects, sends, reads all the time, and keeps what it saw."""

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

#: More messages than this are read but not kept; a burst may have `_MOST_EVENTS_OF_A_RUN` for each.
MOST_EVENTS = 20_000
_MOST_EVENTS_OF_A_RUN = 100

Ended = Literal["done", "deadline", "closed", "refused", "failed"]


class Client:
    """A client of one user. Its state is read with `record`.

    Attributes:
        connection: the open WebSocket; None before it is open.
        text: what it sends.
        terminals: how many terminal events have come that are the user's own and no repetitions.
        answers: how many events have come that the contract expects.
    """

    def __init__(
        self, port: int, contract: DeliveryContract, grammar: EventParser, user: ClientUser, token: str | None
    ) -> None:
        self.user = user
        self.connection: Connection | None = None
        self.terminals = 0
        self.answers = 0
        self._contract = contract
        self._grammar = grammar
        self._messages = EventReader(grammar, user.label)
        self._port = port
        self._token = token
        self.text = substitute_user(contract.send, user.id)
        self._reader: asyncio.Task[None] | None = None
        self._stirred = asyncio.Event()
        self._events: list[ReceivedEvent] = []
        self._most = max(MOST_EVENTS, contract.burst * _MOST_EVENTS_OF_A_RUN)
        self._left_out = False
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
        """Keys of the runs seen so far, for another client's `start_over`."""
        return self._messages.runs

    @property
    def received(self) -> int:
        """How many events have come."""
        return len(self._events)

    @property
    def over(self) -> bool:
        """Whether the connection has ended, or never was."""
        return self.connection is None or self._over is not None

    async def open(self, sock: socket.socket | None = None) -> bool:
        """Connect, over `sock` if there is one. False: refused, or failed in another way."""
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
        """Send the contract's message, several times back to back. Events' times count from here."""
        if self.connection is None:
            return
        self._sent_at = perf_counter()
        with contextlib.suppress(ConnectionClosed, TimeoutError):  # The reader tells how it was closed.
            async with asyncio.timeout(self._contract.deadline_s):
                for _ in range(times):
                    await self.connection.send(self.text)
                    self._sent += 1

    async def wait(self, condition: Callable[[], bool], seconds: float) -> None:
        """Until `condition` holds, the server closes, or the time is over: that is how the client ended."""
        if self.connection is None:
            return
        try:
            async with asyncio.timeout(seconds):
                while not condition() and self._over is None:
                    self._stirred.clear()
                    await self._stirred.wait()
        except TimeoutError:
            pass
        self._end("done" if condition() else self._over or "deadline")

    async def wait_for_quiet(self, quiet_s: float, most_s: float) -> None:
        """Until nothing has come for `quiet_s` seconds, or `most_s` are over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                while not self.over:
                    self._stirred.clear()
                    await asyncio.wait_for(self._stirred.wait(), quiet_s)

    def start_over(self, runs: set[str] | None = None) -> None:
        """Forget all events so far. What comes later of `runs`, or of any run seen so far, does not count either."""
        self._messages.forget(self._messages.runs | (runs or set()))
        self._events.clear()
        self.terminals = self.answers = 0

    async def close(self) -> None:
        """Close as the protocol has it; the connection is dropped if the server does not answer."""
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
        """What was seen so far."""
        return ClientLog(
            user=self.user.label,
            sent=self._sent,
            events=tuple(self._events),
            ended=self._ended,
            status=self._status,
            close_code=self._close_code if self._ended == "closed" else None,
            ms=_ms(self._ended_at - self._opened_at),
            error=self._error or (f"only the first {self._most} messages were kept" if self._left_out else ""),
        )

    async def _read(self, connection: Connection) -> None:
        try:
            while True:
                self._note(await connection.recv(), connection.arrived)
        except ConnectionClosed as closed:
            self._note_close(closed)
        except WebSocketException as error:
            self._over, self._error = "failed", f"a message could not be read: {type(error).__name__}"
        finally:
            self._over = self._over or "failed"
            self._stirred.set()

    def _note(self, message: str | bytes, now: float) -> None:
        self._stirred.set()
        # Nothing can answer what was not sent: a greeting, or what had arrived when it was sent.
        event = self._messages.event(message, 0.0 if self._sent_at is None else max(0.0, _ms(now - self._sent_at)))
        if event is None:
            return
        self.terminals += event.name == self._grammar.terminal and not event.foreign_user and not event.is_repeat
        self.answers += event.name in self._grammar.expected
        if len(self._events) < self._most:
            self._events.append(event)
        else:
            self._left_out = True

    def _note_close(self, closed: ConnectionClosed) -> None:
        ours_first = closed.sent is not None and not (closed.rcvd is not None and closed.rcvd_then_sent)
        if ours_first:
            # A message that breaks the protocol or is too large; or the scenario is over, and nobody asks.
            self._over = "failed"
            self._error = f"the client had to close with code {closed.sent.code}" if closed.sent else ""
        else:
            self._over = "closed"
            # RFC 6455, section 7.1.5: no close frame at all is 1006.
            self._close_code = closed.rcvd.code if closed.rcvd is not None else 1006

    def _end(self, how: Ended) -> None:
        self._ended, self._ended_at = how, perf_counter()


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
