"""A startup handler sets what a cached dependency and the endpoint of a mounted application read."""

import functools
from contextvars import ContextVar

from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

pool = ContextVar("pool")


class Holder:
    def __init__(self):
        self.region = ContextVar("region", default=None)


holder = Holder()


class Service:
    def ping(self):
        return pool.get()


@functools.lru_cache
def get_service():
    return Service()


class Region(HTTPEndpoint):
    async def get(self, request):
        return PlainTextResponse(str(holder.region.get()))


def create_app():
    app = FastAPI()
    app.mount("/regions", Starlette(routes=[Mount("/all", routes=[Route("/", Region)])]))

    @app.on_event("startup")
    async def start():
        pool.set(object())
        holder.region.set("eu")

    @app.get("/")
    def read(service: Service = Depends(get_service)):
        return service.ping()

    return app
