"""Closes the circle."""

from main import app


def charge():
    return app
