"""An application whose handlers reach objects of modules by names, modules, classes, dependencies and imports."""

from contextlib import asynccontextmanager
from functools import lru_cache

from fastapi import Depends, FastAPI
from shop import db
from shop.settings import settings
from starlette.middleware.base import BaseHTTPMiddleware


class Repository:
    def __init__(self, engine) -> None:
        self._engine = engine


class Audit:
    def write(self) -> None:
        logbook.append("request")


class Logbook(list):
    pass


class Limiter(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        quota.check()
        return await call_next(request)


class Quota:
    def check(self) -> None:
        pass


repository = Repository(None)
audit = Audit()
logbook = Logbook()
quota = Quota()
unused = Repository(None)
_lazy = None
_cleanup = Repository(None)


@asynccontextmanager
async def lifespan(app: FastAPI):
    await db.start(with_pool=True)
    repository._engine = db.engine
    get_cached()
    yield
    _cleanup.closed = True


def get_repository() -> Repository:
    return repository


@lru_cache
def get_cached() -> Repository:
    return Repository(settings)


@lru_cache
def get_never_called() -> Repository:
    return Repository(settings)


def get_lazy() -> Repository:
    global _lazy
    if _lazy is None:
        _lazy = Repository(settings)
    return _lazy


def get_session():
    yield Repository(db.engine)


def get_row(number: int) -> Repository:
    return repository


app = FastAPI(lifespan=lifespan)
app.add_middleware(Limiter)


@app.get("/")
async def index(
    found=Depends(get_repository), cached=Depends(get_cached), lazy=Depends(get_lazy), session=Depends(get_session)
):
    from shop.db import replica

    audit.write()
    return [db.engine is replica, get_never_called(), get_row(1), db.Registry.root]
