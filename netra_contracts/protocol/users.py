"""Names of synthetic users."""

from __future__ import annotations

#: What the users that are made up are called in what is told of them, the first of any number.
USERS = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj")


def user_name(number: int) -> str:
    """What user `number`, from 0, is called."""
    return USERS[number] if number < len(USERS) else f"user-{number + 1}"
