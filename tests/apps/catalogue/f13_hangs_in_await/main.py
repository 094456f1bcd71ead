"""Startup waits for an answer that never comes, and has no deadline."""

import asyncio
from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Broker:
    def __init__(self):
        self.answered = asyncio.Event()

    async def handshake(self):
        await self.answered.wait()


async def heartbeat():
    while True:
        await asyncio.sleep(0.05)


@asynccontextmanager
async def lifespan(app):
    app.state.heart = asyncio.create_task(heartbeat(), name="heartbeat")
    app.state.broker = Broker()
    await app.state.broker.handshake()
    yield


app = Starlette(lifespan=lifespan)
