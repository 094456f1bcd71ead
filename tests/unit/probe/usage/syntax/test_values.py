"""Where applications, requests and states come from: parameters, annotations, attributes, functions, other files."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.probe.usage.sources import accesses, read, short

POOL = ["read application.pool"]
_METHODS = (("read", "b"), ("read", "c"), ("write", "d"), ("read", "e"))

SOURCES: dict[str, tuple[str | Mapping[str, str], list[str]]] = {
    "annotation": ("from fastapi import FastAPI\ndef f(a: FastAPI): return a.state.pool", POOL),
    "text": ("from fastapi import FastAPI\ndef f(a: 'FastAPI'): return a.state.pool", POOL),
    "attribute of a module": ("import fastapi\ndef f(a: fastapi.FastAPI): return a.state.pool", POOL),
    "deep module": (
        "import starlette.applications\ndef f(a: starlette.applications.Starlette): return a.state.pool",
        POOL,
    ),
    "other name of a module": ("import fastapi as fa\ndef f(a: 'fa.Request'): return a.app.state.pool", POOL),
    "other name": ("from fastapi import Request as R\ndef f(a: R): return a.app.state.pool", POOL),
    "optional": ("from fastapi import Request\ndef f(a: Request | None = None): return a.app.state.pool", POOL),
    "Optional": (
        "import typing as t\nfrom fastapi import Request\ndef f(a: t.Optional[Request]): return a.app.state.pool",
        POOL,
    ),
    "Annotated": (
        "from typing import Annotated\nfrom fastapi import Request\ndef f(a: Annotated[Request, 1]): a.app.state.pool",
        POOL,
    ),
    "generic": ("from litestar import Request\ndef f(a: Request[U, T, S]): return a.app.state.pool", POOL),
    "HTTPConnection": (
        "from starlette.requests import HTTPConnection\ndef f(a: HTTPConnection): return a.app.state.pool",
        POOL,
    ),
    "under TYPE_CHECKING": (
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
            "  from fastapi import FastAPI\ndef f(a: 'FastAPI'): a.state.pool"
        ),
        POOL,
    ),
    "State of Litestar": (
        "from litestar.datastructures import State\ndef f(state: State): return state.pool",
        POOL,
    ),
    "State of Starlette": (
        "from starlette.datastructures import State\ndef f(s: State): return s.pool",
        ["read unknown.pool"],
    ),
    "variable": ("from fastapi import FastAPI\napp = FastAPI()\ndef f(): return app.state.pool", POOL),
    "annotated variable": (
        "from fastapi import FastAPI\nfrom x import create\napi: FastAPI = create()\ndef f(): return api.state.pool",
        POOL,
    ),
    "function of the file": (
        "from fastapi import FastAPI\ndef create():\n  a = FastAPI()\n  return a\nx = create()\nx.state.pool",
        POOL,
    ),
    "closure": (
        "from fastapi import FastAPI\ndef create():\n  a = FastAPI()\n  def f(): return a.state.pool\n  return a",
        POOL,
    ),
    "lambda": ("def create(app):\n  return lambda: app.state.pool", POOL),
    "unannotated": ("def f(app): return app.state.pool\ndef g(request): return request.app.state.pool", POOL * 2),
    "any": ("from typing import Any\ndef f(request: Any): return request.app.state.pool", POOL),
    "keyword": ("def f(**kwargs):\n  request = kwargs['request']\n  return request.app.state.pool", POOL),
    "branches": (
        "from fastapi import FastAPI\nif x:\n  a = FastAPI()\nelse:\n  a = FastAPI(debug=True)\na.state.pool",
        POOL,
    ),
    "subclass": (
        (
            "from fastapi import FastAPI\nclass App(FastAPI):\n"
            "  def setup(self): self.state.pool = 1\ndef f(a: App): a.state.pool"
        ),
        ["write application.pool", "read application.pool"],
    ),
    "subclass of a state": (
        "from starlette.datastructures import State\nclass Mine(State): pool: int\ndef f(s: Mine): return s.pool",
        ["read unknown.pool"],
    ),
    "typed state by an annotated variable": (
        """
        from typing import Protocol
        from fastapi import FastAPI
        class AppState(Protocol):
            pool: int
        def f(app: FastAPI):
            state: AppState = app.state
            return state.pool
        def g(state: AppState):
            return state.pool
        """,
        POOL * 2,
    ),
    "typed state by cast": (
        """
        from typing import cast
        from fastapi import Request
        class AppState:
            pool: int
        def get_state(request: Request) -> AppState:
            return cast(AppState, request.app.state)
        def g(state: "AppState"):
            return state.pool
        def h(request: Request):
            return get_state(request).pool
        """,
        POOL * 2,
    ),
    "typed state that is assigned": (
        """
        from fastapi import FastAPI
        class AppState:
            pool: int
        app = FastAPI()
        app.state = AppState()
        def g(state: AppState):
            return state.pool
        """,
        POOL,
    ),
    "attribute of self": (
        """
        from fastapi import FastAPI
        class Service:
            def __init__(self, app: FastAPI):
                self._app, self.state = app, app.state
            def f(self):
                return self._app.state.pool, self.state.pool
        """,
        POOL * 2,
    ),
    "attribute of self without annotation": (
        """
        from starlette.middleware.base import BaseHTTPMiddleware
        class Middleware(BaseHTTPMiddleware):
            async def dispatch(self, request, call_next):
                self.app.state.pool
                return request.state.user
        """,
        [*POOL, "read request.user"],
    ),
    "middleware": (
        """
        from starlette.types import ASGIApp, Receive, Scope, Send
        class Middleware:
            def __init__(self, app: ASGIApp): self.app = app
            async def __call__(self, scope: Scope, receive: Receive, send: Send):
                scope["app"].state.pool
                scope.setdefault("state", {})["user"] = 1
        """,
        [*POOL, "write request.user"],
    ),
    "context of GraphQL": (
        "from fastapi import FastAPI\ndef resolve(info): return info.context['request'].app.state.pool",
        POOL,
    ),
    "lifespan": (
        """
        from contextlib import asynccontextmanager
        from fastapi import FastAPI
        @asynccontextmanager
        async def lifespan(app: FastAPI):
            app.state.pool = 1
            yield {"engine": 2, "cache": 3}
        """,
        ["write application.pool", "write request.engine", "write request.cache"],
    ),
    "typed mapping of a lifespan": (
        """
        from contextlib import asynccontextmanager
        from typing import TypedDict
        class State(TypedDict):
            engine: int
        @asynccontextmanager
        async def lifespan(app):
            yield State(engine=2)
        """,
        ["write request.engine"],
    ),
    "generator that is not a lifespan": (
        "from contextlib import asynccontextmanager\n@asynccontextmanager\nasync def f(): yield {'engine': 1}",
        [],
    ),
    "mapping of Litestar": (
        (
            "from litestar import Litestar\nfrom litestar.datastructures import State\n"
            "app = Litestar([], state=State({'pool': 1}))"
        ),
        ["write application.pool"],
    ),
    "methods of a mapping": (
        """
        from litestar.datastructures import State
        def f(state: State):
            state.get("pool").close()
            state.update({"a": 1})
            return state.dict(), state.items()
        """,
        [
            "guarded application.pool",
            "write application.a",
            *["dynamic-read application.?"] * 2,
        ],
    ),
    "constants of other files": (
        {
            "main": """
            from keys import POOL, Keys
            import keys
            def f(app):
                getattr(app.state, POOL)
                getattr(app.state, keys.POOL)
                getattr(app.state, Keys.CACHE)
                getattr(app.state, Keys.CACHE.value)
                getattr(app.state, Keys.other)
            """,
            "keys": "POOL = 'pool'\nclass Keys:\n  CACHE = 'cache'\n  other = compute()",
        },
        [*POOL * 2, *["read application.cache"] * 2, "dynamic-read application.?"],
    ),
    "constants of self": (
        (
            "class C:\n  KEY = 'pool'\n  def f(self, app):\n"
            "    return getattr(app.state, self.KEY), getattr(app.state, C.KEY)"
        ),
        POOL * 2,
    ),
    "application of another file": (
        {
            "main": "from setup import app\nimport setup\ndef f(): return app.state.pool, setup.app.state.pool",
            "setup": "from fastapi import FastAPI\napp = FastAPI()",
        },
        POOL * 2,
    ),
    "application of a file that was not read": (
        "from main.setup import app\ndef f(): return app.state.pool",
        POOL,
    ),
    "alias of another file": (
        {
            "main": "from deps import StateDep\ndef f(state: StateDep): return state.pool",
            "deps": """
            from typing import Annotated
            from fastapi import Depends, Request
            def get_state(request: Request): return request.app.state
            StateDep = Annotated[object, Depends(get_state)]
            """,
        },
        POOL,
    ),
    "typed state of another file": (
        {
            "main": "from types_ import AppState\ndef f(state: AppState): return state.pool",
            "types_": "from starlette.datastructures import State\nclass AppState(State):\n  pool: int",
        },
        ["read unknown.pool"],
    ),
    "names in a sequence of the module": (
        (
            "NAMES = ('a', 'b')\nTABLE = {'c': 1}\nclass C: NAMES = ['d']\ndef f(app):\n"
            "  for name in NAMES: getattr(app.state, name)\n"
            "  for name, x in TABLE.items(): setattr(app.state, name, x)\n"
            "  return [n for n in C.NAMES if not hasattr(app.state, n)]"
        ),
        ["read application.a", "read application.b", "write application.c", "guarded application.d"],
    ),
    "objects of frameworks that are created": (
        (
            "from starlette.requests import HTTPConnection, Request\ndef f(scope, receive):\n"
            "  HTTPConnection(scope).app.state.pool\n  request = Request(scope, receive)\n"
            "  return request.app.state.pool"
        ),
        POOL * 2,
    ),
    "class of a lifespan": (
        """
        from fastapi import FastAPI
        class Lifespan:
            def __init__(self, app: FastAPI): self.app = app
            async def __aenter__(self): self.app.state.pool = 1
            async def __aexit__(self, *_): await self.app.state.pool.close()
        """,
        ["write application.pool", *POOL],
    ),
    "dataclass": (
        """
        from dataclasses import dataclass
        from fastapi import Request
        @dataclass
        class Deps:
            request: Request
            def pool(self): return self.request.app.state.pool
        def f(deps: Deps): return deps.request.app.state.pool
        """,
        POOL * 2,
    ),
    "environment of Socket.IO": (
        "from fastapi import FastAPI\ndef connect(sid, environ): return environ['asgi.scope']['app'].state.pool",
        POOL,
    ),
    "state of a generator dependency": (
        """
        from fastapi import Depends, Request
        class AppState: pool: int
        def get_state(request: Request): yield request.app.state
        def f(state: AppState = Depends(get_state)): return state.pool
        """,
        POOL,
    ),
    "import with a fallback": (
        "try:\n  from fastapi import FastAPI\nexcept ImportError:\n  FastAPI = None\ndef f(a: FastAPI): a.state.pool",
        POOL,
    ),
    "global": (
        (
            "from fastapi import FastAPI\napp = None\ndef create():\n  global app\n  app = FastAPI()\n"
            "def f(): return app.state.pool"
        ),
        POOL,
    ),
    "methods with two underscores": (
        (
            "def f(app):\n  app.state.__setattr__('a', 1)\n  app.state.__getattr__('b')\n  app.state.__dict__['c']\n"
            "  object.__setattr__(app.state, 'd', 1)\n  vars(app.state)['e']"
        ),
        ["write application.a", *(f"{kind} application.{name}" for kind, name in _METHODS)],
    ),
    "annotation without a value": ("def f(app):\n  app.state.pool: int", []),
    "star import": (
        {
            "main": "from deps import *\ndef f(request): return get_state(request).pool",
            "deps": "def get_state(request): return request.app.state",
        },
        POOL,
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_values(name: str) -> None:
    source, expected = SOURCES[name]
    assert accesses(source) == expected


#: Definitions that lead to the entry `pool`, and a line that uses them.
ACCESSORS = {
    "function": ("def get_pool(request): return request.app.state.pool", "def f(request): get_pool(request).close()"),
    "async function": (
        "async def get_pool(request): return request.app.state.pool",
        "async def f(request): (await get_pool(request)).close()",
    ),
    "Depends": (
        "def get_pool(request: Request): return request.app.state.pool",
        "def f(pool=Depends(get_pool)): pool.close()",
    ),
    "async dependency": (
        "async def get_pool(request: Request):\n  pool = request.app.state.pool\n  return pool",
        "def f(pool: object = Depends(get_pool)): pool.close()",
    ),
    "generator": (
        "def get_pool(request: Request):\n  yield request.app.state.pool",
        "def f(pool=Depends(get_pool)): pool.close()",
    ),
    "Annotated": (
        "def get_pool(request: Request): return request.app.state.pool",
        "def f(pool: Annotated[object, Depends(get_pool)]): pool.close()",
    ),
    "alias": (
        "def get_pool(request: Request): return request.app.state.pool\nPool = Annotated[object, Depends(get_pool)]",
        "def f(pool: Pool): pool.close()",
    ),
    "chain": (
        "def get_state(r: Request): return r.app.state\ndef get_pool(state=Depends(get_state)): return state.pool",
        "def f(pool=Depends(get_pool)): pool.close()",
    ),
    "dependency class": (
        "class GetPool:\n  def __call__(self, request: Request): return request.app.state.pool",
        "def f(pool=Depends(GetPool())): pool.close()",
    ),
    "property": (
        (
            "class Deps:\n  def __init__(self, request: Request): self._r = request\n"
            "  @property\n  def pool(self): return self._r.app.state.pool"
        ),
        "def f(deps: Deps): deps.pool.close()",
    ),
    "method": (
        "class Deps:\n  def pool(self, request): return request.app.state.pool",
        "def f(request, deps: Deps = Depends()): deps.pool(request).close()",
    ),
    "method of a base class": (
        "class Base:\n  def pool(self): return self.request.app.state.pool\nclass Deps(Base): pass",
        "def f(deps=Depends(Deps)): deps.pool().close()",
    ),
    "class method": (
        "class Deps:\n  @classmethod\n  def pool(cls, request): return request.app.state.pool",
        "def f(request): Deps.pool(request).close()",
    ),
    "static method": (
        "class Deps:\n  @staticmethod\n  def pool(request): return request.app.state.pool",
        "def f(request): Deps.pool(request).close()",
    ),
    "context manager": (
        "@asynccontextmanager\nasync def get_pool(app):\n  yield app.state.pool",
        "async def f(app):\n  async with get_pool(app) as pool: pool.close()",
    ),
}


def test_modules_that_import_all_names_from_each_other_are_searched_once() -> None:
    names = [f"m{number}" for number in range(12)]
    stars = "\n".join(f"from {name} import *" for name in names)
    source = dict.fromkeys(names, f"{stars}\ndef f(app): return unknown(app), len(app.state.pool)")
    assert accesses(source) == POOL * 12


@pytest.mark.parametrize("pool", ["from pools import Pool", "class Pool: ..."])
def test_dependencies_of_litestar_have_users_by_the_name_of_a_parameter(pool: str) -> None:
    source = {
        "main": """
        from litestar import Litestar
        from litestar.datastructures import State
        from litestar.di import Provide
        from routes import list_items
        async def get_pool(state: State): return state.pool
        app = Litestar([list_items], dependencies={"pool": Provide(get_pool), "other": Provide(create)})
        """,
        "routes": f"""
        from litestar import get
        {pool}
        @get("/")
        async def list_items(pool: Pool, other: Other): return await pool.fetch(1), other.x
        def helper(pool: Pool): return pool.close()
        """,
    }
    direct, user = read(source).accesses()
    assert (short(direct), direct.accessor) == ("read application.pool", "")
    assert (short(user), user.accessor, user.location.function) == (
        *("read application.pool", "main:get_pool"),
        "list_items",
    )
    assert [(use.kind, use.path) for use in user.uses] == [("call", "fetch"), ("await", "fetch")]


def test_own_class_of_a_state_is_no_dependency_of_litestar() -> None:
    source = """
    from litestar import get
    from litestar.datastructures import State
    class AppState(State): ...
    @get("/")
    async def f(state: AppState): return state.pool
    """
    assert list(map(short, read(source).accesses())) == ["read unknown.pool"]


def test_an_accessor_may_return_what_an_entry_leads_to() -> None:
    source = """
    def get_pool(request): return request.app.state.ctx.db.pool
    def f(request): return get_pool(request).fetch(1)
    """
    access = read(source).accesses()[-1]
    assert (short(access), access.accessor) == ("read application.ctx", "main:get_pool")
    assert [(use.kind, use.path) for use in access.uses] == [("call", "db.pool.fetch")]


def test_a_guard_in_an_accessor_is_one_of_its_users() -> None:
    source = """
    def get_pool(request):
        pool = getattr(request.app.state, "pool", None)
        if pool is None:
            pool = create()
            request.app.state.pool = pool
        return pool
    def f(request): return get_pool(request).fetch(1)
    """
    assert accesses(source) == ["guarded application.pool", "write application.pool", "guarded application.pool"]


@pytest.mark.parametrize("name", ACCESSORS)
@pytest.mark.parametrize("other_file", [False, True])
def test_accessors_have_users(name: str, other_file: bool) -> None:
    imports = "from typing import Annotated\nfrom contextlib import *\nfrom fastapi import Depends, FastAPI, Request\n"
    definition, user = ACCESSORS[name]
    if other_file:
        taken = "\n".join(
            f"from deps import {item}" for item in ("get_pool", "Deps", "GetPool", "Pool") if item in user
        )
        source: str | Mapping[str, str] = {"deps": imports + definition, "main": f"{imports}\n{taken}\n{user}"}
    else:
        source = f"{imports}\n{definition}\n{user}"
    records = read(source)
    found = [access for access in records.accesses() if access.accessor and access.location.function == "f"]
    assert [short(access) for access in found] == POOL
    assert [(use.kind, use.path) for use in found[0].uses] == [("call", "close")]
    assert found[0].accessor in {accessor.function for accessor in records.accessors()}


def test_function_that_returns_an_attribute_of_an_entry_is_no_accessor_of_the_entry() -> None:
    source = """
    def get_mailer(request): return request.app.state.ctx.mailer
    def get_ctx(request): return request.app.state.ctx
    def f(request): return get_mailer(request).send()
    """
    records = read(source)
    assert [accessor.function for accessor in records.accessors()] == ["main:get_ctx"]
    assert [access.accessor for access in records.accesses() if access.location.function == "f"] == ["main:get_mailer"]
