"""Starts well; the checks of its own module beside it do not all pass."""

from starlette.applications import Starlette

from parts import Bridge, Pool

app = Starlette()
app.state.pool = Pool()
app.state.bridge = Bridge(app.state.pool)
