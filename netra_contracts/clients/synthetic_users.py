"""The users that are made up: each has a label for people, and an id that no text contains by chance."""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple

from netra_contracts.protocol.users import USERS, user_name

_LABEL = rf"user-\d+|{'|'.join(USERS)}"
_LABEL_BEFORE = re.compile(rf"({_LABEL})-$")
_LONGEST = 24


class ClientUser(NamedTuple):
    """A made-up user: `label` may be told, `id` is the canary that its messages carry and may not."""

    label: str
    id: str


class UserPool:
    """Hands out users, each once, and finds their ids in texts. All ids end with one random suffix.

    Args:
        suffix: in hexadecimal; default: a new one.
    """

    def __init__(self, suffix: str = "") -> None:
        self._suffix = suffix or secrets.token_hex(4)
        self._taken = 0
        self._ids = re.compile(rf"({_LABEL})-{self._suffix}", re.IGNORECASE)

    def take(self, count: int = 1) -> list[ClientUser]:
        """`count` users that nobody has had before."""
        labels = [user_name(number) for number in range(self._taken, self._taken + count)]
        self._taken += count
        return [ClientUser(label, f"{label}-{self._suffix}") for label in labels]

    def found_in(self, text: str) -> list[str]:
        """The labels of the users whose ids are in `text`, in order."""
        # Each message is searched, of thousands: from the suffix backwards is several times faster than one expression.
        text = text.lower()
        labels = []
        at = text.find(self._suffix)
        while at >= 0:
            if found := _LABEL_BEFORE.search(text[max(0, at - _LONGEST) : at]):
                labels.append(found[1])
            at = text.find(self._suffix, at + 1)
        return labels

    def named_in(self, text: str) -> bool:
        """Whether `text` holds an id, or what makes one."""
        return self._suffix in text.lower()

    def without_ids(self, text: str) -> str:
        """`text` with labels in the place of ids."""
        return self._ids.sub(r"\1", text)
