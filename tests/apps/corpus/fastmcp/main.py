"""A FastMCP server as an ASGI application."""

from fastmcp import FastMCP

server = FastMCP("corpus")


@server.tool
def add(a: int, b: int) -> int:
    return a + b


app = server.http_app(path="/mcp")
