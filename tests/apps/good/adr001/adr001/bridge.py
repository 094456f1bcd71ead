"""Carries an agent's events to the user's connections."""


class AgentWebSocketBridge:
    def __init__(self, connection_pool):
        self._connection_pool = connection_pool

    async def emit_event(self, event, data):
        for connection in self._connection_pool.get_connections(data["user_id"]):
            await connection.send_json({"event": event, **data})
