"""The import needs an environment variable, and the startup a host that cannot be resolved."""

import asyncio
import os
import socket
from contextlib import asynccontextmanager

from starlette.applications import Starlette

PORT = int(os.environ["SHOP_DATABASE_PORT"])


async def connect():
    loop = asyncio.get_running_loop()
    await loop.getaddrinfo("db.internal", PORT, flags=socket.AI_NUMERICHOST)  # nothing is looked up


@asynccontextmanager
async def lifespan(app):
    async with asyncio.TaskGroup() as group:
        group.create_task(connect())
    yield


app = Starlette(lifespan=lifespan)
