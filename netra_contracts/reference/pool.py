"""The open connections, by user."""

from __future__ import annotations

from typing import Protocol


class UserConnection(Protocol):
    """The interface of a connection that the pool and the bridges use."""

    def send(self, text: str) -> bool:
        """Queue one message and return at once; False if it was not queued."""


class WebSocketConnectionPool:
    """Stores which connections belong to which user."""

    def __init__(self) -> None:
        self._connections: dict[str, tuple[UserConnection, ...]] = {}

    def add_connection(self, user_id: str, connection: UserConnection) -> None:
        """Add an open connection of a user."""
        self._connections[user_id] = (*self.get_connections(user_id), connection)

    def remove_connection(self, user_id: str, connection: UserConnection) -> None:
        """Remove this connection only: a newer one of the same user stays."""
        left = tuple(known for known in self.get_connections(user_id) if known is not connection)
        if left:
            self._connections[user_id] = left
        else:
            self._connections.pop(user_id, None)

    def get_connections(self, user_id: str) -> tuple[UserConnection, ...]:
        """Return the open connections of a user. The tuple does not change while messages are sent."""
        return self._connections.get(user_id, ())

    @property
    def users(self) -> int:
        """Number of connected users."""
        return len(self._connections)
