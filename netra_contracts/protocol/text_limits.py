"""Limits of the text that leaves the target's process, so that no target can make a report of any size."""

from __future__ import annotations

import functools

#: The longest name of a component, type or function, in characters. Real ones are far below.
MAX_NAME = 500
#: The longest text of any other field, in characters. Messages of exceptions are shorter, see `masking.MAX_MESSAGE`.
MAX_TEXT = 4000


def limited(text: str, max_length: int = MAX_NAME) -> str:
    """A text of at most `max_length` characters: the rest of a longer one is replaced by its length and a digest.

    So two names that differ only in what is left out remain different, in every run.
    """
    return text if len(text) <= max_length else _cut(text, max_length)


@functools.lru_cache(maxsize=256)  # the same name is written many times: an operation of the state each
def _cut(text: str, max_length: int) -> str:
    from hashlib import sha256  # noqa: PLC0415 - most targets have no such names

    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    marker = f"...[{len(text)} characters, sha256 {digest}]"
    return text[: max_length - len(marker)] + marker
