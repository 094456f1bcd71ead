"""The identity of one run."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class UserExecutionContext:
    """The identity that every object of one run carries. Frozen, so that it cannot become that of another user.

    Args:
        user_id: the user of the run.
        thread_id: the conversation of the run.
        run_id: the run: one message and its answer.
        request_id: the request that started the run, for logs across services.

    Raises:
        ValueError: if any of the ids is empty.
    """

    user_id: str
    thread_id: str
    run_id: str
    request_id: str

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name).strip():
                raise ValueError(f"{field.name} must not be empty: work without an owner cannot be isolated")


def fresh_id() -> str:
    """Return a unique id."""
    return uuid.uuid4().hex


def user_context(user_id: str, thread_id: str | None = None) -> UserExecutionContext:
    """Return the identity of a new run of a user, in the given conversation or in a new one.

    Raises:
        ValueError: if an id is given and empty.
    """
    return UserExecutionContext(
        user_id,
        thread_id=fresh_id() if thread_id is None else thread_id,
        run_id=fresh_id(),
        request_id=fresh_id(),
    )
