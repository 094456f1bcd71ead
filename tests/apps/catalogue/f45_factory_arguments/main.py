"""A factory that cannot be called without arguments."""

from starlette.applications import Starlette


def create_app(settings, *, debug, region="eu"):
    app = Starlette(debug=debug)
    app.state.settings = settings
    return app
