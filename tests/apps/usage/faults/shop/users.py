"""Handlers that keep what users sent in the state of the application."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, WebSocket
from pydantic import BaseModel

router = APIRouter()


class Message(BaseModel):
    """A message of a user."""

    text: str


@router.post("/login")
async def login(request: Request) -> None:
    request.app.state.current_user = request.headers["x-user"]  # shared: a header


@router.post("/message")
async def message(request: Request, message: Message) -> None:
    state = request.app.state
    state.last_message = message.text  # shared: the body, by an alias


def current_token(authorization: Annotated[str, Header()] = "") -> str:
    return authorization


@router.post("/token")
async def token(request: Request, token: Annotated[str, Depends(current_token)]) -> None:
    setattr(request.app.state, "token", token)  # shared: by `setattr`


@router.websocket("/chat")
async def chat(websocket: WebSocket) -> Any:
    await websocket.accept()
    websocket.app.state.last_text = await websocket.receive_text()  # shared: what a client sent
