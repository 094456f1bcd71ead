"""Nothing is wrong that can be known: what is mounted is a plain ASGI function."""

from starlette.applications import Starlette
from starlette.routing import Mount


async def metrics(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


app = Starlette(routes=[Mount("/metrics", metrics)])
