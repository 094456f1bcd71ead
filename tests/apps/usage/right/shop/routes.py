"""Handlers of requests."""

from __future__ import annotations

import inspect
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request

router = APIRouter()


def get_pool(request: Request) -> Any:
    return request.app.state.pool


def get_optional(request: Request) -> Any:
    return getattr(request.app.state, "optional", None)


@router.get("/guards")
async def guards(request: Request) -> Any:
    state = request.app.state
    if hasattr(state, "sometimes"):
        return state.sometimes.run()
    try:
        return state.tried
    except AttributeError:
        pass
    if getattr(state, "late", None) is not None:
        return state.late
    return state.rarely


@router.get("/requests")
async def of_requests(request: Request, pool: Any = Depends(get_pool), optional: Any = Depends(get_optional)) -> Any:
    async with pool.acquire() as connection:
        await connection.fetch("x")
    await (await pool.acquire()).fetch("x")
    async with pool.transaction() as connection:
        await connection.fetch("x")
    return [request.state.user, request.state.tenant, request.state.yielded.acquire(), optional]


@router.get("/names")
async def names(request: Request) -> Any:
    state = request.app.state
    state.registry.fill()
    return [state.arguments, state.filled, state.filled_by_text, state.alpha.acquire(), state.beta.acquire(), state.limiter.enabled, state.menu]


@router.get("/objects")
async def objects(request: Request) -> Any:
    state = request.app.state
    for connection in state.pool:
        await connection.fetch("x")
    result = state.pool.run(print)
    if inspect.isawaitable(result):
        await result
    state.pool.connect()
    if hasattr(state.plain, "close"):
        state.plain.close()
    if isinstance(state.plain, dict):
        state.plain.update(a=1)
    close = getattr(state.plain, "aclose", None)
    if close is not None:
        await close()
    try:
        state.plain.shutdown()
    except AttributeError:
        pass
    state.lazy.client.get("x")
    state.lazy.session = object()
    return [
        state.pool.connected,
        state.proxy.anything(1, 2),
        state.machine.step(),
        state.lazy.session,
        await state.repository.find("key"),
    ]


@router.post("/writes")
async def writes(request: Request) -> Any:
    request.state.token = request.headers["authorization"]
    request.app.state.requests += 1
    request.app.state.requests += len(request.headers["x-user"])
    request.app.state.started = True
    sessions: dict[str, Any] = {}
    sessions[request.headers["x-user"]] = await request.json()
    return [request.state.token, request.app.state.started]


def describe(app: FastAPI, name: str) -> Any:
    return getattr(app.state, name)
