"""What is called `state` and is not the state of an application or a request."""

from __future__ import annotations

import pytest

from tests.unit.probe.usage.sources import accesses

SOURCES = {
    "state machine": """
        class Machine:
            def __init__(self):
                self.state = Idle()
            def step(self):
                self.state.enter()
                return self.state.name
        """,
    "state machine in a file of FastAPI": """
        from fastapi import FastAPI, Request
        class Machine:
            state: str
            def step(self, machine):
                machine.state.enter()
                return self.state.name
        """,
    "state of a graph": """
        from typing import TypedDict
        from langgraph.graph import StateGraph
        class State(TypedDict):
            messages: list
        def node(state: State):
            return {"messages": state["messages"], "count": state.get("count", 0)}
        """,
    "own class State beside FastAPI": """
        from fastapi import FastAPI
        from typing import TypedDict
        class State(TypedDict):
            messages: list
        def node(state: State):
            return state["messages"]
        """,
    "imported State of another package": """
        from fastapi import FastAPI
        from aiogram.fsm import State
        from transitions.core import State as Other
        def node(state: State, other: Other):
            return state.name, other.value
        """,
    "local dict": """
        from fastapi import FastAPI
        def function():
            state = {"pool": 1}
            state["pool"] += 1
            return state["pool"], state.get("x")
        """,
    "unannotated state": """
        from fastapi import FastAPI
        def function(state):
            return state.pool
        """,
    "state of a model": """
        from fastapi import APIRouter
        from pydantic import BaseModel
        class Order(BaseModel):
            state: str
        router = APIRouter()
        @router.post("/")
        def create(order: Order):
            order.state.upper()
            return order.state
        """,
    "request of Django": """
        from django.http import HttpRequest
        def view(request: HttpRequest):
            return request.state.user, request.app.state.pool
        def other(request):
            return request.state.user
        """,
    "app of other frameworks": """
        from celery import Celery
        app = Celery()
        app.state.x = 1
        def task(app):
            return app.state.x
        """,
    "another app beside FastAPI": """
        from fastapi import FastAPI
        import typer
        app = typer.Typer()
        app.state.x = 1
        def command():
            app.state.y = 2
        """,
    "textual": """
        from textual.app import App
        class Screen:
            def compose(self):
                return self.app.state.user
        """,
    "attributes app of objects without a framework": """
        class Plugin:
            def __init__(self, app):
                self.other = app
            def run(self):
                return self.app.state.user
        """,
    "authorization request of another library": """
        from fastapi import FastAPI
        from oauthlib import AuthorizationRequest
        def authorize(request: AuthorizationRequest):
            request.state.encode()
        def later():
            request = AuthorizationRequest()
            return request.state.split(".")
        """,
    "websockets": """
        import websockets
        async def connect(websocket, ws):
            return websocket.state.name, ws.state.value
        """,
    "states of sockets of Starlette": """
        from starlette.websockets import WebSocket, WebSocketState
        async def connect(websocket: WebSocket):
            return websocket.client_state.name, websocket.application_state.value, WebSocketState.CONNECTED
        """,
    "the state itself": """
        from fastapi import FastAPI, Request
        def function(app: FastAPI, request: Request):
            state = request.app.state
            app.state = state
            print(app.state, hasattr(app, "state"))
            return state
        """,
    "the scope of OAuth": """
        def grant(scope, scopes):
            return scope["state"], scope["app"], scopes["state"]["x"]
        """,
    "text": '''
        from fastapi import FastAPI
        def function(app: FastAPI):
            """`app.state.pool` is set by the lifespan.

            >>> app.state.pool
            """
            # app.state.pool
            return "app.state.pool"
        ''',
    "shadowed names": """
        from fastapi import FastAPI, Request
        app = FastAPI()
        def function(request: Request):
            app = Window()
            request = {"state": {"x": 1}}
            return app.state.x, request["state"]["x"]
        def other():
            for app in windows():
                app = Window()
                app.state.x
        """,
    "methods of states": """
        from starlette.requests import Request
        def function(request: Request):
            request.state.__class__
            return request.url, request.headers["state"], request.query_params["state"].pool
        """,
    "names that an import replaces": """
        from fastapi import FastAPI
        from somewhere import app, request, state
        def function():
            return state.pool
        """,
    "an environment of a simulation": """
        class Env:
            def reset(self):
                self.state = self.space.sample()
                return self.state["x"], self.state.copy()
        """,
    "attribute app of another class": """
        from celery import Celery
        from fastapi import FastAPI
        class Worker:
            request: Task
            def __init__(self, app: Celery):
                self.app = app
                self.application = Window()
            def run(self):
                return self.app.state.tasks, self.application.state.size, self.request.state.user
        """,
    "annotated variable of another class": """
        from fastapi import FastAPI
        def run():
            app: Celery = create()
            return app.state.tasks
        """,
    "state of a session": """
        import streamlit as st
        from fastapi import FastAPI
        def page():
            st.session_state.user = 1
            return st.session_state["user"]
        """,
    "generated values": """
        from fastapi import FastAPI
        def f(states, country):
            return [state.name for state in states], country.state.code
        """,
    "application form": """
        from fastapi import FastAPI
        from pydantic import BaseModel
        class Application(BaseModel):
            state: str
        def f(application: Application):
            return application.state.upper()
        """,
    "request of HTTP clients": """
        from fastapi import FastAPI
        import httpx
        def hook(request: httpx.Request):
            return request.state.user, request.app.state.pool
        """,
    "React state": """
        from reflex import State
        class Counter(State):
            count: int = 0
            def increment(self, state: State):
                self.count += 1
                state.count += 1
        """,
}


def test_a_module_state_of_a_package_app() -> None:
    source = {
        "app": "",
        "app.state": "from fastapi import FastAPI\npool = 1\nclass State:\n  pool = 2\nstate = State()",
        "app.main": """
        from fastapi import FastAPI
        import app
        import app.state
        from app import state
        from app.state import state as other
        def f():
            return app.state.pool, state.pool, other.pool
        """,
    }
    assert accesses(source) == []


@pytest.mark.parametrize("name", SOURCES)
def test_is_not_an_access(name: str) -> None:
    assert accesses(SOURCES[name]) == []
