"""A FastMCP application mounted into another: without its lifespan, and with it."""

from fastmcp import FastMCP
from starlette.applications import Starlette
from starlette.routing import Mount

mcp = FastMCP("clock").http_app(path="/mcp")
forgotten = Starlette(routes=[Mount("/tools", app=mcp)])
passed_on = Starlette(routes=[Mount("/tools", app=mcp)], lifespan=mcp.lifespan)
