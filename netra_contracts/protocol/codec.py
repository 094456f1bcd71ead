"""The version of the protocol, and the encoding of its records as messages.

A message is two lines of JSON: the kind, which is the name of the record's class, with the version of the protocol;
and the record. So the kind of a large message is known without reading all of it.
"""

from __future__ import annotations

import functools
import re
from json import dumps, loads
from typing import Any, Callable, NamedTuple, TypeVar

from .text_limits import MAX_TEXT, limited

#: Raised with every change of a message.
VERSION = 5
#: The oldest version of recordings that can be read: since then, fields were only added, each with a default.
OLDEST_READABLE = 3

_Record = TypeVar("_Record")
_Reader = Callable[[Any], Any]

_OPTIONAL = " | None"
# An escaped backslash, a pair of surrogates, or a lone one, within JSON text.
_ESCAPE = re.compile(r"\\(?:\\|u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..))")


class ProtocolError(Exception):
    """A message that this version of the protocol cannot read."""


class Message(NamedTuple):
    """A received message: the name of its record's class, and the record as JSON."""

    kind: str
    body: bytes

    def holds(self, record: type) -> bool:
        """Whether the record is of this class."""
        return self.kind == record.__name__

    def read(self, record: type[_Record]) -> _Record:
        """The record, whose class the caller knows. Types of scalars are not validated.

        Raises:
            ProtocolError: if the record is of another class or cannot be read.
        """
        if not self.holds(record):
            raise ProtocolError(f"expected {record.__name__}, received {self.kind}")
        try:
            return _build(record, loads(self.body))
        except (AttributeError, TypeError, ValueError) as error:
            raise ProtocolError(f"{self.kind} cannot be read: {error}") from error


def encode(record: object, *, readable: bool = True, limit: bool = False) -> bytes:
    """A record as a message.

    Args:
        record: the record.
        readable: whether any JSON parser must be able to read it, see `to_json`. Without it, undecodable file names
            arrive as they are.
        limit: whether to cut each text to `text_limits.MAX_TEXT` characters, whatever wrote it.
    """
    envelope = {"kind": type(record).__name__, "version": VERSION}
    return to_json(envelope) + b"\n" + to_json(record, readable=readable, limit=limit)


def decode(message: bytes) -> Message:
    """The message that `encode` made.

    Raises:
        ProtocolError: if it is not a message, or one of another version of the protocol.
    """
    envelope, _, body = message.partition(b"\n")
    try:
        found = loads(envelope)
        kind, version = found["kind"], found["version"]
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError("what was received is not a message") from error
    if version != VERSION:
        raise ProtocolError(f"received {kind} in version {version} of the protocol, expected version {VERSION}")
    return Message(kind, body)


def to_json(value: object, *, readable: bool = True, limit: bool = False) -> bytes:
    """A record or a JSON value as JSON; see `encode` for the arguments.

    Lone surrogates, as in undecodable file names, become readable escapes: other parsers than Python's refuse them.
    """
    text = dumps(value, default=_limited_fields if limit else vars, separators=(",", ":"))
    if readable and "\\ud" in text:
        text = _ESCAPE.sub(lambda found: "\\" + found[0] if found[1] else found[0], text)
    return text.encode("ascii")


def _limited_fields(record: object) -> dict[str, Any]:
    """The fields of a record, their texts cut to the longest length; not those within other mappings."""
    fields = vars(record)
    for name, value in fields.items():
        if type(value) is str and len(value) > MAX_TEXT:
            fields = {**fields, name: limited(value, MAX_TEXT)}
        elif type(value) is tuple and value and type(value[0]) is str:
            fields = {**fields, name: tuple(limited(text, MAX_TEXT) for text in value)}
    return fields


def _build(record: Callable[..., _Record], fields: dict[str, Any]) -> _Record:
    readers = _readers(record)
    return record(**{name: readers[name](value) if name in readers else value for name, value in fields.items()})


@functools.cache
def _readers(record: Callable[..., Any]) -> dict[str, _Reader]:
    """How to read the fields of a class of records that JSON does not have as they are."""
    names = getattr(record, "__record_namespace__", {})
    readers = {
        field: _reader(annotation, names) for field, annotation in getattr(record, "__annotations__", {}).items()
    }
    return {field: reader for field, reader in readers.items() if reader is not None}


def _reader(annotation: str, names: dict[str, Any]) -> _Reader | None:
    """How to read a value of an annotated field; None: it is what JSON has.

    Not `typing.get_type_hints`: Python 3.9 cannot evaluate `X | None`.
    """
    if annotation.endswith(_OPTIONAL):
        required = _reader(annotation[: -len(_OPTIONAL)], names)
        return None if required is None else lambda value: None if value is None else required(value)
    if annotation.startswith("tuple["):
        element = _reader(annotation[len("tuple[") : -len(", ...]")], names)
        return tuple if element is None else lambda values: tuple(map(element, values))
    named: Any = names.get(annotation)
    return functools.partial(_build, named) if hasattr(named, "__record_fields__") else None
