"""Lies in `src/`, which is on the import path of production and not on that of the current folder."""

from starlette.applications import Starlette

app = Starlette()
