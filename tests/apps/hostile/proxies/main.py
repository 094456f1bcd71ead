"""Nothing is wrong: a proxy that wraps the right object, found without asking it."""

from starlette.applications import Starlette


class Bridge:
    def __init__(self):
        self.pool = object()

    async def emit_event(self, event, data):
        """Send an event."""


class Proxy:
    __slots__ = ("__wrapped__",)

    def __init__(self, wrapped):
        object.__setattr__(self, "__wrapped__", wrapped)

    @property
    def __class__(self):
        return type(self.__wrapped__)

    def __getattr__(self, name):
        return getattr(self.__wrapped__, name)


app = Starlette()
app.state.bridge = Proxy(Bridge())
app.state.wrong = Proxy(object())
