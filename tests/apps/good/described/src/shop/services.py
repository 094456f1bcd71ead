class Pool: ...


class Bridge:
    pool = None


class Repository:
    """Its attribute is private, as in most applications."""

    def __init__(self, pool):
        self._pool = pool


class Service:
    __slots__ = ("bridge", "repository")

    def __init__(self, repository, bridge):
        self.repository, self.bridge = repository, bridge
