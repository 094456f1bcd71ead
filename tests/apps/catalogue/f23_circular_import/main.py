"""The application imports its routes, and they import the application."""

from starlette.applications import Starlette

from orders import routes

app = Starlette(routes=routes)
