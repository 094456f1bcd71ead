"""What code does with an entry that it has read."""

from __future__ import annotations

import pytest

from tests.unit.probe.usage.sources import read, uses

#: Statements of an async function with `request: Request`, after `pool = request.app.state.pool`.
STATEMENTS = {
    "pool.acquire()": ["call acquire()"],
    "pool.acquire(1, 2, timeout=3, loop=None)": ["call acquire(a, b, *, timeout, loop)"],
    "pool.acquire(*names)": ["call acquire"],
    "pool.acquire(**names)": ["call acquire"],
    "pool.acquire(1, a=2)": ["call acquire(b, *, a)"],
    "pool(1)": ["call (a)"],
    "pool.size": ["attribute size"],
    "pool.config.size": ["attribute config.size"],
    "pool.config.get('x')": ["call config.get(a)"],
    "print(pool)": [],
    "run(pool.acquire)": ["attribute acquire"],
    "await pool": ["await "],
    "await pool.ready": ["await ready"],
    "await pool.fetch(1)": ["call fetch(a)", "await (called) fetch(a)"],
    "async with pool: pass": ["async-with "],
    "async with pool.acquire() as connection: connection.close()": ["call acquire()", "async-with (called) acquire()"],
    "with pool.lock: pass": ["with lock"],
    "for item in pool: item.x": ["iterate "],
    "for item in pool.items(): item.x": ["call items()", "iterate (called) items()"],
    "async for item in pool.stream(1): item.x": ["call stream(a)", "async-iterate (called) stream(a)"],
    "[item async for item in pool]": ["async-iterate "],
    "[item for item in pool if item]": ["iterate "],
    "print(*pool)": ["iterate "],
    "pool['x']": ["subscript "],
    "pool[name]": ["subscript "],
    "pool['x'].y": ["subscript "],
    "pool['x'] = 1": [],
    "pool.size = 1": [],
    "del pool.size": [],
    "fetch = pool.fetch; fetch(1)": ["call fetch(a)"],
    "(pool.fetch)(1)": ["call fetch(a)"],
    "pool.query().filter(1).all()": ["call query()"],
    "lambda: pool.fetch(1)": ["call fetch(a)"],
    "def later():\n        pool.fetch(1)": ["call fetch(a)"],
    "return pool.fetch(1)": ["call fetch(a)"],
    "getattr(pool, 'fetch')(1)": ["call fetch(a)"],
    "pool = 1; pool.real": [],
    "pool = pool.child; pool.x": ["attribute child.x"],
    "if x: pool = other()\n    pool.fetch()": [],
    "if x: return\n    pool.fetch()": ["call fetch()"],
    "if x:\n        pool = other()\n        return\n    pool.fetch()": ["call fetch()"],
    # what code does after a question
    "if hasattr(pool, 'close'): pool.close()": [],
    "if hasattr(pool, 'close'): pool.close()\n    pool.fetch()": ["call fetch()"],
    "getattr(pool, 'close', None)": [],
    "close = getattr(pool, 'close', None)\n    if close: close()": [],
    "if isinstance(pool, Redis): pool.close()": [],
    "if can_close(pool): pool.close()": [],
    "if callable(pool.close): pool.close()": [],
    "result = pool.fetch()\n    if inspect.isawaitable(result): await result": ["call fetch()"],
    "try: pool.close()\n    except AttributeError: pass": [],
    "try: pool.close()\n    except Exception as error: raise KeyError from error": ["call close()"],
    "if pool is not None: pool.close()": ["call close()"],
    "if pool.closed: pool.open()": ["attribute closed", "call open()"],
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_uses(statement: str) -> None:
    source = f"""
from fastapi import Request
async def function(request: Request, name, names, x):
    pool = request.app.state.pool
    {statement}
"""
    assert uses(source) == [f"pool: {use}" for use in STATEMENTS[statement]]


def test_use_has_the_line_and_columns_of_its_expression() -> None:
    (access,) = read("def f(app):\n    pool = app.state.pool\n    pool.fetch(1)").accesses()
    assert (access.location.line, access.location.column, access.location.end_column) == (2, 12, 26)
    (use,) = access.uses
    assert (use.location.line, use.location.column, use.location.end_column) == (3, 5, 18)
    assert use.location.function == "f"


def test_columns_are_counted_in_bytes() -> None:
    (access,) = read('def f(app): print("\u00e9", app.state.pool)').accesses()
    assert access.location.column == 25


def test_functions_have_qualified_names() -> None:
    source = """
    class Service:
        def setup(self, app):
            def later():
                return app.state.pool
    app.state.pool
    """
    assert [access.location.function for access in read(source).accesses()] == ["Service.setup.<locals>.later"], (
        "a name that is bound nowhere is not an application"
    )


def test_uses_of_an_attribute_of_self_belong_to_the_read() -> None:
    source = """
    class Service:
        def __init__(self, app):
            self.pool = app.state.pool
        async def run(self):
            await self.pool.fetch(1)
    """
    assert uses(source) == ["pool: call fetch(a)", "pool: await (called) fetch(a)"]
