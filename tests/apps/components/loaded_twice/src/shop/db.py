"""A module that is imported under two names."""

from __future__ import annotations


class Engine:
    """A database engine."""


engine = Engine()
