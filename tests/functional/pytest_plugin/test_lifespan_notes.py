"""An `AttributeError` of a state says that the lifespan did not run, where that is so."""

from __future__ import annotations

import re

import pytest

from tests.functional.pytest_plugin.conftest import Project

MAIN = """
import functools
from contextlib import asynccontextmanager
from fastapi import FastAPI, Request
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

@asynccontextmanager
async def lifespan(app):
    app.state.pool = "pool"
    yield {"session": "session"}

async def pool(request):
    return PlainTextResponse(request.app.state.pool)

async def session(request):
    return PlainTextResponse(request.state.session)

async def user(request):
    return PlainTextResponse(request.state.user)

async def other(request):
    return PlainTextResponse(request.app.state.other)

ROUTES = [Route("/pool", pool), Route("/session", session), Route("/other", other), Route("/user", user)]

def create_app(lifespan=lifespan, **more):
    return Starlette(routes=list(ROUTES), lifespan=lifespan, **more)

app = create_app()
fastapi_app = FastAPI(lifespan=lifespan)

@fastapi_app.get("/pool")
async def fastapi_pool(request: Request):
    return request.app.state.pool

async def pass_on(request, call_next):
    return await call_next(request)

app.add_middleware(BaseHTTPMiddleware, dispatch=pass_on)

class Lifespan:
    def __init__(self, app):
        self.app = app

    async def __aenter__(self):
        self.app.state.pool = "pool"

    async def __aexit__(self, *_): ...

class Factory:
    @asynccontextmanager
    async def lifespan(self, app):
        app.state.pool = "pool"
        yield

@asynccontextmanager
async def with_settings(settings, app):
    app.state.pool = settings
    yield

def starting(app):
    @asynccontextmanager
    async def around(outer):
        async with app.router.lifespan_context(app):
            yield
    return around
"""
#: Each test fails with a note.
FORGOTTEN = """
import asyncio
import unittest
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from fastapi import FastAPI
from contextlib import asynccontextmanager
import main

def test_starlette():
    TestClient(main.app).get("/pool")

def test_fastapi():
    TestClient(main.fastapi_app).get("/pool")

def test_state_itself():
    main.app.state.pool

def test_local_application():
    app = main.create_app()
    app.state.pool

def test_request_state():
    TestClient(main.app).get("/session")

async def request(app, path="/pool"):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        return (await client.get(path)).text

def test_asgi_transport():
    asyncio.run(request(main.app))

@pytest.fixture
def broken():
    return main.app.state.pool

def test_fixture(broken): ...

def test_chained():
    try:
        main.app.state.pool
    except AttributeError as error:
        raise RuntimeError("no pool") from error

def test_group():
    async def both():
        async with asyncio.TaskGroup() as group:
            group.create_task(request(main.app))
    asyncio.run(both())

def test_state_of_a_mounted_application_is_set_by_the_outer_one():
    inner = Starlette()
    @asynccontextmanager
    async def fill(app):
        inner.state.pool = "pool"
        yield
    outer = Starlette(routes=[Mount("/inner", inner)], lifespan=fill)
    inner.state.pool

def test_mounted_lifespan():
    inner = main.create_app()
    outer = Starlette(routes=[Mount("/inner", inner)], lifespan=main.lifespan)
    with TestClient(outer) as client:
        client.get("/inner/pool")

def test_other_context_of_an_application():
    @asynccontextmanager
    async def client_of(app):
        yield TestClient(app)
    async def run():
        async with client_of(main.app) as client:
            client.get("/pool")
    asyncio.run(run())

def test_method_and_partial():
    import functools
    partial = main.create_app(functools.partial(main.with_settings, "settings"))
    with pytest.raises(AttributeError):
        main.create_app(main.Factory().lifespan).state.pool
    partial.state.pool

def test_startup_handler():
    app = FastAPI()
    app.router.on_startup.append(lambda: None)
    app.state.pool

class TestInClass(unittest.TestCase):
    def test_of_unittest(self):
        TestClient(main.app).get("/pool")
"""
#: Each test fails without a note.
RUN = """
import asyncio
import functools
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from fastapi import FastAPI
import main

@pytest.fixture(params=[
    main.create_app, lambda: main.create_app(main.Lifespan), lambda: main.create_app(main.Factory().lifespan),
    lambda: main.create_app(functools.partial(main.with_settings, "settings")),
    lambda: main.create_app(lambda app: main.lifespan(app)),
])
def app(request):
    return request.param

async def enter(app):
    async with app.router.lifespan_context(app):
        app.state.other

async def speak(app):
    inbox, outbox = asyncio.Queue(), asyncio.Queue()
    task = asyncio.create_task(app({"type": "lifespan", "asgi": {}, "state": {}}, inbox.get, outbox.put))
    for event in ("startup", "shutdown"):
        await inbox.put({"type": f"lifespan.{event}"})
        assert (await outbox.get())["type"] == f"lifespan.{event}.complete"
    await task
    app.state.other

def use(app):
    with TestClient(app) as client:
        client.get("/other")

def close(app):
    with TestClient(app):
        pass
    app.state.other

def test_every_way_to_run_a_lifespan(app):
    ways = (use, close, lambda app: asyncio.run(enter(app)), lambda app: asyncio.run(speak(app)))
    errors = []
    for way in ways:
        try:
            way(app())
        except AttributeError as error:
            errors.append(error)
    raise ExceptionGroup(f"{len(errors)} errors", errors)

def test_own_lifespan_function():
    app = main.create_app()
    async def run():
        async with main.lifespan(app):
            app.state.other
    asyncio.run(run())

def test_mounted():
    inner = main.create_app()
    outer = Starlette(routes=[Mount("/inner", inner)], lifespan=main.starting(inner))
    with TestClient(outer) as client:
        client.get("/inner/other")

def test_without_lifespan():
    Starlette().state.pool

def test_state_that_a_middleware_sets():
    app = main.create_app()
    with pytest.raises(AttributeError, match="'session'"):
        TestClient(app).get("/session")
    TestClient(app).get("/user")

def test_fastapi_without_lifespan():
    FastAPI().state.pool

def test_startup_handlers():
    app = FastAPI()
    app.router.on_startup.append(lambda: None)
    with TestClient(app):
        app.state.pool

def test_startup_handlers_entered_directly():
    app = FastAPI()
    app.router.on_startup.append(lambda: None)
    async def run():
        async with app.router.lifespan_context(app):
            app.state.pool
    asyncio.run(run())

def test_started_app(started_app):
    started_app.state.other

def test_other_object():
    class Other: ...
    Other().pool

def test_fastapi():
    with TestClient(main.fastapi_app):
        main.fastapi_app.state.other

def test_application_itself():
    main.create_app().nothing
"""
CONFIGURATION = """
[tool.netra-contracts]
target = "main:app"
[tool.pytest.ini_options]
netra_contracts = true
pythonpath = ["."]
"""
NOTE = "netra-contracts: the lifespan of"


