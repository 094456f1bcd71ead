"""Reads and parses one source file, whatever is in it."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Callable, NamedTuple

from ....protocol.source_usage import SourceFault
from ..files.source_files import SourceFile
from .facts import FileFacts
from .source_reader import read_module

#: Larger files are not read: they are generated.
MAX_BYTES = 4 << 20
_STATE = re.compile(rb"\bstate\b|State\b|\b_state\b")
_FRAMEWORKS = (b"fastapi", b"starlette", b"litestar", b"asgi")
_ATTRIBUTE = re.compile(rb"\.state\b")
#: What such an attribute is one of, in a file that does not name a framework.
_OWNERS = (b"app", b"application", b"request", b"req", b"websocket", b"ws", b"connection")
_KEYS = (b'"state"', b"'state'", b'"app"', b"'app'")
_OTHERWISE = re.compile(rb"""\b(?:app|request|websocket|scope)(?:, ?|\.scope\[|\[)["'](?:state|app)["']""")
_ENCODING = ("codec can't decode", "unknown encoding", "encoding problem", "utf-8", "'utf8'")

Wanted = Callable[[bytes], bool]


class ReadResult(NamedTuple):
    """What was read from a file: facts, or why there are none; neither: it does not contain what was searched."""

    facts: FileFacts | None = None
    fault: SourceFault | None = None
    detail: str = ""


def mentions_state(text: bytes) -> bool:
    """Whether a source may access a state, apart from what it gets from other files."""
    if b"state" not in text and b"State" not in text:
        return False
    if any(name in text for name in _FRAMEWORKS):
        return _STATE.search(text) is not None
    owners = (text[max(0, found.start() - 12) : found.start()] for found in _ATTRIBUTE.finditer(text))
    if any(owner.endswith(_OWNERS) for owner in owners):
        return True
    return any(key in text for key in _KEYS) and _OTHERWISE.search(text) is not None


def content(source: SourceFile) -> bytes:
    """The bytes of a file, as far as it is read; empty: it cannot be read."""
    try:
        return _content(source)
    except OSError:
        return b""


def _content(source: SourceFile) -> bytes:
    with open(source.path, "rb", buffering=0) as file:
        return file.read(MAX_BYTES)


def read_source(source: SourceFile, wanted: Wanted, own: frozenset[str]) -> ReadResult:
    """Read a file.

    Args:
        source: the file.
        wanted: whether a file of this content is parsed.
        own: the top-level modules and packages of the target.
    """
    if source.identity[2] > MAX_BYTES:
        return ReadResult(fault="large", detail=f"{source.identity[2] >> 20} MiB")
    try:
        text = _content(source)
    except OSError as error:
        return ReadResult(fault="unreadable", detail=error.strerror or "")
    if not wanted(text):
        return ReadResult()
    return _parse(source, text, own)


def _parse(source: SourceFile, text: bytes, own: frozenset[str]) -> ReadResult:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes
            tree = ast.parse(text)
        return ReadResult(read_module(tree, source.module, source.is_package, own))
    except SyntaxError as error:
        message = str(error.msg)
        is_encoding = any(word in message for word in _ENCODING)
        line = f"line {error.lineno}: " if error.lineno else ""
        return ReadResult(fault="encoding" if is_encoding else "syntax", detail=line + message)
    except ValueError as error:  # null bytes
        return ReadResult(fault="syntax", detail=str(error))
    except (RecursionError, MemoryError):
        return ReadResult(fault="syntax", detail="it is nested too deeply")
