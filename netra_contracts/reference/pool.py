"""The connections that are open, by user."""

from __future__ import annotations

from typing import Protocol


class UserConnection(Protocol):
    """What the pool and the bridges need of a connection."""

    def send(self, text: str) -> bool:
        """Queue one message and return at once; False if it was not taken."""


class WebSocketConnectionPool:
    """Knows which connections belong to which user, and nothing of what is sent on them."""

    def __init__(self) -> None:
        self._connections: dict[str, tuple[UserConnection, ...]] = {}

    def add_connection(self, user_id: str, connection: UserConnection) -> None:
        """Add an open connection of a user."""
        self._connections[user_id] = (*self.get_connections(user_id), connection)

    def remove_connection(self, user_id: str, connection: UserConnection) -> None:
        """Remove this very connection; a newer one of the same user stays."""
        left = tuple(known for known in self.get_connections(user_id) if known is not connection)
        if left:
            self._connections[user_id] = left
        else:
            self._connections.pop(user_id, None)

    def get_connections(self, user_id: str) -> tuple[UserConnection, ...]:
        """The open connections of a user, as of now: the tuple does not change while it is sent to."""
        return self._connections.get(user_id, ())

    @property
    def users(self) -> int:
        """How many users are connected."""
        return len(self._connections)
