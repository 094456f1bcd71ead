"""Nothing is wrong: a plain ASGI function that returns at once when it is asked for more than HTTP."""


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
