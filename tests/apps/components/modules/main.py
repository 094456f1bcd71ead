"""An application whose services are objects of modules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shop import db
from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Configure what the modules have."""
    app.state.engine = db.engine
    app.state.sessions = db.Sessions(db.replaced)
    db.connect()
    db.by_others = db.Engine()
    yield


app = Starlette(lifespan=lifespan)
