"""Another program of the same folder: what it reads and writes says nothing of the shop."""

from fastapi import FastAPI, Request

app = FastAPI()
app.state.only_there = object()


@app.get("/")
async def read(request: Request) -> object:
    return request.app.state.only_here
