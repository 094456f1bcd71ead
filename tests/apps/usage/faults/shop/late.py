"""Imported by a handler."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI


def export(app: FastAPI) -> Any:
    return app.state.exporter  # never set: in a module that is imported late
