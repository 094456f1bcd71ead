"""A factory that raises."""

from starlette.applications import Starlette


def create_app():
    settings = {}
    return Starlette(debug=settings["DEBUG"])
