"""Containers in the state. The repository has the engine of one of them, and should have that of another."""

from contextlib import asynccontextmanager

import dishka
from dishka.integrations.fastapi import setup_dishka
from fastapi import FastAPI
from services import Depends, Engine, Injector, Repository, Services, registry


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.injector = Injector()
    app.state.depends = Depends
    app.state.injected = Repository(app.state.injector.engine())
    app.state.resolved = Repository(await container.get(Engine))
    app.state.other = Repository(Engine())
    yield {"svcs_registry": registry(app.state.other.engine)}
    await container.close()


container = dishka.make_async_container(Services())
app = FastAPI(lifespan=lifespan)
setup_dishka(container, app)