LITESTAR = """
import asyncio
import pytest
from contextlib import asynccontextmanager
from litestar import Litestar
from litestar.testing import TestClient

@asynccontextmanager
async def lifespan(app):
    app.state.pool = "pool"
    yield

async def start(app):
    app.state.pool = "pool"

@pytest.fixture(params=[{"lifespan": [lifespan]}, {"on_startup": [start]}], ids=["lifespan", "startup"])
def app(request):
    return Litestar([], **request.param)

def test_forgotten(app):
    app.state.pool

def test_client(app):
    with TestClient(app):
        app.state.other

def test_entered(app):
    async def run():
        async with app.lifespan():
            app.state.other
    asyncio.run(run())

def test_without():
    Litestar([]).state.pool
"""


def sections(result: pytest.RunResult) -> dict[str, str]:
    """The text of each failure, by the name of the test."""
    text = result.stdout.str().partition("short test summary")[0]
    parts = re.split(r"^_{3,} (?:ERROR at setup of )?(\S+) _{3,}$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_note_where_the_lifespan_did_not_run(project: Project) -> None:
    project.write({"main.py": MAIN, "pyproject.toml": CONFIGURATION, "tests/test_other.py": FORGOTTEN})
    result = project.run("tests/test_other.py", "-W", "ignore", "-p", "no:xdist", "--tb=short")
    found = sections(result)
    assert len(found) == FORGOTTEN.count("def test_")
    assert [name for name, text in found.items() if NOTE not in text] == []
    assert found["test_starlette"].count(NOTE) == 1
    hint = "Write `with TestClient(app) as client:`, or use the fixture `started_app`."
    assert (
        f"{NOTE} `main:app` (Starlette) did not run in this process, so it has not set `pool`. {hint}"
        in (found["test_starlette"])
    )
    assert "so it has not set `session`" in found["test_request_state"]
    assert f"{NOTE} the application (Starlette) did not run" in found["test_local_application"]
    assert (
        "in which the application (Starlette) is mounted,"
        in (found["test_state_of_a_mounted_application_is_set_by_the_outer_one"])
    )
    assert "must enter this lifespan, too" in found["test_mounted_lifespan"]


def test_no_note_where_the_lifespan_ran_or_there_is_none(project: Project) -> None:
    project.write({"main.py": MAIN, "pyproject.toml": CONFIGURATION, "tests/test_other.py": RUN})
    result = project.run("tests/test_other.py", "-W", "ignore", "-p", "no:xdist", "--tb=short")
    found = sections(result)
    assert len(found) == RUN.count("def test_") + 4
    assert result.stdout.str().count("ExceptionGroup: 4 errors (4 sub-exceptions)") >= 5
    assert [name for name, text in found.items() if "AttributeError" not in text] == []
    assert [name for name, text in found.items() if NOTE in text] == []
    assert "/netra_contracts/" not in result.stdout.str()


def test_no_note_where_a_conftest_ran_the_lifespan_as_it_was_imported(project: Project) -> None:
    conftest = "import main\nfrom starlette.testclient import TestClient\nTestClient(main.app).__enter__()\n"
    test = "import main\ndef test_misspelt(): main.app.state.poool\n"
    files = {
        "main.py": MAIN,
        "pyproject.toml": CONFIGURATION,
        "tests/conftest.py": conftest,
        "tests/test_other.py": test,
    }
    project.write(files)
    result = project.run("tests/test_other.py", "-W", "ignore")
    result.assert_outcomes(failed=1)
    assert "AttributeError: 'State' object has no attribute 'poool'" in result.stdout.str()
    assert NOTE not in result.stdout.str()


@pytest.mark.slow
def test_notes_of_litestar(project: Project) -> None:
    project.write({"main.py": MAIN, "pyproject.toml": CONFIGURATION, "tests/test_other.py": LITESTAR})
    found = sections(project.run("tests/test_other.py", "-W", "ignore", "-p", "no:xdist", "--tb=short"))
    assert len(found) == 7
    assert [name for name, text in found.items() if NOTE in text] == [
        "test_forgotten[lifespan]",
        "test_forgotten[startup]",
    ]
