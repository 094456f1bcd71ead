"""The command line, which sets an entry before it serves the application."""

from __future__ import annotations

import sys

import uvicorn

from .main import app


def main() -> None:
    app.state.arguments = sys.argv[1:]
    uvicorn.run(app)
