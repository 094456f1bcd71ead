"""Startup fails, then the cleanup reads what startup had not set yet, and that error hides the first."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


def connect():
    raise ConnectionRefusedError("connect to db.internal:5432 refused")


@asynccontextmanager
async def lifespan(app):
    try:
        app.state.client = connect()
        yield
    finally:
        app.state.client.close()


app = Starlette(lifespan=lifespan)
