"""The connections that are open, by user."""

from __future__ import annotations

from typing import Protocol


class Connection(Protocol):
    """What the pool needs of a WebSocket."""

    async def send_json(self, data: object) -> None:
        """Send one message."""


class WebSocketConnectionPool:
    """Knows which connections belong to which user, and nothing of what is sent on them."""

    def __init__(self) -> None:
        self._connections: dict[str, list[Connection]] = {}

    def add_connection(self, user_id: str, connection: Connection) -> None:
        """Add an open connection of a user."""
        self._connections.setdefault(user_id, []).append(connection)

    def remove_connection(self, user_id: str, connection: Connection) -> None:
        """Remove this very connection; a newer one of the same user stays."""
        left = [known for known in self._connections.get(user_id, []) if known is not connection]
        if left:
            self._connections[user_id] = left
        else:
            self._connections.pop(user_id, None)

    def get_connections(self, user_id: str) -> tuple[Connection, ...]:
        """The open connections of a user, as of now: the tuple does not change while it is sent to."""
        return tuple(self._connections.get(user_id, ()))

    @property
    def users(self) -> int:
        """How many users are connected."""
        return len(self._connections)
