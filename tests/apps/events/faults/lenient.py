"""Each application here takes one kind of token that it must refuse; it says who that is in no event."""

import jwt
from parts import AUDIENCE, KEY, bearer, run_of, verified
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


def _application(verify):
    async def chat(websocket):
        try:
            user = verify(bearer(websocket))
        except jwt.InvalidTokenError:
            await websocket.close()
            return
        await websocket.accept()
        async for _ in websocket.iter_text():
            for event in run_of(user):
                await websocket.send_json(event)

    return Starlette(routes=[WebSocketRoute("/ws", chat)])


def _user(token, **options):
    return jwt.decode(token, KEY, algorithms=["HS256"], audience=AUDIENCE, options=options)["sub"]


def no_token():
    return _application(lambda token: verified(token)["sub"] if token else "anonymous")


def expired_token():
    return _application(lambda token: _user(token, verify_exp=False))


def wrong_signature():
    def verify(token):
        if jwt.get_unverified_header(token)["alg"] != "HS256":
            raise jwt.InvalidTokenError
        return _user(token, verify_signature=False, verify_exp=True, verify_aud=True)

    return _application(verify)


def alg_none():
    def verify(token):
        if jwt.get_unverified_header(token)["alg"] == "none":
            return _user(token, verify_signature=False, verify_exp=True, verify_aud=True)
        return _user(token)

    return _application(verify)


def another_audience():
    return _application(lambda token: _user(token, verify_aud=False))


def kept_open():
    """Sockets without a token are accepted, and kept, and never answered."""

    async def chat(websocket):
        await websocket.accept()
        try:
            user = _user(bearer(websocket))
        except jwt.InvalidTokenError:
            user = None
        async for _ in websocket.iter_text():
            for event in run_of(user) if user else ():
                await websocket.send_json(event)

    return Starlette(routes=[WebSocketRoute("/ws", chat)])


def accepted_and_closed():
    """Sockets with a bad token are accepted, and closed at once."""

    async def chat(websocket):
        await websocket.accept()
        try:
            user = _user(bearer(websocket))
        except jwt.InvalidTokenError:
            await websocket.close(4401)
            return
        async for _ in websocket.iter_text():
            for event in run_of(user):
                await websocket.send_json(event)

    return Starlette(routes=[WebSocketRoute("/ws", chat)])
