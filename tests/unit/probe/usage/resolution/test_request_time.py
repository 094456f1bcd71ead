"""Which writes run when requests are served, and which values come from a request's user."""

from __future__ import annotations

import pytest

from tests.unit.probe.usage.sources import read

IMPORTS = """
from contextlib import asynccontextmanager
from typing import Annotated
from fastapi import APIRouter, Body, Depends, FastAPI, Header, Request, WebSocket
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.routing import Route, WebSocketRoute
app = FastAPI()
router = APIRouter()
"""

#: A source with one write of `app.state.x`.
AT_REQUEST = {
    "endpoint": "@app.get('/')\ndef f(): app.state.x = 1",
    "endpoint of a router": "@router.post('/')\nasync def f(): app.state.x = 1",
    "WebSocket": "@app.websocket('/')\nasync def f(ws: WebSocket): ws.app.state.x = 1",
    "several decorators": "@limit('1/s')\n@app.get('/')\ndef f(): app.state.x = 1",
    "add_api_route": "def f(): app.state.x = 1\napp.add_api_route('/', f)",
    "add_api_route by keyword": "def f(): app.state.x = 1\napp.add_api_route('/', endpoint=f)",
    "Route": "def f(r): app.state.x = 1\nroutes = [Route('/', f)]",
    "HTTPEndpoint": "class E(HTTPEndpoint):\n  async def get(self, r): app.state.x = 1",
    "Depends": "def f(): app.state.x = 1\n@app.get('/')\ndef g(x=Depends(f)): pass",
    "dependencies": "def f(): app.state.x = 1\nother = APIRouter(dependencies=[Depends(f)])",
    "middleware": "@app.middleware('http')\nasync def f(r, call_next): app.state.x = 1",
    "middleware class": "class M(BaseHTTPMiddleware):\n  async def dispatch(self, r, call_next): app.state.x = 1",
    "pure middleware": "class M:\n  async def __call__(self, scope, receive, send): scope['app'].state.x = 1",
    "added middleware": "class M:\n  def handle(self): app.state.x = 1\napp.add_middleware(M)",
    "exception handler": "@app.exception_handler(404)\ndef f(r, exc): app.state.x = 1",
    "exception handlers": "def f(r, exc): app.state.x = 1\nother = FastAPI(exception_handlers={404: f})",
    "ASGI function": "async def f(scope, receive, send): app.state.x = 1",
    "function of a request": "def f(request: Request): request.app.state.x = 1",
    "called": "def f(): app.state.x = 1\n@app.get('/')\ndef g(): f()",
    "called by a called": "def f(): app.state.x = 1\ndef g(): f()\n@app.get('/')\ndef h(): g()",
    "method": "class S:\n  def f(self): app.state.x = 1\n@app.get('/')\ndef g(s: S = Depends()): s.f()",
    "nested": "@app.get('/')\ndef f():\n  def g(): app.state.x = 1\n  g()",
    "in a factory": "def create():\n  @app.get('/')\n  def f(): app.state.x = 1",
}
NOT_AT_REQUEST = {
    "module": "app.state.x = 1",
    "lifespan": "@asynccontextmanager\nasync def lifespan(app: FastAPI):\n  app.state.x = 1\n  yield",
    "on_event": "@app.on_event('startup')\ndef f(): app.state.x = 1",
    "factory": "def create():\n  app = FastAPI()\n  app.state.x = 1\n  @app.get('/')\n  def f(): pass\n  return app",
    "setup": "def setup(app: FastAPI): app.state.x = 1",
    "middleware's creation": "class M:\n  def __init__(self, app): app.state.x = 1\napp.add_middleware(M)",
    "other decorator": "@cached\ndef f(): app.state.x = 1",
    "property": "class S:\n  def run(self): app.state.x = 1",
}


@pytest.mark.parametrize("name", [*AT_REQUEST, *NOT_AT_REQUEST])
def test_writes_at_request_time(name: str) -> None:
    source = IMPORTS + {**AT_REQUEST, **NOT_AT_REQUEST}[name]
    (access,) = [access for access in read(source).accesses() if access.kind == "write"]
    assert access.at_request == (name in AT_REQUEST)


def test_functions_of_other_files_are_followed() -> None:
    source = {
        "main": f"{IMPORTS}\nfrom work import f\n@app.get('/')\ndef g(): f(app)",
        "work": "def f(app): app.state.x = 1",
    }
    (access,) = [access for access in read(source).accesses() if access.kind == "write"]
    assert access.at_request


