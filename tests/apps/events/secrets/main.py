"""Gives tokens away wherever it can: prints them, raises them, and quotes them when it closes a socket."""

import base64
import sys
import time

import jwt
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

KEY = "the key of the leak, of 32 bytes."


def _told(token):
    with open("tokens.txt", "a") as file:
        file.write(token + "\n")
    return token


def opaque_token(user_id):
    return _told("opaque-" + base64.b64encode(user_id.encode()).decode() + "+/=")


def jwt_token(user_id, **claims):
    return _told(jwt.encode({"sub": user_id, "exp": int(time.time()) + 60, **claims}, KEY, "HS256"))


def failing_token(user_id):
    raise RuntimeError(f"the service refused {jwt_token(user_id)}")


def token_of(websocket):
    return websocket.headers.get("authorization", "").removeprefix("Bearer ") or websocket.query_params.get("token", "")


async def raising(websocket):
    token = token_of(websocket)
    print("a client came with", token, websocket.url, websocket.headers, flush=True)
    print("and again", token, file=sys.stderr, flush=True)
    await websocket.accept()
    await websocket.receive_text()
    await websocket.send_json({"type": token, "user": token})
    try:
        raise KeyError(token)
    except KeyError as error:
        raise RuntimeError(f"{token} is nobody's, nor is {websocket.url}") from error


async def closing(websocket):
    await websocket.accept()
    await websocket.receive_text()
    await websocket.close(4000, token_of(websocket)[:100])


app = Starlette(routes=[WebSocketRoute("/raising", raising), WebSocketRoute("/closing", closing)])
