"""Synthetic users: each has a label for reports, and an id that no text contains by chance."""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple

from netra_contracts.protocol.users import USERS, user_name

_LABEL = rf"user-\d+|{'|'.join(USERS)}"
_LABEL_BEFORE = re.compile(rf"({_LABEL})-$")
#: No label is longer, in characters, with the hyphen after it.
_MAX_LABEL = 24


class ClientUser(NamedTuple):
    """A synthetic user. Reports contain `label`; only messages contain `id`."""

    label: str
    id: str


class UserPool:
    """Gives out users, each once, and finds their ids in texts.

    Args:
        canary: hexadecimal digits with which all ids end; empty: random ones.
    """

    def __init__(self, canary: str = "") -> None:
        self._canary = canary or secrets.token_hex(4)
        self._count = 0
        self._ids = re.compile(rf"({_LABEL})-{self._canary}", re.IGNORECASE)

    def new_users(self, count: int = 1) -> list[ClientUser]:
        """The next `count` users."""
        labels = [user_name(number) for number in range(self._count, self._count + count)]
        self._count += count
        return [ClientUser(label, f"{label}-{self._canary}") for label in labels]

    def labels_in(self, text: str) -> list[str]:
        """The labels of the users whose ids are in `text`, in order."""
        # Thousands of messages are searched: backwards from the canary is several times faster than one expression.
        text = text.lower()
        labels = []
        at = text.find(self._canary)
        while at >= 0:
            if label := _LABEL_BEFORE.search(text[max(0, at - _MAX_LABEL) : at]):
                labels.append(label[1])
            at = text.find(self._canary, at + 1)
        return labels

    def occurs_in(self, text: str) -> bool:
        """Whether `text` contains an id, or the canary alone."""
        return self._canary in text.lower()

    def without_ids(self, text: str) -> str:
        """`text` with labels in place of ids."""
        return self._ids.sub(r"\1", text)
