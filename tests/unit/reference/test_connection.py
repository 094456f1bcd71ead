"""A connection sends in order, never blocks its caller, and disconnects a slow reader."""

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


def test_queued_messages_are_sent_in_order() -> None:
    async def use() -> None:
        peer = Peer()
        connection = Connection(await peer.accepted(), max_queued=50)
        queued = [str(number) for number in range(50)]
        assert all(map(connection.send, queued))
        await until(lambda: peer.read == queued)
        connection.sender.cancel()

    asyncio.run(use())


def test_slow_reader_with_a_full_queue_is_disconnected() -> None:
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


def test_reader_that_catches_up_receives_every_message() -> None:
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


def test_disconnected_peer_ends_the_sender() -> None:
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
