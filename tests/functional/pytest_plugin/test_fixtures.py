"""Fixtures: the report, the started application, and the check of a state."""

from __future__ import annotations

import pytest

from tests.functional.pytest_plugin.conftest import Project

FLAG = "--netra-contracts"

#: An application whose pool works on the event loop of the lifespan only.
MAIN = """
import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path
from fastapi import FastAPI, Request
from netra_contracts import AppStateContract

events = []

class Pool:
    def __init__(self):
        self.loop = asyncio.get_running_loop()

    async def use(self):
        assert asyncio.get_running_loop() is self.loop, "another event loop"
        await asyncio.sleep(0)
        return "used"

@asynccontextmanager
async def lifespan(app):
    if os.environ.get("NETRA_CONTRACTS"):
        with Path("starts").open("a") as file:
            file.write("x")
    events.append("start")
    app.state.pool = Pool()
    yield {"session": "of the lifespan"}
    events.append("stop")
    del app.state.pool

app = FastAPI(lifespan=lifespan)

@app.get("/")
async def show(request: Request):
    return [await request.app.state.pool.use(), request.state.session]

async def create_app():
    await asyncio.sleep(0)
    return app

@asynccontextmanager
async def failing(app):
    raise RuntimeError("no database")
    yield

broken = FastAPI(lifespan=failing)

@asynccontextmanager
async def slow(app):
    await asyncio.sleep(60)
    yield

endless = FastAPI(lifespan=slow)

@asynccontextmanager
async def stopping(app):
    yield
    raise RuntimeError("not flushed")

dirty = FastAPI(lifespan=stopping)

state = {"pool": 1}
CONTRACTS = [
    AppStateContract("pool", Pool, phase="initialization", requires=["lifespan:session"]),
    AppStateContract("lifespan:session", str),
]
"""
CONFIGURATION = """
[tool.netra-contracts]
target = "main:app"
contracts = "main:CONTRACTS"
env = { NAME = "configured" }
startup-timeout = 5
[tool.pytest.ini_options]
netra_contracts = true
pythonpath = ["."]
"""
TESTS = """
import asyncio, os, threading
import httpx, pytest
import main
from starlette.testclient import TestClient

EXPECTED = ["used", "of the lifespan"]

def test_report(contract_report):
    assert contract_report.summary.held == 2

def test_report_again(contract_report):
    assert contract_report.ok

def test_client_with_and_without_its_lifespan(started_app):
    assert started_app is main.app
    assert TestClient(started_app).get("/").json() == EXPECTED
    with TestClient(started_app) as client:
        assert client.get("/").json() == EXPECTED
    assert main.events == ["start"]
    assert os.environ["NAME"] == "configured"

def test_lifespan_has_ended():
    assert "NAME" not in os.environ
    assert main.events == ["start", "stop"]
    assert not hasattr(main.app.state, "pool")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("netra-contracts")]
    with TestClient(main.app) as client:
        assert client.get("/").json() == EXPECTED

async def get(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        return (await client.get("/")).json()

@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_asgi_transport_in_an_async_test(started_app, anyio_backend):
    assert await get(started_app) == EXPECTED

def test_asgi_transport_in_another_loop(started_app):
    assert asyncio.run(get(started_app)) == EXPECTED

async def test_on_the_loop_of_the_lifespan(started_app):
    assert await started_app.state.pool.use() == "used"
    assert await get(started_app) == EXPECTED

def test_contracts_hold(started_app, assert_contracts):
    assert_contracts(started_app.state)
    assert_contracts(started_app)
    assert_contracts({"other": 1}, [main.AppStateContract("other", int)])

def test_variable_of_a_test_is_kept(monkeypatch, request):
    monkeypatch.setenv("NAME", "of the test")
    request.getfixturevalue("started_app")
    assert os.environ["NAME"] == "of the test"

def test_contracts_are_broken(assert_contracts):
    assert_contracts({"pool": 1})
"""


def test_fixtures_of_an_application(project: Project) -> None:
    project.write({"main.py": MAIN, "pyproject.toml": CONFIGURATION, "tests/test_other.py": TESTS})
    result = project.run("-p", "no:xdist", "-W", "ignore")
    result.assert_outcomes(passed=14, failed=1)
    result.stdout.fnmatch_lines(
        [">       assert_contracts({*", "E  *AppStateContractViolation: 1 violation", "E  *NC203 `pool` *"]
    )
    assert "/netra_contracts/" not in result.stdout.str()
    assert project.starts == 1


