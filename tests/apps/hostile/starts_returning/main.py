"""Takes the startup message and returns without an answer."""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
