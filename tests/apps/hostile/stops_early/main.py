"""Returns as soon as startup is complete, and does not wait for the shutdown."""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
