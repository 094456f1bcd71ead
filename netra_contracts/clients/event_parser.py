"""Reads received messages: an event's name, its run and its user. No other content is kept."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from netra_contracts.clients.synthetic_users import UserPool
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.observed.clients import ReceivedEvent

# A name that is not expected is reported only if it looks like this; other text may be content.
_LIKE_A_NAME = re.compile(r"[A-Za-z_][\w.:/-]{0,39}", re.ASCII)

#: Replaces a name that is not reported.
UNREPORTED = "<text>"


class _RawEvent(NamedTuple):
    """One event as JSON, and the users whose ids it contains, in order."""

    body: Any
    labels: list[str]


class EventParser:
    """How messages are read; the same for all clients.

    Args:
        contract: the fields of the messages.
        users: whose ids are searched for.
        contains_token: whether a text contains a token.
    """

    def __init__(self, contract: DeliveryContract, users: UserPool, contains_token: Callable[[str], bool]) -> None:
        self.users = users
        self.expected = frozenset(event.name for event in contract.expect)
        self._known = self.expected.union(contract.shared, *(step.expect for step in contract.steps))
        self._is_msgpack = contract.format == "msgpack"
        self.shared = frozenset(contract.shared)
        self.terminal = contract.terminal
        self.run_path = _steps(contract.run_field)
        self.id_path = _steps(contract.id_field)
        self._array_path = _steps(contract.events_field)
        self._name_path = _steps(contract.event_field)
        self._contains_token = contains_token

    def events(self, message: str | bytes) -> list[_RawEvent]:
        """The events in a message: several if it is an array of events, or has one at `events-field`.

        The ids of users beside the array are those of each event in it.
        """
        # Latin-1 decodes any bytes, and ids are ASCII.
        text = message if isinstance(message, str) else message.decode("latin-1")
        labels = self.users.labels_in(text)
        body = self._parsed(message)
        array = _lookup(body, self._array_path) if self._array_path else body
        if not isinstance(array, list) or (not self._array_path and self._name_path[0].isdecimal()):
            return [_RawEvent(body, labels)]
        of_each = [
            self.users.labels_in(json.dumps(member, ensure_ascii=False, default=str)) if labels else []
            for member in array
        ]
        of_all = [label for label in labels if not any(label in own for own in of_each)]
        return [_RawEvent(member, [*own, *of_all]) for member, own in zip(array, of_each, strict=True)]

    def _parsed(self, message: str | bytes) -> Any:
        """The content of a message; None if it is not of the format of the contract."""
        try:
            if self._is_msgpack and isinstance(message, bytes):
                return importlib.import_module("msgpack").unpackb(message, strict_map_key=False)
            return json.loads(message)
        except (ValueError, RecursionError):
            return None

    def encode(self, text: str) -> str | bytes:
        """A message of the contract as it is sent: with msgpack, JSON as a binary message."""
        if not self._is_msgpack:
            return text
        try:
            return bytes(importlib.import_module("msgpack").packb(json.loads(text)))
        except ValueError:
            return text

    def name(self, body: Any) -> str:
        """The event's name as it is reported; empty if it has none."""
        name = _lookup(body, self._name_path)
        if not isinstance(name, str):
            return ""
        if name in self._known:
            return name
        private = not _LIKE_A_NAME.fullmatch(name) or self.users.occurs_in(name) or self._contains_token(name)
        return UNREPORTED if private else name


class EventReader:
    """Reads the messages of one client: numbers its runs and recognizes repeated events."""

    def __init__(self, parser: EventParser, label: str) -> None:
        self._parser = parser
        self._label = label
        self._runs: dict[str, int] = {}
        self._ids: set[tuple[str, str, str]] = set()
        self._early: set[str] = set()
        self._ignored: set[str] = set()

    @property
    def runs(self) -> set[str]:
        """Keys of the runs seen so far, for `forget`. They may be private."""
        return self._ignored | self._early | self._runs.keys()

    def forget(self, runs: set[str]) -> None:
        """Number runs from 0 again; later events of `runs` do not answer messages."""
        self._ignored |= runs
        self._runs.clear()
        self._ids.clear()

    def events(self, message: str | bytes, ms: float | None) -> Iterator[ReceivedEvent]:
        """The events in a message that was received `ms` after the one that it may answer; None: before that."""
        for raw in self._parser.events(message):
            run = _key(_lookup(raw.body, self._parser.run_path))
            foreign = next((label for label in raw.labels if label != self._label), "")
            event = ReceivedEvent(
                name=self._parser.name(raw.body),
                ms=ms or 0.0,
                run=None if self._parser.run_path else 0,
                foreign_user=foreign,
                has_canary=bool(raw.labels),
                is_answer=ms is not None and run not in self._ignored,
            )
            if event.is_answer:
                number = self._runs.setdefault(run, len(self._runs)) if run else event.run
                repeats = self._repeats(foreign, run, _key(_lookup(raw.body, self._parser.id_path)))
                event = replace(event, run=number, is_repeat=repeats)
            elif run:
                self._early.add(run)
            yield event

    def _repeats(self, foreign: str, run: str, key: str) -> bool:
        """Whether the event was received before. Events of two users may have the same id."""
        seen = (foreign, run, key)
        if not key or seen in self._ids:
            return bool(key)
        self._ids.add(seen)
        return False


def has_format(contract: DeliveryContract) -> bool:
    """Whether the library for the messages of a contract is installed."""
    return contract.format == "json" or importlib.util.find_spec("msgpack") is not None


def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


def _lookup(body: Any, path: tuple[str, ...]) -> Any:
    """The value at the path, whose steps are keys, or positions in arrays; None if there is none or no path."""
    for step in path:
        if isinstance(body, list) and step.isdecimal():
            body = body[int(step)] if int(step) < len(body) else None
        elif isinstance(body, dict):
            body = body.get(step)
        else:
            return None
    return body if path else None


def _key(value: Any) -> str:
    """A JSON value as a key; 1 and "1" differ. Empty for None."""
    if isinstance(value, str):
        return f'"{value}'
    return "" if value is None else json.dumps(value, sort_keys=True, default=str)
