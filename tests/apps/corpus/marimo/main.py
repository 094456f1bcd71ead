"""A marimo notebook as an ASGI application."""

import pathlib

import marimo

NOTEBOOK = pathlib.Path(__file__).with_name("notebook.py")
app = marimo.create_asgi_app().with_app(path="", root=str(NOTEBOOK)).build()
