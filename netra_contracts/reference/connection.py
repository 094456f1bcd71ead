"""One socket of one user: a bounded queue of outgoing messages and the task that sends them."""

from __future__ import annotations

import asyncio

from starlette.websockets import WebSocket, WebSocketDisconnect

#: How many messages may wait for a reader. 200 runs of five events fit, more than one user may run at a time.
QUEUE_SIZE = 1024


class Connection:
    """Sends what is queued, in order, from a task of its own, so that whoever queues never waits for the network.

    The policy for a slow reader: when its queue is full it is behind by `max_queued` messages, and is dropped. A gap in
    what it is told would be worse than an end that it notices. `overrun` then says why the connection ended.

    Must be made inside a running event loop.

    Args:
        websocket: an accepted WebSocket.
        max_queued: how many messages may wait before the reader counts as too slow.
    """

    def __init__(self, websocket: WebSocket, max_queued: int = QUEUE_SIZE) -> None:
        self.overrun = False
        self._websocket = websocket
        self._queue: asyncio.Queue[str] = asyncio.Queue(max_queued)
        #: Ends when the connection can no longer send; cancel it to end the connection with what is queued unsent.
        self.sender = asyncio.create_task(self._send_queued(), name="connection sender")

    def send(self, text: str) -> bool:
        """Queue one message and return at once.

        Returns:
            False if the connection has ended, or ends now because its queue is full.
        """
        if self.sender.done() or self.overrun:
            return False
        try:
            self._queue.put_nowait(text)
        except asyncio.QueueFull:
            self.overrun = True
            self.sender.cancel()
            return False
        return True

    async def _send_queued(self) -> None:
        try:
            while True:
                await self._websocket.send_text(await self._queue.get())
        except (WebSocketDisconnect, RuntimeError):
            # The peer has gone, or the socket was closed meanwhile. Whoever receives from it learns the same.
            return
