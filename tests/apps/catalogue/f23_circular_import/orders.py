"""Imports the application that is still being imported."""

from billing import charge

routes = [charge]
