"""Closes the import cycle."""

from main import app


def charge():
    return app
