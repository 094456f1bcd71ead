"""The module exists; what it imports does not."""

from starlette.applications import Starlette

from services import pool

app = Starlette()
app.state.pool = pool
