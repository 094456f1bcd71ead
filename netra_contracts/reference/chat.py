"""The WebSocket of one user: each message starts a run, whose events are sent back."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

from starlette.datastructures import State
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from netra_contracts.reference.auth import SUBPROTOCOL, Identity, InvalidTokenError, bearer_token
from netra_contracts.reference.connection import Connection
from netra_contracts.reference.context import fresh_id, user_context

logger = logging.getLogger(__name__)

#: Close code: the reader is too slow and may reconnect.
TRY_AGAIN_LATER = 1013
#: Close code: the token has expired. 4000 to 4999 are for private use (RFC 6455, section 7.4.2); 401 is Unauthorized.
TOKEN_EXPIRED = 4401
#: Seconds that the runs of a closed socket may take to end: the user may have reconnected, or have another socket.
RUN_GRACE_S = 30.0
#: Seconds that a peer which does not read may delay its own close message.
CLOSE_TIMEOUT_S = 5.0
#: Longest message, in characters.
MAX_CONTENT = 32_768


async def chat(websocket: WebSocket) -> None:
    """Serve one socket. A client without a valid token receives HTTP 403 instead."""
    state = websocket.app.state
    try:
        identity = state.token_verifier.verify(bearer_token(websocket))
    except InvalidTokenError:
        await websocket.close()
        return
    await websocket.accept(SUBPROTOCOL if SUBPROTOCOL in websocket.scope["subprotocols"] else None)
    await Conversation(websocket, identity, state).serve()


def parse_message(text: str | None) -> str:
    """Return the content of a message `{"type": "user_message", "content": "..."}`.

    Raises:
        ValueError: if the message is anything else, with a reason for the client.
    """
    try:
        message = json.loads(text or "")
    except (ValueError, RecursionError):
        raise ValueError("a message must be JSON text") from None
    match message:
        case {"type": "user_message", "content": str(content)} if content.strip():
            if len(content) > MAX_CONTENT:
                raise ValueError(f"content must have at most {MAX_CONTENT} characters")
            try:
                content.encode()
            except UnicodeEncodeError:
                raise ValueError("content must be Unicode text without lone surrogates") from None
            return content
    raise ValueError('a message must be {"type": "user_message", "content": "..."}, and not empty')


class Conversation:
    """An accepted socket: its connection, one thread id and the current runs.

    Ends when the socket is closed, the token expires or the reader is too slow.
    """

    def __init__(self, websocket: WebSocket, identity: Identity, state: State) -> None:
        self._websocket = websocket
        self._identity = identity
        self._pool = state.websocket_connection_pool
        self._supervisors = state.supervisor_factory
        self._max_runs: int = state.execution_engine_factory.max_engines_per_user
        self._thread_id = fresh_id()
        self._runs: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Answer messages until the conversation ends. No run and no task outlives this call."""
        try:
            code = await self._converse()
            if self._is_expired:
                await _cancel(*self._runs)
            await self._close(code)
            if self._runs:
                await asyncio.wait(self._runs, timeout=min(RUN_GRACE_S, self._time_left))
        finally:
            await _cancel(*self._runs)

    async def _converse(self) -> int:
        """Receive and send until one of them ends or the token expires.

        Returns:
            The close code for the socket, if it is still open.
        """
        connection = Connection(self._websocket)
        receiver = asyncio.create_task(self._receive(connection), name="receiver")
        self._pool.add_connection(self._identity.user_id, connection)
        try:
            await asyncio.wait(
                [receiver, connection.sender], timeout=self._time_left, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            self._pool.remove_connection(self._identity.user_id, connection)
            await _cancel(receiver, connection.sender)
        return TRY_AGAIN_LATER if connection.overrun else TOKEN_EXPIRED

    async def _receive(self, connection: Connection) -> None:
        """Start a run for each message. At the limit of runs, the next message waits for one to end."""
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect" or self._is_expired:
                return
            try:
                content = parse_message(message.get("text"))
            except ValueError as error:
                connection.send(json.dumps({"type": "error", "reason": str(error)}))
                continue
            if len(self._runs) >= self._max_runs:
                await asyncio.wait(self._runs, return_when=asyncio.FIRST_COMPLETED)
            run = asyncio.create_task(self._run(content), name="run")
            self._runs.add(run)
            run.add_done_callback(self._runs.discard)

    async def _run(self, content: str) -> None:
        context = user_context(self._identity.user_id, self._thread_id)
        try:
            await self._supervisors.create_for_user(context).handle(content)
        except Exception:
            logger.exception("run %s failed", context.run_id)

    async def _close(self, code: int) -> None:
        """Close the socket, unless the peer has closed it."""
        if WebSocketState.DISCONNECTED in (self._websocket.client_state, self._websocket.application_state):
            return
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._websocket.close(code)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            # The peer has disconnected or does not read: the server drops the transport when the endpoint returns.
            return

    @property
    def _time_left(self) -> float:
        """Seconds until the token expires."""
        return max(0.0, self._identity.expires_at - time.time())

    @property
    def _is_expired(self) -> bool:
        return self._time_left == 0.0


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