KNOWN_MAIN = """
from contextlib import asynccontextmanager
from starlette.applications import Starlette

class Engine:
    def __init__(self, bridge):
        self.bridge = bridge

@asynccontextmanager
async def lifespan(app):
    app.state.bridge = object()
    app.state.engine = Engine(app.state.bridge)
    app.state.bridge = object()
    app.state.cache = {}
    app.state.cache = None
    app.state.queue = None
    yield

app = Starlette(lifespan=lifespan)
"""
KNOWN = """
[pytest]
netra_contracts = true
[tool.netra-contracts]
target = "main:app"
baseline = "known.toml"
strict = true
ignore = [{ code = "NC305", component = "cache", reason = "harmless" }]
severity = { NC205 = "warning" }
[tool.netra-contracts.components.engine]
wires = { bridge = "bridge" }
methods = ["start"]
[tool.netra-contracts.components.cache]
[tool.netra-contracts.components.queue]
"""
BASELINE = """
version = 1
[[findings]]
code = "NC202"
component = "queue"
reason = "waits"
[[findings]]
code = "NC304"
component = "engine"
subject = "bridge"
reason = "waits"
[[findings]]
code = "NC601"
reason = "cannot be seen in a state"
"""
KNOWN_TESTS = """
def test_known(started_app, assert_contracts):
    assert_contracts(started_app.state)

def test_new(started_app, assert_contracts):
    del started_app.state.engine
    assert_contracts(started_app.state)

def test_other_contracts(started_app, assert_contracts):
    from netra_contracts import AppStateContract
    assert_contracts(started_app.state, [AppStateContract("queue")])
"""


def test_findings_that_the_target_accepts_are_accepted_in_a_state(project: Project) -> None:
    head, _, settings = KNOWN.partition("[tool.")
    files = {"pytest.ini": head, "pyproject.toml": f"[tool.{settings}", "known.toml": BASELINE}
    project.write({**files, "main.py": KNOWN_MAIN, "tests/test_other.py": KNOWN_TESTS})
    result = project.run("tests/test_other.py", "-W", "ignore")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        ["E *AppStateContractViolation: 1 violation", "E *NC201 `engine` *", "E *NC202 `queue` *"]
    )


USES = "def test_app(started_app):\n    assert not isinstance(started_app, dict)\n"


@pytest.mark.parametrize(
    ("target", "outcomes", "lines"),
    [
        ("main:broken", {"errors": 1}, ["E *RuntimeError: no database", "main.py:*: RuntimeError"]),
        pytest.param("main:create_app", {"passed": 1}, [], marks=pytest.mark.slow),
        pytest.param(
            "main:endless",
            {"errors": 1},
            ["E *startup of `main:endless` did not end within 0.2 s; `startup-timeout` *"],
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "main:dirty", {"passed": 1, "errors": 1}, ["E *RuntimeError: not flushed"], marks=pytest.mark.slow
        ),
        ("main:nothing", {"errors": 1}, ["netra-contracts: main:nothing: `main` has no attribute `nothing`"]),
        (
            "main:state",
            {"errors": 1},
            ["netra-contracts: main:state: the target is an object of type dict (the fixture *"],
        ),
        ("nowhere:app", {"errors": 1}, ["netra-contracts: nowhere:app: No module named 'nowhere'"]),
    ],
)
def test_applications_that_start_and_those_that_do_not(
    project: Project, target: str, outcomes: dict[str, int], lines: list[str]
) -> None:
    configuration = CONFIGURATION.replace("main:app", target)
    if "endless" in target:
        configuration = configuration.replace("timeout = 5", "timeout = 0.2")
    project.write({"main.py": MAIN, "pyproject.toml": configuration, "tests/test_other.py": USES})
    result = project.run("tests/test_other.py", "-W", "ignore")
    result.assert_outcomes(**outcomes)
    result.stdout.fnmatch_lines(lines)


@pytest.mark.slow
def test_litestar_handles_requests_on_the_loop_of_its_lifespan(project: Project) -> None:
    application = """
from litestar import Litestar, Request, get
from main import lifespan

@get("/")
async def show(request: Request) -> str:
    return await request.app.state.pool.use()

app = Litestar([show], lifespan=[lifespan])
"""
    tests = """
import asyncio, httpx

async def get(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        return (await client.get("/")).text

def test_request(started_app):
    assert asyncio.run(get(started_app)) == "used"
"""
    configuration = CONFIGURATION.replace("main:app", "other:app")
    project.write(
        {"main.py": MAIN, "other.py": application, "pyproject.toml": configuration, "tests/test_other.py": tests}
    )
    project.run("tests/test_other.py", "-W", "ignore").assert_outcomes(passed=1)


def test_fixtures_without_a_target_say_what_to_configure(project: Project) -> None:
    (project.folder / "main.py").unlink()
    tests = "def test_report(contract_report): ...\ndef test_contracts(assert_contracts):\n    assert_contracts({})\n"
    project.write({"pyproject.toml": "", "pytest.ini": "[pytest]\nnetra_contracts = true", "tests/test_a.py": tests})
    result = project.run("tests/test_a.py")
    result.assert_outcomes(errors=1, failed=1)
    result.stdout.fnmatch_lines(["netra-contracts: *: there is nothing to check here*"] * 2)


