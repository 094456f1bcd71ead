"""The cache is left None; whether that is by design, only a contract can tell."""

from starlette.applications import Starlette


class Cache:
    pass


app = Starlette()
app.state.cache = None
