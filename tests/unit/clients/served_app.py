"""A small chat application with switches for its faults, a server for it, and what clients observe of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import jwt
import uvicorn
from jwt.types import Options
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from netra_contracts.clients import TargetCalls, observe
from netra_contracts.clients.target_calls import TokenSource
from netra_contracts.contracts.model import DeliveryContract, ExpectedEvent
from netra_contracts.protocol.control import TokenRequest
from netra_contracts.protocol.observed.clients import ClientLog, Scenario, ScenarioName

DEADLINE = 10.0
KEY = "a-key-for-tests-that-is-long-enough-for-hs256"
AUDIENCE = "chat"
#: The scenarios with bad tokens.
BAD_TOKENS = ("no token", "expired token", "wrong signature", "alg none", "another audience")
NAMES = ("agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed")

#: What a correct run sends: (name, more fields) for each event.
Script = Sequence[tuple[str, dict[str, Any]]]
GOOD: Script = tuple((name, {"id": number}) for number, name in enumerate(NAMES))


def contract(**terms: Any) -> DeliveryContract:
    """The contract of the application, with other terms."""
    given: dict[str, Any] = {
        "path": "/ws/{user}",
        "token": "tests:token",
        "send": '{"type": "user_message", "content": "hello {canary}"}',
        "expect": tuple(ExpectedEvent(name=name) for name in NAMES),
        "terminal": NAMES[-1],
        "run_field": "data.run",
        "id_field": "data.id",
        "users": 3,
        "deadline_s": 2.0,
    }
    return DeliveryContract(**given | terms)


def tokens(requests: Sequence[TokenRequest]) -> list[str | None]:
    """Tokens that the application accepts."""
    usual = {"aud": AUDIENCE, "exp": int(time.time()) + 600}
    return [
        jwt.encode({"sub": request.user_id, **usual, **(request.claims or {})}, KEY, algorithm="HS256")
        for request in requests
    ]


def claimless(requests: Sequence[TokenRequest]) -> list[str | None]:
    """The same from a function that accepts no claims."""
    good = tokens([TokenRequest(request.user_id) for request in requests])
    return [None if request.claims else token for request, token in zip(requests, good, strict=True)]


Send = Callable[[dict[str, Any]], Any]


@dataclass
class Chat:
    """The application. Each argument is a fault; without arguments it is correct. `left`: a client has disconnected."""

    script: Script = GOOD
    authenticate: Callable[[WebSocket], dict[str, Any] | None] | None = None
    denial: Response | None = None
    broadcast: bool = False
    one_lock: bool = False
    evicts: bool = False
    recheck: bool = True
    pushes: bool = False
    padding: int = 0
    ready_after: int = 0
    run: Callable[[Send, str, str], Any] | None = None
    sockets: dict[str, WebSocket] = field(default_factory=dict)
    left: threading.Event = field(default_factory=threading.Event)
    runs: int = 0
    asked: int = 0

    def app(self) -> Starlette:
        """The application as ASGI."""
        routes = [
            WebSocketRoute("/ws/{user}", self.serve),
            Route("/readyz", self.readyz),
        ]

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            self.lock = asyncio.Lock()
            yield

        return Starlette(routes=routes, lifespan=lifespan)

    async def readyz(self, _: Request) -> Response:
        self.asked += 1
        return PlainTextResponse("", status_code=200 if self.asked > self.ready_after else 503)

    async def serve(self, websocket: WebSocket) -> None:
        claims = (self.authenticate or verified)(websocket)
        if self.denial is not None:
            await websocket.send_denial_response(self.denial)
            return
        if claims is None:
            await websocket.close(1008)
            return
        await websocket.accept(websocket.scope["subprotocols"][0] if websocket.scope["subprotocols"] else None)
        user = websocket.path_params["user"]
        self.sockets[user] = websocket
        try:
            if self.pushes:
                await self.answer(user)
            while True:
                await websocket.receive_text()
                if self.recheck and time.time() >= claims.get("exp", 0):
                    await websocket.close(1008)
                    return
                await self.answer(user)
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            if self.evicts or self.sockets.get(user) is websocket:
                self.sockets.pop(user, None)
            self.left.set()

    async def answer(self, user: str) -> None:
        self.runs += 1
        run = f"run-{self.runs}"
        if self.run is not None:
            await self.run(lambda body: self.emit(user, body), user, run)
            return
        for name, more in self.script:
            await self.emit(user, {"type": name, "data": {"user": user, "run": run, **more}})

    async def emit(self, user: str, body: dict[str, Any]) -> None:
        text = json.dumps(body | {"padding": "." * self.padding})
        receivers = [socket for owner, socket in self.sockets.items() if self.broadcast or owner == user]
        async with self.lock if self.one_lock else contextlib.nullcontext():
            for receiver in receivers:
                await receiver.send_text(text)


def decoded(token: str, **options: Any) -> dict[str, Any] | None:
    try:
        return dict(jwt.decode(token, KEY, algorithms=["HS256"], audience=AUDIENCE, options=cast("Options", options)))
    except jwt.PyJWTError:
        return None


def verified(websocket: WebSocket) -> dict[str, Any] | None:
    """The claims of the token, wherever it was sent; None if it must be refused."""
    return decoded(carried(websocket), require=["exp", "aud", "sub"])


def carried(websocket: WebSocket) -> str:
    """The token, wherever it was sent."""
    offered = websocket.scope["subprotocols"]
    if offered:
        return str(offered[-1])
    header = websocket.headers.get("authorization", "")
    return websocket.query_params.get("access_token") or header.removeprefix("Bearer ")


@contextmanager
def served(chat: Chat) -> Iterator[int]:
    """The port on which the application is served. The socket listens at once, so clients need not wait."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        config = uvicorn.Config(chat.app(), lifespan="on", log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = threading.Thread(target=server.run, args=([listening],), daemon=True)
        serving.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            serving.join(DEADLINE)
            assert not serving.is_alive()


def observed(chat: Chat, source: TokenSource = tokens, **terms: Any) -> dict[ScenarioName, Scenario]:
    """The scenarios that the contract requests, by name, none of which failed for want of a token."""
    with served(chat) as port:
        observation = observe(port, contract(**terms), TargetCalls(source))
    assert observation.skipped == ""
    return {scenario.name: scenario for scenario in observation.scenarios}


def delivered(chat: Chat, **terms: Any) -> Scenario:
    """The delivery, which is the first scenario."""
    scenarios = observed(chat, **terms)
    assert next(iter(scenarios)) == "delivery"
    return scenarios["delivery"]


def names(client: ClientLog) -> list[str]:
    """The names of the events that a client received."""
    return [event.name for event in client.events]