@pytest.mark.slow
def test_client_that_blocks_the_loop_of_the_lifespan_is_reported(project: Project) -> None:
    tests = """
from starlette.testclient import TestClient

async def test_blocking(started_app):
    TestClient(started_app).get("/")
"""
    project.write({"main.py": MAIN, "pyproject.toml": CONFIGURATION, "tests/test_other.py": tests})
    result = project.run("tests/test_other.py", "-W", "ignore")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *StartupError: the event loop of the lifespan has been blocked for 10 s: *"])


WEBSOCKETS_MAIN = """
import asyncio
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

begun = []
ends = []

@asynccontextmanager
async def lifespan(app):
    yield

async def receiving(websocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        ends.append("disconnected")

async def waiting(websocket):
    await websocket.accept()
    await slow(websocket)

async def slow(request):
    try:
        begun.append(request)
        await asyncio.sleep(600)
    finally:
        ends.append("cancelled")

routes = [WebSocketRoute("/receiving", receiving), WebSocketRoute("/waiting", waiting), Route("/slow", slow)]
app = Starlette(lifespan=lifespan, routes=routes)
"""
WEBSOCKETS_TESTS = """
import asyncio
import anyio
import httpx
import pytest
from starlette.testclient import TestClient
from main import begun, ends

@pytest.mark.parametrize("path, end", [("/receiving", "disconnected"), ("/waiting", "cancelled")] * 20)
def test_closed(started_app, path, end):
    ends.clear()
    with TestClient(started_app).websocket_connect(path) as websocket:
        websocket.send_text("not received by the client")
    assert ends == [end]

async def expire(limit, is_due):
    while not is_due():
        await asyncio.sleep(0.001)
    limit()

async def limited_by_anyio(client, is_due):
    with anyio.CancelScope() as scope:
        expiring = asyncio.create_task(expire(scope.cancel, is_due))
        await client.get("/slow")

async def limited_by_asyncio(client, is_due):
    loop = asyncio.get_running_loop()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(None) as limit:
            expiring = asyncio.create_task(expire(lambda: limit.reschedule(loop.time()), is_due))
            await client.get("/slow")

@pytest.mark.parametrize("is_due", [lambda: begun, lambda: True], ids=["begun", "at_once"])
@pytest.mark.parametrize("limited", [limited_by_anyio, limited_by_asyncio])
def test_cancelled(started_app, limited, is_due):
    async def request():
        transport = httpx.ASGITransport(app=started_app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await limited(client, is_due)
            await client.get("/none")  # handled after a cancelled one that would still begin
    begun.clear()
    ends.clear()
    asyncio.run(request())
    assert ends == ["cancelled"] * len(begun)
"""


def test_handlers_end_as_on_one_loop(project: Project) -> None:
    project.write({"main.py": WEBSOCKETS_MAIN, "test_it.py": WEBSOCKETS_TESTS})
    result = project.run("-o", "netra_contracts=true", "test_it.py")
    result.assert_outcomes(passed=44)


EXITING_MAIN = """
import sys
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.routing import Route

@asynccontextmanager
async def lifespan(app):
    yield

@asynccontextmanager
async def exiting(app):
    sys.exit("no license")
    yield

async def leave(request):
    sys.exit(5)

app = Starlette(lifespan=lifespan, routes=[Route("/leave", leave)])
startup = Starlette(lifespan=exiting)
"""
EXITING_TESTS = """
import asyncio
import sys
import httpx
import pytest

async def test_exit_in_the_test(started_app):
    sys.exit("enough")

def test_exit_in_a_handler(started_app):
    async def request():
        transport = httpx.ASGITransport(app=started_app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.get("/leave")
    asyncio.run(request())

async def test_skipped(started_app):
    pytest.skip("not here")
"""


@pytest.mark.parametrize(
    ("target", "outcomes", "lines"),
    [
        ("app", {"failed": 2, "skipped": 1}, ["E *SystemExit: enough"]),
        ("startup", {"errors": 3}, ["E *startup of `main:startup` raised SystemExit: no license"] * 3),
    ],
)
def test_exit_on_the_loop_of_the_lifespan_ends_the_test(
    project: Project, target: str, outcomes: dict[str, int], lines: list[str]
) -> None:
    configuration = CONFIGURATION.replace("main:app", f"main:{target}")
    project.write({"main.py": EXITING_MAIN, "pyproject.toml": configuration, "test_it.py": EXITING_TESTS})
    result = project.run("-o", "netra_contracts=true", "test_it.py")
    result.assert_outcomes(**outcomes)
    result.stdout.fnmatch_lines(lines)
