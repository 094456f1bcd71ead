"""What a user would do instead: import the application and run its lifespan."""

import asyncio
import importlib
import sys

app = importlib.import_module(sys.argv[1]).app


async def run() -> None:
    inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    answers: asyncio.Queue[str] = asyncio.Queue()

    async def send(message: dict[str, str]) -> None:
        await answers.put(message["type"])

    task = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, inbox.get, send))
    for event in ("startup", "shutdown"):
        await inbox.put({"type": f"lifespan.{event}"})
        if await answers.get() != f"lifespan.{event}.complete":
            sys.exit(f"{event} failed")
    await task


asyncio.run(run())
