"""A plain ASGI function that raises where it should answer, after it took the startup message."""


class Database:
    def connect(self):
        raise ConnectionRefusedError(111, "Connection refused")


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        try:
            Database().connect()
        except OSError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
