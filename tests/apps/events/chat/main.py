"""A chat that isolates its users: each has its own room, each socket a queue and a task that sends."""

import asyncio
import contextlib
import itertools
import time

import jwt
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect

KEY = "the key of the chat, of 32 bytes."


def token_for(user_id: str, **claims: object) -> str:
    made = {"sub": user_id, "aud": "chat", "exp": int(time.time()) + 60, **claims}
    return jwt.encode(made, KEY, "HS256")


class Rooms:
    """The sockets of each user, by the queues that lead to them."""

    def __init__(self) -> None:
        self._queues: dict[str, tuple[asyncio.Queue, ...]] = {}

    @contextlib.contextmanager
    def joined(self, user: str):
        queue: asyncio.Queue = asyncio.Queue(1000)
        self._queues[user] = (*self._queues.get(user, ()), queue)
        try:
            yield queue
        finally:
            left = tuple(other for other in self._queues[user] if other is not queue)
            if left:
                self._queues[user] = left
            else:
                del self._queues[user]

    def tell(self, user: str, event: dict) -> None:
        for queue in self._queues.get(user, ()):
            with contextlib.suppress(asyncio.QueueFull):  # who does not read does not get
                queue.put_nowait(event)


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI):
    yield {"rooms": Rooms(), "runs": itertools.count()}


app = FastAPI(lifespan=lifespan)


@app.get("/ready")
async def ready(request: Request) -> Response:
    return Response(status_code=200 if request.state.rooms else 503)


async def send(websocket: WebSocket, queue: asyncio.Queue) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await websocket.send_json(await queue.get())


async def answer(websocket: WebSocket, user: str) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            message = await websocket.receive_json()
            run = next(websocket.state.runs)
            for number, name in enumerate(("accepted", "word", "word", "finished")):
                event = {"type": name, "user": user, "run": run, "number": number, "text": message["text"]}
                websocket.state.rooms.tell(user, event)


@app.websocket("/chat")
async def chat(websocket: WebSocket) -> None:
    token = websocket.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        claims = jwt.decode(token, KEY, ["HS256"], audience="chat", options={"require": ["exp", "aud", "sub"]})
    except jwt.InvalidTokenError:
        await websocket.close()
        return
    await websocket.accept()
    with websocket.state.rooms.joined(claims["sub"]) as queue:
        sender = asyncio.create_task(send(websocket, queue))
        try:
            await asyncio.wait_for(answer(websocket, claims["sub"]), claims["exp"] - time.time())
        except asyncio.TimeoutError:
            await websocket.close(4401)
        finally:
            sender.cancel()
