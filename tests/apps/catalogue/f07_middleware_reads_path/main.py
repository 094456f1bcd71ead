"""An outer ASGI middleware reads `scope["path"]`, which the lifespan scope has not."""

from starlette.applications import Starlette


class Prefix:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["path"].startswith("/internal"):
            scope = {**scope, "root_path": "/internal"}
        await self.app(scope, receive, send)


inner = Starlette()
app = Prefix(inner)
