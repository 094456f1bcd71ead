"""A connection: sends in order, waits for nobody, and ends with a reader that is too slow."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.websockets import WebSocket

from netra_contracts.reference.connection import Connection
from tests.unit.reference.connections import until


class Peer:
    """The other end of an accepted WebSocket: reads while `reading` is set."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.gone = False

    async def accepted(self) -> WebSocket:
        """The server's end."""

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            await self.reading.wait()
            if self.gone:
                raise ConnectionResetError
            if message["type"] == "websocket.send":
                self.read.append(message["text"])

        websocket = WebSocket({"type": "websocket"}, receive, send)
        await websocket.accept()
        return websocket


def test_all_that_is_queued_is_sent_in_order() -> None:
    async def use() -> None:
        peer = Peer()
        connection = Connection(await peer.accepted(), max_queued=50)
        queued = [str(number) for number in range(50)]
        assert all(map(connection.send, queued))
        await until(lambda: peer.read == queued)
        connection.sender.cancel()

    asyncio.run(use())


def test_reader_that_is_too_slow_ends_its_connection_and_delays_nobody() -> None:
    async def use() -> None:
        peer = Peer()
        websocket = await peer.accepted()
        peer.reading.clear()
        connection = Connection(websocket, max_queued=3)
        assert connection.send("being sent")
        await asyncio.sleep(0)
        assert [connection.send(text) for text in "abcde"] == [True, True, True, False, False]
        assert connection.overrun
        await until(connection.sender.done)
        assert not connection.send("late")
        assert peer.read == []

    asyncio.run(use())


def test_reader_that_is_slow_for_a_while_misses_nothing() -> None:
    async def use() -> None:
        peer = Peer()
        websocket = await peer.accepted()
        peer.reading.clear()
        connection = Connection(websocket, max_queued=5)
        assert all(map(connection.send, "abcde"))
        peer.reading.set()
        await until(lambda: peer.read == list("abcde"))
        assert not connection.overrun
        connection.sender.cancel()

    asyncio.run(use())


def test_peer_that_has_gone_ends_the_sender() -> None:
    async def use() -> None:
        peer = Peer()
        connection = Connection(await peer.accepted())
        peer.gone = True
        assert connection.send("to nobody")
        await until(connection.sender.done)
        assert connection.sender.exception() is None
        assert not connection.send("to nobody")
        assert not connection.overrun

    asyncio.run(use())
