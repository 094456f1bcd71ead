"""A mounted application with a state of its own."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from starlette.datastructures import State


class AdminState(State):
    """A state with a property and a class attribute."""

    theme = "dark"

    def login(self, name: str) -> None:
        self.admin = name

    @property
    def title(self) -> str:
        return "admin"


app = FastAPI()
app.state = AdminState()
app.state.menu = ["users"]


@app.get("/")
async def menu(request: Request) -> Any:
    state: AdminState = request.app.state
    return [state.title, state.theme, state.admin, request.app.state.menu[0]]
