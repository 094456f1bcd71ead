"""Prints 100 MB without one end of line, and then raises."""

import os

block = b"x" * 1_000_000
for _ in range(100):
    os.write(1, block)
raise RuntimeError("after the flood")
