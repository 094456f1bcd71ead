"""Removes credentials from text that the application emits: messages of exceptions and printed output."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: What replaces a credential.
MASK = "***"

#: The longest message of an exception that is kept, in characters.
MAX_MESSAGE = 2000

# A JSON Web Token (RFC 7519): its header begins with `{"`, which is `eyJ` in base64url. Three parts are masked
# anywhere, fewer only where no letter precedes them: `KeyJsonSerializer` is not a token.
_WEB_TOKEN = re.compile(r"(?<![A-Za-z])eyJ[\w-]*(?:\.[\w-]*)*|eyJ[\w-]{4,}\.[\w-]+\.[\w-]*", re.ASCII)
# The password of a URL (RFC 3986, section 3.2.1). Schemes are short; the limit keeps the search linear.
_URL_PASSWORD = re.compile(r"(\b[\w+.-]{1,40}://[^\s:/@]*):[^\s/@]+@")
# The values that pydantic quotes in its messages.
_PYDANTIC_INPUT = re.compile(r"input_value=(?:(?!input_value=).)*?(?=, input_type=)", re.DOTALL)


def mask(text: str, secrets: Iterable[str] = (), max_length: int | None = MAX_MESSAGE) -> str:
    """A text without passwords in URLs, JSON Web Tokens, input values quoted by pydantic, and known secrets.

    Args:
        text: what the application emitted.
        secrets: texts to mask in addition, see `spellings`.
        max_length: the text is cut to this many characters; None: it is not cut.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK) if secret else text
    text = _URL_PASSWORD.sub(rf"\1:{MASK}@", text)
    text = _WEB_TOKEN.sub(MASK, text)
    text = _PYDANTIC_INPUT.sub(f"input_value={MASK}", text)
    return text if max_length is None or len(text) <= max_length else text[: max_length - 1] + "\u2026"


def spellings(tokens: Iterable[str]) -> set[str]:
    """Tokens as they are and as URLs contain them (percent-encoded)."""
    from urllib.parse import quote  # noqa: PLC0415 - the probe needs it only once tokens have been made

    return {spelling for token in tokens for spelling in (token, quote(token, safe=""))}
