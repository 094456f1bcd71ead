"""A connection of one user: a bounded queue of outgoing messages and the task that sends them."""

from __future__ import annotations

import asyncio

from starlette.websockets import WebSocket, WebSocketDisconnect

#: Messages that may wait for a reader. 200 runs of five events fit, more than one user may run at a time.
QUEUE_SIZE = 1024


class Connection:
    """Sends queued messages in order from a separate task, so that callers never wait for the network.

    A slow reader whose queue is full is disconnected: a reader notices the end of a connection, but not a missing
    message. `overrun` then says why the connection ended.

    Must be created inside a running event loop.

    Args:
        websocket: an accepted WebSocket.
        max_queued: number of messages that may wait before the reader is too slow.
    """

    def __init__(self, websocket: WebSocket, max_queued: int = QUEUE_SIZE) -> None:
        self.overrun = False
        self._websocket = websocket
        self._queue: asyncio.Queue[str] = asyncio.Queue(max_queued)
        #: Ends when the connection can no longer send. Cancel it to end the connection without sending the queue.
        self.sender = asyncio.create_task(self._send_queued(), name="connection sender")

    def send(self, text: str) -> bool:
        """Queue one message and return at once.

        Returns:
            False if the connection has ended, or ends because its queue is full.
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
            # The peer has disconnected, or the socket was closed. The receiver is notified as well.
            return
