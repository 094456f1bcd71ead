"""Startup sets nothing at all: three components are missing, and one of them is why."""

from starlette.applications import Starlette

app = Starlette()
