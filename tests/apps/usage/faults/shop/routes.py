"""Handlers of requests."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request

from shop.deps import get_clock, get_mailer, report_to

router = APIRouter()


@router.get("/items")
async def items(request: Request, mailer: Any = Depends(get_mailer)) -> Any:
    mailer.send("items")
    return await request.app.state.poool.acquire()  # never set: misspelt


@router.get("/queue")
async def queue(request: Request, clock: Any = Depends(get_clock)) -> Any:
    state = request.app.state
    report_to(request.app)
    return state.queue.get(clock)  # never set: an alias


@router.get("/tenant")
async def tenant(request: Request) -> Any:
    return request.state.tenant  # never set: no middleware writes it


@router.get("/locale")
async def locale(request: Request) -> Any:
    request.state.locale = "en"
    return request.app.state.locale  # never set: it was written to the state of the request


@router.get("/late")
async def late(request: Request) -> Any:
    from shop.late import export

    return export(request.app)


@router.get("/connection")
async def connection(request: Request) -> Any:
    async with request.app.state.pool.acquire() as acquired:  # wrong: `acquire` is a coroutine function
        return await acquired.fetch("items")


@router.get("/missing")
async def missing(request: Request) -> Any:
    pool = request.app.state.pool
    await pool.execute("select 1")  # wrong: there is no `execute`
    return pool.sizes  # wrong: there is no `sizes`


@router.get("/arguments")
async def arguments(request: Request) -> None:
    await request.app.state.bus.publish("items")  # wrong: it needs an event


@router.get("/cache")
async def cache(request: Request) -> Any:
    cached = request.app.state.cache
    await cached.clear()  # wrong: it is not async
    return await cached.get("items")  # wrong: it is not async either


@router.get("/iterate")
async def iterate(request: Request) -> Any:
    return [item for item in request.app.state.limit]  # wrong: it is a number


@router.get("/call")
async def call(request: Request) -> Any:
    return request.app.state.version()  # wrong: it is a text


@router.get("/subscript")
async def subscript(request: Request) -> Any:
    return request.app.state.bus["items"]  # wrong: it is no mapping
