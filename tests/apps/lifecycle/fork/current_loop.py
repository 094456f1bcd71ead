"""The current event loop of the main thread is left open, those that it replaced are garbage."""

import asyncio

from starlette.applications import Starlette


async def prepare():
    pass


def replaced():
    asyncio.set_event_loop(asyncio.new_event_loop())


replaced()
replaced()
asyncio.set_event_loop(asyncio.new_event_loop())  # the last
asyncio.get_event_loop().run_until_complete(prepare())

app = Starlette()
