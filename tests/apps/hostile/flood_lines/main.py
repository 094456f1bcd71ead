"""Prints 100 MB in lines."""

import sys

from starlette.applications import Starlette

block = ("x" * 99 + "\n") * 10_000
for _ in range(100):
    sys.stdout.write(block)
app = Starlette()
