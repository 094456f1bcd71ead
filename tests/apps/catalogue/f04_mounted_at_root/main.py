"""The outer application ignores its handler. The application mounted at `/` has a handler, and nobody enters it."""

from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    app.state.settings = object()
    yield


site = FastAPI()
app = FastAPI(lifespan=lifespan)


@site.on_event("startup")
async def load_pages():
    site.state.pages = object()


@app.on_event("startup")
async def open_pool():
    app.state.pool = object()


app.mount("/", site)
