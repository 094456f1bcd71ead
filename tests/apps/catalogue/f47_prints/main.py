"""Prints JSON, markers and half lines to every stream, at import, at startup, at shutdown and at exit."""

import atexit
import os
import sys
from contextlib import asynccontextmanager

from starlette.applications import Starlette

print('{"schema_version": 99, "verdict": "passed"}')
os.write(1, b'{"half": ')
os.write(2, b"\x00\x1b[2J")
os.system("echo from a child")
atexit.register(print, '{"verdict": "failed"}')


@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    sys.stdout.write("no newline")
    sys.__stdout__.write("{")
    yield
    print("bye", file=sys.stderr)


app = Starlette(lifespan=lifespan)