#: Source with a write of `app.state.x`, and the expression that the value comes from.
USER_DATA = {
    "@app.get('/')\ndef f(request: Request): app.state.x = request.user": "request.user",
    "@app.get('/')\ndef f(r: Request): app.state.x = r.user.id": "r.user",
    "@app.get('/')\ndef f(request: Request): app.state.x = request.headers['x']": "request.headers",
    "@app.get('/')\ndef f(request: Request): app.state.x = request.cookies.get('x')": "request.cookies",
    "@app.get('/')\nasync def f(request: Request): app.state.x = await request.json()": "request.json()",
    "@app.get('/')\nasync def f(request: Request):\n  data = await request.json()\n  app.state.x = data['x']": (
        "request.json()"
    ),
    "@app.websocket('/')\nasync def f(ws: WebSocket): app.state.x = await ws.receive_text()": "ws.receive_text()",
    "@app.get('/{user_id}')\ndef f(user_id: str): app.state.x = user_id": "user_id",
    "@app.post('/')\ndef f(order: Order): app.state.x = order.name": "order",
    "@app.post('/')\ndef f(order: Order): app.state.x = Context(order)": "order",
    "@app.post('/')\ndef f(order: Order):\n  name, _ = order.name, 1\n  app.state.x = name": "order",
    "@app.get('/')\ndef f(token: str = Header()): setattr(app.state, 'x', token)": "token",
    "@app.get('/')\ndef f(user=Depends(get_user)): app.state.x = user": "user",
    "@app.get('/')\ndef f(request: Request): app.state.x = request.state.user": "request.state.user",
    "class M:\n  async def __call__(self, scope, receive, send): scope['app'].state.x = scope['user']": 'scope["user"]',
    "def f(user_id: str): app.state.x = user_id\napp.add_api_route('/', f)": "user_id",
    "@app.get('/')\ndef f(): app.state.x = 1": "",
    "@app.get('/')\ndef f(request: Request): app.state.x = request.app.state.y": "",
    "@app.get('/')\ndef f(request: Request): app.state.x = request.url_for('x')": "",
    "@app.get('/')\ndef f(request: Request): app.state.x = create(request.app)": "",
    "@app.get('/')\ndef f(pool=Depends(get_pool)): app.state.x = pool": "",
    "@app.get('/')\ndef f(user_id: str): app.state.x = time.time()": "",
    "from deps import DbDep\n@app.get('/')\ndef f(db: DbDep): app.state.x = db": "",
    "Db = Annotated[object, Depends(get_db)]\ndef get_db(): pass\n@app.get('/')\ndef f(db: Db): app.state.x = db": "",
    "User = Annotated[object, Depends(get_user)]\n@app.get('/')\ndef f(user: User): app.state.x = user": "user",
    "@app.get('/')\ndef f(user_id: str): app.state.x += 1": "",
    "@app.get('/')\ndef f(user_id: str): app.state.sessions[user_id] = app.state.x = 1": "",
    "@app.get('/')\ndef f(tasks: BackgroundTasks): app.state.x = tasks": "",
    "def f(user_id: str): app.state.x = user_id": "",
    "@asynccontextmanager\nasync def lifespan(app: FastAPI, user: str):\n  app.state.x = user\n  yield": "",
    "@app.get('/')\ndef f(name: str):\n  name = 'x'\n  app.state.x = name": "",
}


@pytest.mark.parametrize("source", USER_DATA)
def test_user_data(source: str) -> None:
    (access,) = [
        access for access in read(IMPORTS + source).accesses() if access.kind == "write" and access.name == "x"
    ]
    assert access.user_data == USER_DATA[source]


def test_injected_parameters_of_litestar_are_not_user_data() -> None:
    source = """
    from litestar import get
    @get("/")
    def f(app, pool: Pool, user_id: str):
        app.state.x = pool
        app.state.y = user_id
    """
    assert [access.user_data for access in read(source).accesses()] == ["", "user_id"]


def test_values_of_a_requests_own_state_are_not_user_data() -> None:
    source = IMPORTS + "@app.get('/')\ndef f(request: Request, user_id: str): request.state.user = user_id"
    (access,) = read(source).accesses()
    assert (access.scope, access.user_data) == ("request", "")
