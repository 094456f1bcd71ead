"""A factory that forgets to return what it built."""

from starlette.applications import Starlette


def create_app():
    app = Starlette()
    app.state.pool = object()
