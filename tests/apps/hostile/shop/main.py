"""Nothing is wrong with it: it is named wrongly in many ways."""

from starlette.applications import Starlette

VERSION = "1.0"
app = Starlette()


class Services:
    web = app


services = Services()
