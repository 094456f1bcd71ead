"""Nothing is wrong: all handlers run, those of the applications mounted at `/` and deeper through their parents."""

from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.routing import Mount


@asynccontextmanager
async def lifespan(app):
    async with site.router.lifespan_context(site), pages.router.lifespan_context(pages):
        await open_pool()
        yield


site = FastAPI()
pages = FastAPI()
app = FastAPI(lifespan=lifespan, routes=[Mount("/static", routes=[])])


@app.on_event("startup")
async def open_pool():
    app.state.pool = object()


@site.on_event("startup")
async def load_site():
    site.state.texts = object()


@pages.on_event("startup")
async def load_pages():
    pages.state.pages = object()


router = APIRouter()
router.mount("/", pages)
site.include_router(router, prefix="/pages")
app.mount("/", site)
