"""Nothing imports this module."""

from __future__ import annotations

from shop.db import engine

kept = engine
