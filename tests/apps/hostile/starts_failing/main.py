"""Answers `startup.failed` without raising; the message holds a password."""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        message = "cannot connect to postgresql://orders:hunter2@db.internal/orders"
        await send({"type": "lifespan.startup.failed", "message": message})
