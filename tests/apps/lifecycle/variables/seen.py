"""Context variables that the lifespan sets for itself, for its tasks, or for nobody."""

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from contextvars import ContextVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

sys.path.append(os.path.join(os.path.dirname(__file__), "site-packages"))

from tracer import span  # noqa: E402

reset = ContextVar("reset", default=0)
of_requests = ContextVar("of_requests", default="system")
of_worker = ContextVar("of_worker")
unread = ContextVar("unread")
set_at_import = ContextVar("set_at_import")
set_at_import.set("import")


class Worker:
    async def run(self):
        while of_worker.get():
            await asyncio.sleep(60)


class Sessions:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        token = of_requests.set("session")
        try:
            await self.app(scope, receive, send)
        finally:
            of_requests.reset(token)


async def index(request):
    return PlainTextResponse(f"{reset.get()} {of_requests.get()} {span.get()} {set_at_import.get()}")


@asynccontextmanager
async def lifespan(app):
    token = reset.set(1)
    of_requests.set("startup")
    unread.set(1)
    span.set("startup")
    set_at_import.set(set_at_import.get())
    reset.reset(token)
    of_worker.set(True)
    app.state.worker = Worker()
    task = asyncio.create_task(app.state.worker.run())
    yield
    task.cancel()
    await asyncio.wait([task])


app = Starlette(routes=[Route("/", index)], lifespan=lifespan, middleware=[Middleware(Sessions)])
