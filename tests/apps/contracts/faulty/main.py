"""Starts well; the contracts beside it are wrong."""

from starlette.applications import Starlette

from parts import Bridge, Pool

app = Starlette()
app.state.pool = Pool()
app.state.bridge = Bridge(app.state.pool)
