"""Nothing is wrong: no target is named, the application lies where it usually does."""

from starlette.applications import Starlette

app = Starlette()
app.state.pool = object()
