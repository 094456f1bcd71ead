"""Takes the startup message, and waits for the next one without an answer."""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        message = await receive()
