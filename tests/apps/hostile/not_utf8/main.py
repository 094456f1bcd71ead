"""Prints bytes that are not UTF-8, and raises an exception with them."""

import os

from starlette.applications import Starlette

os.write(1, b"\xff\xfe caf\xe9 \xc3\n")
os.write(2, bytes(range(256)))
app = Starlette()
raise RuntimeError("caf\udce9 \x1b[2J[/red] [bold]\u2028 end")
