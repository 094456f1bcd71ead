"""Nothing is wrong: forbids calls that block while a loop runs, as blockbuster does, from its startup on."""

import asyncio
import os
import socket
import time
from contextlib import asynccontextmanager

from starlette.applications import Starlette


def forbid(owner, name):
    original = getattr(owner, name)

    def guarded(*args, **kwargs):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return original(*args, **kwargs)
        raise RuntimeError(f"blocking call to {name}")

    setattr(owner, name, guarded)


class Pool:
    def __getattr__(self, name):
        if name == "size":
            return 1
        raise AttributeError(name)


@asynccontextmanager
async def lifespan(app):
    for owner, names in (
        (socket.socket, ("sendall", "send", "recv", "connect")),
        (os, ("read", "write", "stat", "listdir")),
        (time, ("sleep",)),
    ):
        for name in names:
            forbid(owner, name)
    app.state.pool = Pool()
    yield


app = Starlette(lifespan=lifespan)
