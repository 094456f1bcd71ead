"""Reads and parses one source file, whatever is in it."""

from __future__ import annotations

import ast
import re
import warnings
from re import Pattern
from typing import NamedTuple

from ...protocol.source_usage import SourceFault
from .facts import FileFacts
from .source_files import SourceFile
from .source_reader import read_module

#: Larger files are not read: they are generated.
MAX_BYTES = 4 << 20
#: Files without this are not parsed.
STATE = re.compile(rb"\bstate\b|State\b|\b_state\b")
_ENCODING = ("codec can't decode", "unknown encoding", "encoding problem", "utf-8", "'utf8'")


class ReadResult(NamedTuple):
    """What was read from a file: facts, or why there are none; neither: it does not contain what was searched."""

    facts: FileFacts | None = None
    fault: SourceFault | None = None
    detail: str = ""


def read_source(source: SourceFile, wanted: Pattern[bytes] | None, own: frozenset[str]) -> ReadResult:
    """Read a file.

    Args:
        source: the file.
        wanted: the file is parsed if it contains this; None: in any case.
        own: the top-level modules and packages of the target.
    """
    if source.identity[2] > MAX_BYTES:
        return ReadResult(fault="large", detail=f"{source.identity[2] >> 20} MiB")
    try:
        with open(source.path, "rb", buffering=0) as file:
            text = file.read(MAX_BYTES)
    except OSError as error:
        return ReadResult(fault="unreadable", detail=error.strerror or "")
    if wanted is not None and wanted.search(text) is None:
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
        return ReadResult(fault="encoding" if is_encoding else "syntax", detail=f"line {error.lineno}: {message}")
    except ValueError as error:  # null bytes
        return ReadResult(fault="syntax", detail=str(error))
    except (RecursionError, MemoryError):
        return ReadResult(fault="syntax", detail="it is nested too deeply")
