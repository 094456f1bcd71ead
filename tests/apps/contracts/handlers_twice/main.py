"""The startup handler of an included router runs twice."""

from fastapi import APIRouter, FastAPI

router = APIRouter()


@router.on_event("startup")
async def open_pool():
    """Open the pool."""


app = FastAPI()
app.include_router(router)
