"""The services of the application."""


class Pool:
    def get_connections(self, user_id):
        """The connections of one user."""


class Bridge:
    def __init__(self, pool):
        self._pool = pool


class Factory:
    def __init__(self, bridge):
        self._bridge = bridge
