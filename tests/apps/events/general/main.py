"""Orders of a shop: events that are called otherwise, come several times, or stay away; tokens in several places."""

import contextlib
import json
import time

import jwt
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

KEY = "the key of the shop, of 32 bytes."


def token_for(user_id, **claims):
    return jwt.encode({"sub": user_id, "exp": int(time.time()) + 60, "aud": "shop", **claims}, KEY, "HS256")


def token_without_claims(user_id):
    return token_for(user_id)


async def token_awaited(user_id, **claims):
    return token_for(user_id, **claims)


def token_failing(user_id):
    raise LookupError("the vault is sealed")


class Shop:
    """The events of an order."""

    def events(self, customer, message):
        yield "queued"
        if message.get("slow"):
            yield "delayed"
        yield from ["packed"] * 3
        yield "shipped"
        yield "receipt"


@contextlib.asynccontextmanager
async def lifespan(app):
    yield {"shop": Shop()}


async def serve(websocket, customer):
    async for text in websocket.iter_text():
        for kind in websocket.state.shop.events(customer, json.loads(text)):
            await websocket.send_json({"event": {"kind": kind}, "customer": customer})


async def orders(websocket):
    await websocket.accept()
    await serve(websocket, websocket.path_params["customer"])


async def anonymous(websocket):
    await websocket.accept()
    await serve(websocket, "somebody")


async def verified(websocket, token, subprotocol=None):
    try:
        claims = jwt.decode(token, KEY, ["HS256"], audience="shop", options={"require": ["exp", "aud", "sub"]})
    except jwt.InvalidTokenError:
        await websocket.close()
        return
    await websocket.accept(subprotocol)
    await serve(websocket, claims["sub"])


async def by_header(websocket):
    await verified(websocket, websocket.headers.get("authorization", "").removeprefix("Bearer "))


async def by_query(websocket):
    await verified(websocket, websocket.query_params.get("ticket", ""))


async def by_subprotocol(websocket):
    offered = websocket.scope["subprotocols"]
    await verified(websocket, offered[1] if offered[:1] == ["access_token"] else "", "access_token")


app = Starlette(
    routes=[
        WebSocketRoute("/orders/{customer}", orders),
        WebSocketRoute("/anonymous", anonymous),
        WebSocketRoute("/header", by_header),
        WebSocketRoute("/query", by_query),
        WebSocketRoute("/subprotocol", by_subprotocol),
    ],
    lifespan=lifespan,
)
