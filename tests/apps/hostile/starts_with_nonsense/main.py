"""Sends messages that are none."""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        for message in ("complete", None, 42, {}, {"type": 7}, {"type": "http.response.start"}):
            try:
                await send(message)
            except Exception:
                pass
        await receive()
