"""Nothing is wrong: FastAPI's own entry point names the target."""

from fastapi import FastAPI

api = FastAPI()
api.state.pool = object()
