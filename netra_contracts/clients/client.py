"""One WebSocket client: it connects, sends, reads continuously, and records what it receives."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Literal

from websockets.exceptions import ConnectionClosed, WebSocketException

from netra_contracts.clients.connect import CLOSING_S, ConnectFailure, Connection, open_connection
from netra_contracts.clients.event_parser import EventParser, EventReader
from netra_contracts.clients.identity import Identity
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ClientLog, ReceivedEvent

#: More events than this are read but not kept; in a burst, more than `_MAX_EVENTS_PER_RUN` for each of its runs.
_MAX_EVENTS = 20_000
_MAX_EVENTS_PER_RUN = 100

#: How long the server may take to answer a ping, in seconds. It is not judged.
_ROUND_TRIP_S = 1.0

#: How long the server may take to send events unasked, in seconds.
_PUSHING_S = 0.25

Ended = Literal["done", "deadline", "closed", "refused", "failed"]


class Client:
    """A client of one user. `record` gives what it has received.

    Args:
        port: where the target is served, on 127.0.0.1.
        contract: the address, the message and the deadline.
        parser: reads messages.
        identity: whose client it is, and with which token.

    Attributes:
        user: whose client it is.
        connection: the open WebSocket; None before it is open.
        message: what it sends; None: nothing, or an empty message.
        pushed: whether connecting started a run, without a message.
        answers: how many events were received that the contract expects.
        answered: whether any event was received that may answer the message.
    """

    def __init__(self, port: int, contract: DeliveryContract, parser: EventParser, identity: Identity) -> None:
        self.user = identity.user
        self.connection: Connection | None = None
        self.answers = 0
        self.answered = False
        self._terminals: Counter[int | None] = Counter()
        self._contract = contract
        self._parser = parser
        self._event_reader = EventReader(parser, identity.user.label)
        self._port = port
        self._identity = identity
        self.message = None if contract.send is None else self._encoded(contract.send)
        self.pushed = False
        self._failed_step = 0
        self._step_events = 0
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._events: list[ReceivedEvent] = []
        self._max_events = max(_MAX_EVENTS, contract.burst * _MAX_EVENTS_PER_RUN)
        self._truncated = False
        self._sent = 0
        self._sent_at: float | None = None
        self._expected_at = 0.0
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

    def ended_runs(self, terminals: int) -> int:
        """How many runs have ended, each with `terminals` terminal events: the user's own, without repeated ones."""
        # An event of one run that comes twice does not end another one.
        return sum(count // terminals if run is None else count >= terminals for run, count in self._terminals.items())

    @property
    def has_failed_step(self) -> bool:
        """Whether an event of a step before the message did not come."""
        return self._failed_step > 0

    @property
    def over(self) -> bool:
        """Whether the connection has ended or was never open."""
        return self.connection is None or self._over is not None

    async def open(self, sock: socket.socket | None = None) -> bool:
        """Connect, over `sock` if given, and go through the steps before the message. False: one of both failed."""
        return await self.connect(sock) and await self.prepare()

    async def connect(self, sock: socket.socket | None = None) -> bool:
        """Connect, over `sock` if given. False: the connection was refused or failed."""
        self._opened_at = perf_counter()
        if self.message is None:
            self._sent_at, self._sent = self._opened_at, 1
        opened = await open_connection(self._port, self._contract, self._identity, sock)
        if isinstance(opened, ConnectFailure):
            self._status, self._error, self._sent = opened.status, opened.error, 0
            self._end(opened.ended)
            return False
        self.connection = opened
        self._reader = asyncio.create_task(self._read(opened))
        await self.round_trip()
        return True

    async def round_trip(self) -> None:
        """Receive what the server has sent unasked so far, such as a greeting: it precedes the answer to a ping."""
        if self.connection is None:
            return
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(_ROUND_TRIP_S):
                await (await self.connection.ping())

    async def prepare(self, max_s: float | None = None) -> bool:
        """Go through the steps before the message. False: an event did not come within `max_s` (None: the deadline)."""
        for number, step in enumerate(self._contract.steps, 1):
            if self.connection is None:
                return False
            if step.send is not None:
                with contextlib.suppress(ConnectionClosed, TimeoutError):
                    async with asyncio.timeout(self._contract.deadline_s):
                        await self.connection.send(self._encoded(step.send))
                continue
            await self.wait(partial(self._position_after, step.expect), max_s or self._contract.deadline_s)
            after = self._position_after(step.expect)
            if not after:
                self._failed_step = number
                return False
            self._step_events = after
        return True

    def _position_after(self, names: Sequence[str]) -> int:
        """How many events came until each of these had come after those of the step before; 0: one did not come."""
        found: list[int] = []
        for name in names:
            positions = range(self._step_events, len(self._events))
            matching = (at for at in positions if at not in found and self._is_own(self._events[at], name))
            position = next(matching, None)
            if position is None:
                return 0
            found.append(position)
        return max(found) + 1

    def _is_own(self, event: ReceivedEvent, name: str) -> bool:
        return event.name == name and (not event.foreign_user or name in self._parser.shared)

    def _encoded(self, text: str) -> str | bytes:
        """A message of the contract, for this client's user, as it is sent."""
        return self._parser.encode(self._identity.fill(text))

    async def send(self, times: int = 1) -> None:
        """Send the contract's message `times` times, back to back. The times of events count from here.

        Without a message, an empty one is sent, unless the server sends events unasked.
        """
        if self.connection is None or (self.message is None and await self._is_pushed()):
            return
        self._sent, self._sent_at = 0, perf_counter()
        with contextlib.suppress(ConnectionClosed, TimeoutError):  # `_read` records how it was closed
            async with asyncio.timeout(self._contract.deadline_s):
                for _ in range(times):
                    await self.connection.send(self.message or "")
                    self._sent += 1

    async def _is_pushed(self) -> bool:
        """Whether the server sends expected events as soon as a client has connected."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PUSHING_S):
                while not self.answers and self._over is None:
                    self._changed.clear()
                    await self._changed.wait()
        self.pushed = self.answers > 0
        return self.pushed

    async def wait(self, condition: Callable[[], object], seconds: float) -> None:
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
        """Wait until no expected event has come for `quiet_s` seconds, or `max_s` seconds have passed."""
        end = perf_counter() + max_s
        quiet_since = perf_counter()
        while not self.over and (now := perf_counter()) < end:
            left = max(quiet_since, self._expected_at) + quiet_s - now
            if left <= 0:
                return
            await asyncio.sleep(min(left, end - now))

    def reset(self, runs: set[str] | None = None) -> None:
        """Begin anew: no event so far, and no later one of these or of earlier `runs`, answers the next message."""
        self._event_reader.forget(self._event_reader.runs | (runs or set()))
        self._events = [dataclasses.replace(event, is_answer=False) for event in self._events]
        self._sent_at = None
        self._sent = self.answers = 0
        self.answered = False
        self._terminals.clear()

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
            connected=self.connection is not None,
            failed_step=self._failed_step,
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
        # What arrived before the message was sent does not answer it.
        ms = None if self._sent_at is None or now < self._sent_at else _ms(now - self._sent_at)
        for event in self._event_reader.events(message, ms):
            if event.name in self._parser.expected:
                self._expected_at = now
            if event.is_answer:
                self._count(event)
            if len(self._events) < self._max_events:
                self._events.append(event)
            else:
                self._truncated = True

    def _count(self, event: ReceivedEvent) -> None:
        self.answered = True
        self.answers += event.name in self._parser.expected
        own = not event.foreign_user or event.name in self._parser.shared
        if event.name == self._parser.terminal and own and not event.is_repeat:
            self._terminals[event.run if self._parser.run_path else None] += 1

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
