"""Services that are not reachable: the startup catches the exceptions, and some components are missing or None."""

import logging
from contextlib import asynccontextmanager

from starlette.applications import Starlette

logger = logging.getLogger("shop.startup")


class Service:
    """What is reachable."""


async def connect(host, reachable=False):
    if not reachable:
        raise ConnectionRefusedError(111, f"refused by {host}")
    return Service()


async def retried(app):
    for attempt in range(3):
        try:
            app.state.retried = await connect("db", reachable=attempt == 2)
        except OSError:
            logger.warning("attempt %d failed", attempt)


@asynccontextmanager
async def lifespan(app):
    try:
        app.state.none = await connect("none")
    except OSError:
        app.state.none = None
    app.state.lost = Service()
    try:
        await connect("lost")
    except OSError:
        del app.state.lost
    await retried(app)
    logger.error("forgot %s", "forgotten")
    yield


app = Starlette(lifespan=lifespan)
