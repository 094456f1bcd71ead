"""Nothing is wrong: the application hangs under two other objects."""

from starlette.applications import Starlette


class Web:
    app = Starlette()


class Services:
    web = Web()


services = Services()
services.web.app.state.pool = object()
