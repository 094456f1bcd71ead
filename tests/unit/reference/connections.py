"""A connection that keeps what is sent on it."""

from __future__ import annotations

from typing import Any

from netra_contracts.reference.context import UserExecutionContext


class KeptConnection:
    """What the pool needs of a WebSocket, with the messages in `sent`."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send_json(self, data: object) -> None:
        """Keep a message."""
        self.sent.append(data)


def context(user_id: str, run_id: str = "run-1") -> UserExecutionContext:
    """The identity of one run of a user."""
    return UserExecutionContext(user_id, thread_id=f"thread-of-{user_id}", run_id=run_id)
