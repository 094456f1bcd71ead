"""One session of the database, opened at startup, for the runs of all users."""

from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session


class Repository:
    def __init__(self, session):
        self._session = session


class Engine:
    def __init__(self, context, session):
        self.context = context
        self.repository = Repository(session)


class EngineFactory:
    def __init__(self, session):
        self._session = session

    async def create_for_user(self, context):
        self._session.execute(text("select 1"))
        return Engine(context, self._session)

    async def release(self, engine):
        engine.repository = None


@asynccontextmanager
async def lifespan(app):
    database = create_engine("sqlite://")
    with Session(database) as session:
        app.state.factory = EngineFactory(session)
        yield
    database.dispose()


app = FastAPI(lifespan=lifespan)
