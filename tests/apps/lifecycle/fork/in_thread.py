"""A thread that import starts runs code of a library alone, which opens an event loop."""

from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette

portal = start_blocking_portal()
portal.__enter__()

app = Starlette()
