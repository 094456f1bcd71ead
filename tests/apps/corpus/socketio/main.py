"""A FastAPI application behind the server of python-socketio."""

from contextlib import asynccontextmanager

import socketio
from fastapi import FastAPI

server = socketio.AsyncServer(async_mode="asgi")


@asynccontextmanager
async def lifespan(app):
    app.state.rooms = {}
    yield


app = socketio.ASGIApp(server, FastAPI(lifespan=lifespan))
