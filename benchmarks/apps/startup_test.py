"""The contracts of contracts.toml, as assertions that pytest and Starlette's TestClient run."""

import inspect

from fastapi.testclient import TestClient
from minimal import Pool, app


def test_startup_fills_the_state() -> None:
    with TestClient(app):
        assert isinstance(app.state.pool, Pool)
        inspect.signature(app.state.pool.add_connection).bind(user_id="alice")
        assert isinstance(app.state.settings, dict)
        assert app.state.settings
