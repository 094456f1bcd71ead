"""Nothing is wrong: the cache is filled by the first request."""

from starlette.applications import Starlette

app = Starlette()
app.state.cache = None
app.state.pool = object()
