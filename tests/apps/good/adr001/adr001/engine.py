"""Builds one execution engine per user."""


class ExecutionEngineFactory:
    def __init__(self, websocket_bridge):
        self._websocket_bridge = websocket_bridge
