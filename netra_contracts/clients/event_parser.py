"""What a received message is: an event's name, its run, whose it is. Nothing else of it is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from netra_contracts.clients.synthetic_users import UserPool
from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.protocol.clients import ReceivedEvent

# What a name nobody expects must look like to be told; other text may be content.
_LIKE_A_NAME = re.compile(r"[A-Za-z_][\w.:/-]{0,39}", re.ASCII)

#: Stands for the name of an event whose name is not told.
UNTOLD = "<text>"


class EventParser:
    """How messages are read: the same for all clients. `told_by` says whether a text gives a token away."""

    def __init__(self, contract: DeliveryContract, users: UserPool, told_by: Callable[[str], bool]) -> None:
        self.users = users
        self.expected = frozenset(event.name for event in contract.expect)
        self.terminal = contract.terminal
        self.run_path = _steps(contract.run_field)
        self.id_path = _steps(contract.id_field)
        self._name_path = _steps(contract.event_field)
        self._told_by = told_by

    def name(self, body: Any) -> str:
        """The event's name as it may be told; "" without one."""
        name = _lookup(body, self._name_path)
        if not isinstance(name, str):
            return ""
        if name in self.expected or name == self.terminal:
            return name
        telling = not _LIKE_A_NAME.fullmatch(name) or self.users.named_in(name) or self._told_by(name)
        return UNTOLD if telling else name


class EventReader:
    """Reads the messages of one client: counts runs and knows ids again."""

    def __init__(self, grammar: EventParser, label: str) -> None:
        self._grammar = grammar
        self._label = label
        self._runs: dict[str, int] = {}
        self._ids: set[tuple[str, str, str]] = set()
        self._past: set[str] = set()

    @property
    def runs(self) -> set[str]:
        """Keys of the runs that were seen, for `forget`; they may not be told."""
        return self._past | self._runs.keys()

    def forget(self, runs: set[str]) -> None:
        """Begin to count anew; what belongs to `runs` no longer counts."""
        self._past |= runs
        self._runs.clear()
        self._ids.clear()

    def event(self, message: str | bytes, ms: float) -> ReceivedEvent | None:
        """The event that a message is; None if it belongs to a run that was forgotten."""
        body = _parsed(message)
        run = _key(_lookup(body, self._grammar.run_path))
        if run and run in self._past:
            return None
        # Bytes of any encoding: ids are ASCII.
        named = self._grammar.users.found_in(message if isinstance(message, str) else message.decode("latin-1"))
        foreign = next((label for label in named if label != self._label), "")
        return ReceivedEvent(
            name=self._grammar.name(body),
            ms=ms,
            run=self._runs.setdefault(run, len(self._runs)) if run else 0,
            foreign_user=foreign,
            has_canary=bool(named),
            is_repeat=self._repeats(foreign, run, _key(_lookup(body, self._grammar.id_path))),
        )

    def _repeats(self, foreign: str, run: str, key: str) -> bool:
        """Whether the event was seen before. Two users' events may well have the same number."""
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
    """What the path leads to; None if nowhere, or if there is no path."""
    for step in path:
        if not isinstance(body, dict):
            return None
        body = body.get(step)
    return body if path else None


def _key(value: Any) -> str:
    """A value of JSON as a key; 1 and "1" differ. Empty for None."""
    if isinstance(value, str):
        return f'"{value}'
    return "" if value is None else json.dumps(value, sort_keys=True)
