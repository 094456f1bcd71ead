"""Nothing imports this module."""

from __future__ import annotations

from shop.db import Engine, engine


class Unused(Engine):
    """An engine that nothing creates."""


kept = engine
