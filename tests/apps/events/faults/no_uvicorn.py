"""No server can be imported here."""

import sys

sys.modules["uvicorn"] = None

from clean import app  # noqa: E402,F401
