"""Nothing is wrong: startup handlers of the old kind, registered where they do run."""

from fastapi import FastAPI

app = FastAPI()


class Pool:
    pass


@app.on_event("startup")
async def open_pool():
    app.state.pool = Pool()


@app.on_event("startup")
def set_limit():
    app.state.limit = 10
