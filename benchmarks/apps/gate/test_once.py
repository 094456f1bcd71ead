"""The contracts of pyproject.toml as assertions in one test, with TestClient."""

import inspect

from fastapi.testclient import TestClient
from shop import Bridge, EngineFactory, Pool, app


def test_startup() -> None:
    with TestClient(app):
        assert isinstance(app.state.settings, dict)
        assert app.state.settings
        assert isinstance(app.state.pool, Pool)
        inspect.signature(app.state.pool.add_connection).bind(user_id="alice")
        assert isinstance(app.state.bridge, Bridge)
        assert inspect.iscoroutinefunction(app.state.bridge.emit)
        inspect.signature(app.state.bridge.emit).bind(user_id="alice", event="done")
        assert app.state.bridge.pool is app.state.pool
        assert isinstance(app.state.engine_factory, EngineFactory)
        assert app.state.engine_factory.bridge is app.state.bridge
