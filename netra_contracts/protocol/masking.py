"""Removes credentials from text that the application emits: messages of exceptions and printed output.

Patterns are compiled when the first text is masked: most runs of the probe have none.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

#: What replaces a credential.
MASK = "***"

#: The longest message of an exception that is kept, in characters.
MAX_MESSAGE = 2000
#: The longest text that is searched for credentials if it is cut anyway, in characters.
_MAX_SEARCHED = 10_000

# A JSON Web Token (RFC 7519): its header begins with `{"`, which is `eyJ` in base64url. Three parts are masked
# anywhere, fewer only where no letter precedes them: `KeyJsonSerializer` is not a token.
_JWT = r"(?a)(?P<start>)(?:(?<![A-Za-z])eyJ[\w-]*(?:\.[\w-]*)*|eyJ[\w-]{4,}\.[\w-]+\.[\w-]*)"

# The password of a URL (RFC 3986, section 3.2.1), also one that should have been percent-encoded: it ends with the last
# `@` of the line. Digits before a path are a port. The limits keep the search linear.
_URL_USER_INFO = r"(?P<start>://[^\s:/?#]{0,200}:)(?!\d{1,5}(?:[/?#\s\"',;)\]}]|$))(?!\s)(?:(?!://)[^\n]){0,500}(?=@)"
# A user without a password may be a token: `https://TOKEN@host`.
_URL_USER = r"(?P<start>://)(?=[^\s/@\d]{0,200}\d)[\w.~%+-]{16,200}(?=@)"

# A key that names a secret. What precedes it is part of the key too: `db_password`, `clientSecret`.
_KEY = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|authorization|cookie|signature|connection[_-]?string|"
    r"(?:api|access|account|auth|encryption|private|secret|signing|subscription)[_-]?key)"
    r"(?:[_.-]?(?:access[_-]?key|b64|base64|hash|hex|key|str|value|\d{1,2}))?"
)
_QUOTED = r"[bBrRuUfF]{0,2}(?:'(?:[^'\\\n]|\\.)*'?|\"(?:[^\"\\\n]|\\.)*\"?)"
_NOT_EMPTY = r"(?!(?:None|null|true|false|\*+|<\w+>|''|\"\")(?![\w*]))"
# `password = 'x'`, `"token": "x"`, `api_key='x'`, `secret: 'x'`: the value is quoted.
_QUOTED_PAIR = rf"(?i)(?P<start>{_KEY}[\"']?\s{{0,3}}[:=]\s{{0,3}}){_NOT_EMPTY}{_QUOTED}"
# `password=x`, and `password={x}` of ODBC: the value ends before punctuation that a space or the end follows.
_PLAIN_PAIR = (
    rf"(?i)(?P<start>{_KEY}=){_NOT_EMPTY}(?:\{{[^}}\n]*\}}|[^\s&;\"']{{1,500}}?(?=[,.)\]}}>]{{0,5}}(?:[\s&;\"']|$)))"
)
# `password: x` could be a sentence: the value has to have a digit.
_COLON_PAIR = rf"(?i)(?P<start>{_KEY}[\"']?:\s?){_NOT_EMPTY}(?=[^\s\"'\d]{{0,500}}\d)[^\s\"',]{{1,500}}(?<![,.)\]}}])"
# `--db-password x`, in a command line.
_OPTION = rf"(?i)(?P<start>--[\w-]{{0,40}}?{_KEY}\s){_NOT_EMPTY}[^\s\"',]{{1,500}}"
# A header, its scheme included.
_HEADER = (
    r"(?i)(?P<start>(?:authorization|cookie|\bx-[\w-]{0,40}(?:key|token|secret))[\"']?\s?(?:[:=,]|=>)\s?"
    r"(?:b?[\"'])?)(?![*\"'])(?:(?:basic|bearer|digest|token)\s+)?[^\s\"',;]+(?:;\s?[^\s\"',;]+)*"
)
_SCHEME = r"(?i)(?P<start>\b(?:bearer|basic)\s+)(?=[^\s\d=]{0,500}[\d=]|[\w.~+/-]{16})[\w.~+/-]{6,500}={0,2}"

# What services call their keys: GitHub, GitLab, Slack, Stripe, OpenAI, AWS, Google.
_KNOWN_KEY = (
    r"(?P<start>)\b(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|"
    r"[rs]k_(?:live|test)_\w{10,}|sk-[\w-]{20,}|whsec_\w{10,}|A(?:KIA|SIA)[0-9A-Z]{16}|AIza[\w-]{35})"
)
_PRIVATE_KEY = r"(?P<start>-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[^-]*"

# The values that pydantic quotes in its messages, and that FastAPI has in the errors of a request.
_PYDANTIC_INPUT = r"(?s)(?P<start>input_value=)(?:(?!input_value=).)*?(?=, input_type=)"
_ERROR_INPUT = r"(?P<start>(?<=[{ ])[\"']input[\"']: )(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^,}'\"]+)"
# Bound parameters of SQLAlchemy, in exceptions and in the log of the engine, and the rows in messages of PostgreSQL.
_SQL_PARAMETERS = r"(?s)(?P<start>\[parameters: )(?:(?!\[parameters: ).)*?(?=\](?:\s?\n|\s?\(Background|\s?$)|\Z)"
_SQL_LOG = r"(?P<start>\[(?:generated in|cached since|no key|raw sql|dialect)[^\]\n\[]*\] )[({\[].*"
_SQL_ROW = r"(?P<start>\bKey \([^()\n]*\)=\(|\bFailing row contains \()(?:(?!Key \(|Failing row).)*?(?=\)(?:[\s.]|$))"

#: In the order in which they are applied.
_LITERALS = (
    _PRIVATE_KEY,
    _URL_USER_INFO,
    _URL_USER,
    _JWT,
    _KNOWN_KEY,
    _PYDANTIC_INPUT,
    _HEADER,
    _SCHEME,
    _QUOTED_PAIR,
    _ERROR_INPUT,
    _SQL_PARAMETERS,
    _SQL_LOG,
    _SQL_ROW,
)
_ALL = (*_LITERALS, _PLAIN_PAIR, _COLON_PAIR, _OPTION)


@functools.cache
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


def mask(text: str, secrets: Iterable[str] = (), max_length: int | None = MAX_MESSAGE) -> str:
    """A text without credentials, values that libraries quote in their messages, and known secrets.

    These are masked: passwords in URLs; the values of `password=`, `token: "..."` and other keys that name a secret;
    headers that authenticate; JSON Web Tokens, private keys and keys of well-known services; input quoted by pydantic,
    and parameters quoted by SQLAlchemy.

    Args:
        text: what the application emitted.
        secrets: texts to mask in addition, see `spellings`.
        max_length: the text is cut to this many characters; None: it is not cut.
    """
    text = text if max_length is None else text[:_MAX_SEARCHED]
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK) if secret else text
    text = _replace(text, _ALL)
    return text if max_length is None or len(text) <= max_length else text[: max_length - 1] + "\u2026"


def mask_source(line: str) -> str:
    """A line of source code without the credentials in its literals. `password=settings.password` is kept."""
    return _replace(line, _LITERALS)


def _replace(text: str, patterns: tuple[str, ...]) -> str:
    """Replace what follows the group `start` of each pattern."""
    if not text:
        return text  # messages of the lifespan protocol mostly are empty: no pattern is compiled for them
    for pattern in _compiled(patterns):
        text = pattern.sub(_masked, text)
    return text


def spellings(tokens: Iterable[str]) -> set[str]:
    """Tokens as they are and as URLs contain them (percent-encoded)."""
    from urllib.parse import quote  # noqa: PLC0415 - the probe needs it only once tokens have been made

    return {spelling for token in tokens for spelling in (token, quote(token, safe=""))}


def _masked(found: re.Match[str]) -> str:
    # Not a template: `sub` imports `re` to expand one, which a target may have removed from `sys.modules`.
    return found["start"] + MASK
