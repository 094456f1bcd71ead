"""Accessors of the state."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request

CLOCK = "clock"


def get_mailer(request: Request) -> Any:
    return request.app.state.mailer  # never set: an accessor


def get_clock(request: Request) -> Any:
    return getattr(request.app.state, CLOCK)  # never set: a constant of the module


def report_to(app: FastAPI) -> Any:
    return app.state.reporter  # never set: a parameter that is an application
