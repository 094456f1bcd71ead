"""Nothing is wrong: a plain ASGI function that refuses the lifespan protocol, as the specification lets it."""


async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
