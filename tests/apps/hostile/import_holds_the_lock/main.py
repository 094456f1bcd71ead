"""A regular expression that never ends, in C code that keeps the GIL."""

import re

re.match(r"(a+)+$", "a" * 64 + "b")
