"""The supervisor keeps each user's engine after its release: through a pool, a lease and a handle."""

from contextlib import asynccontextmanager

from fastapi import FastAPI


class Handle:
    def __init__(self, engine):
        self.engine = engine


class Lease:
    __slots__ = ("handle",)

    def __init__(self, handle):
        self.handle = handle


class Pool:
    def __init__(self):
        self.leases = []


class Supervisor:
    def __init__(self):
        self.pool = Pool()


class Engine:
    def __init__(self, context):
        self.context = context


class EngineFactory:
    def __init__(self, supervisor):
        self._supervisor = supervisor

    def create_for_user(self, context):
        engine = Engine(context)
        self._supervisor.pool.leases.append(Lease(Handle(engine)))
        return engine

    def release(self, engine):
        engine.closed = True


@asynccontextmanager
async def lifespan(app):
    app.state.supervisor = Supervisor()
    app.state.factory = EngineFactory(app.state.supervisor)
    yield


app = FastAPI(lifespan=lifespan)
