"""What a user would do without the tool: import an application and run its lifespan."""

import asyncio
import importlib
import sys

app = importlib.import_module(sys.argv[1]).app


async def run() -> None:
    received: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    sent: asyncio.Queue[str] = asyncio.Queue()

    async def send(message: dict[str, str]) -> None:
        await sent.put(message["type"])

    task = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, received.get, send))
    for event in ("startup", "shutdown"):
        await received.put({"type": f"lifespan.{event}"})
        if await sent.get() != f"lifespan.{event}.complete":
            sys.exit(f"{event} failed")
    await task


asyncio.run(run())
