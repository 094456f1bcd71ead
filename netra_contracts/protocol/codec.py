"""The version of the protocol and its encoding as JSON."""

from __future__ import annotations

import re
from json import dumps
from typing import Any

#: Changes with every change of a message that the other side must know about.
VERSION = 2


# An escaped backslash, a pair of surrogates, or a lone one, within JSON text.
_ESCAPE = re.compile(r"\\(?:\\|u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..))")


def encode(message: Any) -> bytes:
    """A message as JSON. Lone surrogates, as in undecodable file names, become readable escapes: JSON refuses them."""
    text = dumps(message, default=vars, separators=(",", ":"))
    if "\\ud" in text:
        text = _ESCAPE.sub(lambda found: "\\" + found[0] if found[1] else found[0], text)
    return text.encode("ascii")
