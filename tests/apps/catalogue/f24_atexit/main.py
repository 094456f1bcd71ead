"""Prints when the interpreter ends, and does not let it end."""

import atexit
import threading

from starlette.applications import Starlette

app = Starlette()
app.state.pool = object()


@atexit.register
def goodbye():
    print('{"verdict": "goodbye"}', flush=True)
    threading.Event().wait()
