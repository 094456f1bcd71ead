"""What the targets have in common: tokens, sockets that end with them, and an agent whose run is three events."""

import asyncio
import time
import uuid

import jwt

KEY = "the key of the targets, 32 bytes."
AUDIENCE = "chat"
EVENTS = ("agent_started", "tool_completed", "agent_completed")


def token_for(user_id, **claims):
    return jwt.encode({"sub": user_id, "aud": AUDIENCE, "exp": int(time.time()) + 300, **claims}, KEY, "HS256")


def bearer(websocket):
    return websocket.headers.get("authorization", "").removeprefix("Bearer ")


def verified(token):
    return jwt.decode(token, KEY, algorithms=["HS256"], audience=AUDIENCE, options={"require": ["exp", "aud", "sub"]})


async def accepted(websocket):
    """The user of an accepted socket; None if it was refused."""
    try:
        claims = verified(bearer(websocket))
    except jwt.InvalidTokenError:
        await websocket.close()
        return None
    websocket.state.expires = claims["exp"]
    await websocket.accept()
    return claims["sub"]


async def messages(websocket):
    """What the client sends, until it goes or its token expires."""
    while True:
        try:
            message = await asyncio.wait_for(websocket.receive(), websocket.state.expires - time.time())
        except asyncio.TimeoutError:
            await websocket.close(4401)
            return
        if message["type"] == "websocket.disconnect":
            return
        yield message["text"]


def event(name, user, run, **more):
    return {"type": name, "user": user, "run": run, "id": name, **more}


def run_of(user):
    """The events of one run."""
    run = uuid.uuid4().hex
    return [event(name, user, run) for name in EVENTS]
