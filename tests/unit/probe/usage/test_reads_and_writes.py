"""What is an access of a state, and of which kind."""

from __future__ import annotations

import pytest

from tests.unit.probe.usage.sources import accesses

IMPORTS = """
from typing import Annotated, Any, Optional, cast
from fastapi import Depends, FastAPI, Request, WebSocket
from starlette.datastructures import State
from starlette.requests import HTTPConnection
"""

#: A statement of a function that has `request: Request`, `websocket: WebSocket`, `app: FastAPI`, `scope`.
STATEMENTS = {
    "app.state.pool": ["read application.pool"],
    "request.app.state.pool": ["read application.pool"],
    "websocket.app.state.pool": ["read application.pool"],
    "request.state.user": ["read request.user"],
    "request.state['user']": ["read request.user"],
    "app.state['pool']": ["read application.pool"],
    "scope['app'].state.pool": ["read application.pool"],
    "scope['state']['pool']": ["read request.pool"],
    "request.scope['state']['pool']": ["read request.pool"],
    "request.scope['app'].state.pool": ["read application.pool"],
    "scope.get('state', {}).get('pool')": ["guarded request.pool"],
    "state = scope.get('state') or {}; state['pool']": ["read request.pool"],
    "state = scope.get('state') or settings; state['pool']": [],
    "app.state._state['pool']": ["read application.pool"],
    "vars(app.state)": [],
    "getattr(app.state, 'pool')": ["read application.pool"],
    "getattr(app.state, 'pool', None)": ["guarded application.pool"],
    "hasattr(app.state, 'pool')": ["guarded application.pool"],
    "getattr(getattr(request.app, 'state'), 'pool')": ["read application.pool"],
    "getattr(app.state, NAME)": ["read application.named"],
    "getattr(app.state, Keys.POOL)": ["read application.keyed"],
    "getattr(app.state, name)": ["dynamic-read application.?"],
    "getattr(app.state, f'{name}_pool')": ["dynamic-read application.?"],
    "app.state[name]": ["dynamic-read application.?"],
    "'pool' in app.state._state": ["guarded application.pool"],
    "app.state.pool = 1": ["write application.pool"],
    "app.state.pool: Any = 1": ["write application.pool"],
    "app.state['pool'] = 1": ["write application.pool"],
    "app.state.count += 1": ["read application.count", "write application.count"],
    "app.state.a, app.state.b = 1, 2": ["write application.a", "write application.b"],
    "app.state.a = app.state.b = 1": ["write application.a", "write application.b"],
    "setattr(app.state, 'pool', 1)": ["write application.pool"],
    "setattr(app.state, name, 1)": ["dynamic-write application.?"],
    "for name in ('a', 'b'): setattr(app.state, name, 1)": ["write application.a", "write application.b"],
    "for name, value in {'a': 1, 'b': 2}.items(): setattr(app.state, name, value)": [
        *("write application.a", "write application.b")
    ],
    "for name, value in [('a', 1), ('b', 2)]: setattr(app.state, name, value)": [
        *("write application.a", "write application.b")
    ],
    "for name, value in settings.items(): setattr(app.state, name, value)": ["dynamic-write application.?"],
    "[getattr(app.state, name) for name in ('a', 'b')]": ["read application.a", "read application.b"],
    "app.state._state.update(pool=1)": ["write application.pool"],
    "app.state._state.update({'pool': 1})": ["write application.pool"],
    "app.state._state.update(settings)": ["dynamic-write application.?"],
    "request.state._state.setdefault('pool', 1)": ["write request.pool"],
    "scope['state'] = {'pool': 1}": ["write request.pool"],
    "scope['state'] = {}": [],
    "scope['state'] = dict(pool=1)": ["write request.pool"],
    "scope['state'] = settings": ["dynamic-write request.?"],
    "new = {'pool': 1}; scope['state'] = new": ["write request.pool"],
    "scope['state'] = {**scope['state'], 'pool': 1}": ["dynamic-read request.?", "write request.pool"],
    "new = {}; new = {**new}; scope['state'] = new": ["dynamic-write request.?"],
    "scope['state'] = dict(scope.get('state') or {})": [],
    "scope['state'] = {**settings}": ["dynamic-write request.?"],
    "scope['state'] = scope['app'].state._state.copy()": ["dynamic-read application.?", "dynamic-write request.?"],
    "scope['state'] |= {'pool': 1}": ["write request.pool"],
    "request.scope['state'] = {'pool': 1}": ["write request.pool"],
    "settings['state'] = {'pool': 1}": [],
    "new = dict(scope); new['state'] = {'pool': 1}": ["write request.pool"],
    "new = scope.copy(); new['state'] = {'pool': 1}": ["write request.pool"],
    "new = {**scope}; new['state'] = {'pool': 1}": ["write request.pool"],
    "new = dict(settings); new['state'] = {'pool': 1}": [],
    "request._state = app.state": ["dynamic-write request.?"],
    "settings._state = app.state": [],
    "scope = {**scope, 'state': {'pool': 1}}": ["write request.pool"],
    "settings = {**settings, 'state': {'pool': 1}}": [],
    "scope = dict(scope, state={'pool': 1})": ["write request.pool"],
    "scope.update(state={'pool': 1})": ["write request.pool"],
    "scope.setdefault('state', {'pool': 1})": ["write request.pool"],
    "state = scope['state']; state |= settings": ["dynamic-write request.?"],
    "del app.state.pool": ["delete application.pool"],
    "delattr(app.state, 'pool')": ["delete application.pool"],
    "with open('x') as app.state.file: pass": ["write application.file"],
    "state = request.app.state; pool = state.pool": ["read application.pool"],
    "state, _ = app.state, 1; state.pool": ["read application.pool"],
    "(state := app.state).pool": ["read application.pool"],
    "if (pool := app.state.pool) is None: raise KeyError": ["guarded application.pool"],
    "s = cast(State, app.state); s.pool": ["read application.pool"],
    "app.state.ctx.pool": ["read application.ctx"],
    "lambda: app.state.pool": ["read application.pool"],
    "print(f'{app.state.pool!r:>{width}}')": ["read application.pool"],
    # guards
    "if app.state.pool: pass": ["guarded application.pool"],
    "if not app.state.pool: pass": ["guarded application.pool"],
    "if app.state.pool is None: pass": ["guarded application.pool"],
    "if app.state.pool is not None and name: pass": ["guarded application.pool"],
    "if None is app.state.pool: pass": ["guarded application.pool"],
    "pool = app.state.pool or 1": ["guarded application.pool"],
    "app.state.pool and app.state.pool.close()": ["guarded application.pool"] * 2,
    "app.state.pool.close() if app.state.pool else None": ["guarded application.pool"] * 2,
    "pool = request.app.state.pool\n    if pool is None: raise KeyError": ["guarded application.pool"],
    "if hasattr(app.state, 'pool'): app.state.pool.close()": ["guarded application.pool"] * 2,
    "if not hasattr(app.state, 'pool'): app.state.pool = 1\n    return app.state.pool": [
        *("guarded application.pool", "write application.pool", "guarded application.pool")
    ],
    "try: app.state.pool\n    except AttributeError: pass": ["guarded application.pool"],
    "try: app.state.pool\n    except (KeyError, TypeError): pass": ["guarded application.pool"],
    "try: app.state.pool\n    except Exception: return None": ["guarded application.pool"],
    "with contextlib.suppress(AttributeError): app.state.pool": ["guarded application.pool"],
    "assert app.state.pool": ["read application.pool"],
    "try: app.state.pool\n    except ValueError: pass": ["read application.pool"],
    "try: app.state.pool\n    except Exception as error: raise KeyError from error": ["read application.pool"],
    "try: pass\n    finally: app.state.pool.close()": ["read application.pool"],
    "if app.state.pool == 3: pass": ["read application.pool"],
    "if app.state.pool.is_open: pass": ["read application.pool"],
    "while True: app.state.pool": ["read application.pool"],
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_statements(statement: str) -> None:
    source = f"""{IMPORTS}
import contextlib
NAME = "named"
class Keys:
    POOL = "keyed"
def function(app: FastAPI, request: Request, websocket: WebSocket, scope, name, settings, width):
    {statement}
"""
    assert accesses(source) == STATEMENTS[statement]


def test_member_that_a_class_does_not_have_is_not_searched_without_end() -> None:
    source = """
        from fastapi import FastAPI
        class Keys: ...
        def function(key: Keys.Missing, app: FastAPI):
            state: Keys.Missing = app.state
            getattr(app.state, key)
            key.state.pool
        """
    assert accesses(source) == ["dynamic-read application.?"]


@pytest.mark.parametrize("annotation", ["Any", "typing.Any", "object", "'Any'", "Any | None", "Optional[Any]"])
def test_name_of_a_parameter_counts_where_its_annotation_allows_everything(annotation: str) -> None:
    source = f"""
        import typing
        from typing import Any, Optional
        def function(request: {annotation}, other: {annotation}):
            request.state.user = other.state.user
        """
    assert accesses(source) == ["write request.user"]


def test_name_of_a_parameter_does_not_count_where_its_annotation_says_something_else() -> None:
    source = """
        from queue import Request
        def function(request: Request, app: "queue.App"):
            request.state.user = app.state.user
        """
    assert accesses(source) == []


def test_names_count_where_nothing_is_known_of_their_values() -> None:
    source = """
        from fastapi import FastAPI
        from library import make, get_http_request
        def function(given):
            if given:
                app = given
            else:
                app = make()
            app.state.pool = 1
            request = get_http_request()
            request.state.user = app.state.pool
            sub_app = make()
            sub_app.state.pool = 1
            other = make()
            other.state.user = 1
        """
    assert accesses(source) == [
        *("write application.pool", "write request.user", "read application.pool", "write application.pool")
    ]
    assert accesses(source.replace("from fastapi import FastAPI", "import aiohttp")) == []


def test_names_of_other_objects_do_not_count() -> None:
    source = """
        from fastapi import FastAPI
        class Machine: ...
        app = Machine()
        app.state.pool = 1
        """
    assert accesses(source) == []
