"""Closes every descriptor it knows nothing of, at import."""

import os

from starlette.applications import Starlette

os.closerange(3, 1024)
app = Starlette()
app.state.pool = object()
