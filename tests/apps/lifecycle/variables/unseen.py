"""Handlers, a dependency and a middleware read what only the lifespan sets."""

from contextlib import asynccontextmanager
from contextvars import ContextVar

import shop_context
from fastapi import APIRouter, Depends, FastAPI
from shop_context import Current, tenant

settings = ContextVar("settings")
limits = ContextVar("limits")


class Tenants:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        scope["tenant"] = tenant.get()
        await self.app(scope, receive, send)


class Repository:
    def find(self):
        return limits.get(None)


def connect():
    shop_context.database.set(object())


@asynccontextmanager
async def lifespan(app):
    connect()
    token = tenant.set("shop")
    Current.user.set(object())
    settings.set({})
    app.state.repository = Repository()
    limits.set({})
    yield
    tenant.reset(token)


def current_user():
    return Current.user.get()


router = APIRouter(prefix="/shop")
app = FastAPI(lifespan=lifespan)
app.add_middleware(Tenants)


@router.get("/orders")
async def orders(user: str = Depends(current_user)):
    return shop_context.get_database().orders(user)


@app.get("/settings")
async def read_settings():
    def inner():
        return settings.get()

    return inner()


@app.get("/limits")
async def read_limits():
    return app.state.repository.find()


app.include_router(router)
