"""Names of synthetic users."""

from __future__ import annotations

#: Labels of the first synthetic users, in reports.
USERS = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj")


def user_name(number: int) -> str:
    """The label of user `number`, counted from 0."""
    return USERS[number] if number < len(USERS) else f"user-{number + 1}"
