"""Says that startup is complete, and then that it failed."""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.startup.failed", "message": "but no"})
