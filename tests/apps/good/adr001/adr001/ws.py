"""The pool of WebSocket connections."""


class WebSocketConnectionPool:
    def __init__(self):
        self._connections = {}

    def add_connection(self, user_id, connection):
        self._connections.setdefault(user_id, []).append(connection)

    def remove_connection(self, user_id):
        self._connections.pop(user_id, None)

    def get_connections(self, user_id):
        return tuple(self._connections.get(user_id, ()))
