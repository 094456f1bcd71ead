"""The contracts of pyproject.toml as assertions, a test for each, as FastAPI's documentation uses TestClient."""

import inspect

from fastapi.testclient import TestClient
from shop import Bridge, EngineFactory, Pool, app


def test_settings() -> None:
    with TestClient(app):
        assert isinstance(app.state.settings, dict)
        assert app.state.settings


def test_pool() -> None:
    with TestClient(app):
        assert isinstance(app.state.pool, Pool)
        inspect.signature(app.state.pool.add_connection).bind(user_id="alice")


def test_bridge() -> None:
    with TestClient(app):
        assert isinstance(app.state.bridge, Bridge)
        assert inspect.iscoroutinefunction(app.state.bridge.emit)
        inspect.signature(app.state.bridge.emit).bind(user_id="alice", event="done")
        assert app.state.bridge.pool is app.state.pool


def test_engine_factory() -> None:
    with TestClient(app):
        assert isinstance(app.state.engine_factory, EngineFactory)
        assert app.state.engine_factory.bridge is app.state.bridge
