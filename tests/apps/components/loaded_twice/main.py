"""Imports one file under two names."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "src"))

from shop import db
from src.shop.db import engine
from starlette.applications import Starlette

app = Starlette()
app.state.engine = engine
app.state.same = db.engine
