"""Nothing that uvicorn could serve WebSockets with can be imported here."""

import sys

sys.modules.update({"websockets": None, "wsproto": None})

from clean import app  # noqa: E402,F401
