"""Services that are not reachable: the startup catches the exceptions, and components are missing or None."""

import asyncio
import contextlib
import logging
from contextlib import asynccontextmanager

from starlette.applications import Starlette

logger = logging.getLogger("shop.startup")
logger.addHandler(logging.NullHandler())


class Service:
    """What is reachable."""


async def connect(host, reachable=False):
    await asyncio.sleep(0)
    if not reachable:
        raise ConnectionRefusedError(111, f"refused by {host}")
    return Service()


async def connect_or_none(host):
    try:
        return await connect(host)
    except OSError:
        return None


async def start_in_group(app):
    app.state.in_group = await connect("in_group")


class Registry:
    """Connects services by their names."""

    def __init__(self, app):
        self.app = app

    async def connect_all(self):
        for name in ("registered", "unregistered"):
            try:
                setattr(self.app.state, name, await connect(name, name == "registered"))
            except OSError as error:
                raise RuntimeError(f"no {name}") from error


async def not_related(app):
    for attempt in range(3):
        try:
            app.state.retried = await connect("retried", reachable=attempt == 2)
        except OSError:
            logger.warning("attempt %d failed", attempt)
    try:
        {}["cache miss"]
    except KeyError:
        pass
    app.state.left_none = None


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
    try:
        app.state.passed = await connect("passed")
    except OSError:
        pass
    with contextlib.suppress(OSError):
        app.state.suppressed = await connect("suppressed")
    found = await connect_or_none("helped")
    app.state.helped = found
    app.state.by_task = await asyncio.create_task(connect_or_none("by_task"))
    await asyncio.gather(start_in_group(app), return_exceptions=True)
    try:
        await Registry(app).connect_all()
    except RuntimeError:
        logger.exception("cannot connect to %s", "unregistered")
    await not_related(app)
    yield


app = Starlette(lifespan=lifespan)
