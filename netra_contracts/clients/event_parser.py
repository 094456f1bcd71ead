"""Reads received messages: an event's name, its run and its user. No other content is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from netra_contracts.clients.synthetic_users import UserPool
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.clients import ReceivedEvent

# A name that is not expected is reported only if it looks like this; other text may be content.
_LIKE_A_NAME = re.compile(r"[A-Za-z_][\w.:/-]{0,39}", re.ASCII)

#: Replaces a name that is not reported.
UNREPORTED = "<text>"


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
        self.terminal = contract.terminal
        self.run_path = _steps(contract.run_field)
        self.id_path = _steps(contract.id_field)
        self._name_path = _steps(contract.event_field)
        self._contains_token = contains_token

    def name(self, body: Any) -> str:
        """The event's name as it is reported; empty if it has none."""
        name = _lookup(body, self._name_path)
        if not isinstance(name, str):
            return ""
        if name in self.expected or name == self.terminal:
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
        self._ignored: set[str] = set()

    @property
    def runs(self) -> set[str]:
        """Keys of the runs seen so far, for `forget`. They may be private."""
        return self._ignored | self._runs.keys()

    def forget(self, runs: set[str]) -> None:
        """Number runs from 0 again, and ignore later events of `runs`."""
        self._ignored |= runs
        self._runs.clear()
        self._ids.clear()

    def event(self, message: str | bytes, ms: float) -> ReceivedEvent | None:
        """The event in a message; None if it belongs to a run to ignore."""
        body = _parsed(message)
        run = _key(_lookup(body, self._parser.run_path))
        if run and run in self._ignored:
            return None
        # Latin-1 decodes any bytes, and ids are ASCII.
        labels = self._parser.users.labels_in(message if isinstance(message, str) else message.decode("latin-1"))
        foreign = next((label for label in labels if label != self._label), "")
        return ReceivedEvent(
            name=self._parser.name(body),
            ms=ms,
            run=self._runs.setdefault(run, len(self._runs)) if run else 0,
            foreign_user=foreign,
            has_canary=bool(labels),
            is_repeat=self._repeats(foreign, run, _key(_lookup(body, self._parser.id_path))),
        )

    def _repeats(self, foreign: str, run: str, key: str) -> bool:
        """Whether the event was received before. Events of two users may have the same id."""
        seen = (foreign, run, key)
        if not key or seen in self._ids:
            return bool(key)
        self._ids.add(seen)
        return False


def _parsed(message: str | bytes) -> Any:
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None


def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


def _lookup(body: Any, path: tuple[str, ...]) -> Any:
    """The value at the path; None if there is none, or if the path is empty."""
    for step in path:
        if not isinstance(body, dict):
            return None
        body = body.get(step)
    return body if path else None


def _key(value: Any) -> str:
    """A JSON value as a key; 1 and "1" differ. Empty for None."""
    if isinstance(value, str):
        return f'"{value}'
    return "" if value is None else json.dumps(value, sort_keys=True)
