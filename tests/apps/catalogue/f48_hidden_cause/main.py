"""A module that exists fails to import something else, three modules deep, and an `except` hides it."""

from starlette.applications import Starlette

try:
    from services import pool
except ImportError as error:
    raise RuntimeError("cannot load services") from error

app = Starlette()
app.state.pool = pool
