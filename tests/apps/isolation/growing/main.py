"""What grows, and what does not, while engines come and go."""

import asyncio
import itertools
from collections import OrderedDict, deque
from contextlib import asynccontextmanager

from starlette.applications import Starlette

import registry


class Engine:
    def __init__(self, user_id):
        self.user_id = user_id


class Growing:
    """Keeps a line for each engine it ever made."""

    def __init__(self):
        self.journal = []

    def create(self, user_id):
        self.journal.append(f"made one of {len(self.journal)}")
        return Engine(user_id)

    def release(self, engine):
        pass


class GrowingBehind(Growing):
    """The same, in an object that belongs to the factory."""

    def __init__(self):
        self.books = Growing()

    def create(self, user_id):
        return self.books.create(user_id)


class Numbered(Growing):
    """Keeps a set of the numbers it gave."""

    def __init__(self):
        self.numbers = set()
        self._next = itertools.count()

    def create(self, user_id):
        self.numbers.add(next(self._next))
        return Engine(user_id)


class Bounded(Growing):
    """Forgets the oldest lines, the earlier or the later, and the oldest users."""

    def __init__(self):
        self.journal = deque(maxlen=100)
        self.archive = deque(maxlen=100_000)
        self.recent = OrderedDict()
        self.visits = OrderedDict()

    def create(self, user_id):
        self.archive.append("made one")
        self.visits[user_id] = 1
        if len(self.visits) > 50:
            self.visits.popitem(last=False)
        self.remember(user_id)
        return super().create(user_id)

    def remember(self, user_id):
        self.recent[user_id] = "now"
        if len(self.recent) > 100_000:
            self.recent.popitem(last=False)


class PerUser(Growing):
    """Remembers each user."""

    def __init__(self):
        self.visits = {}
        self.recent = OrderedDict()

    def create(self, user_id):
        self.visits[user_id] = self.visits.get(user_id, 0) + 1
        self.recent[user_id] = "now"
        return Engine(user_id)


class ById:
    """A descriptor that keeps the values of all engines under their ids."""

    def __init__(self):
        self.values = {}

    def __get__(self, engine, owner=None):
        return self if engine is None else self.values[id(engine)]

    def __set__(self, engine, value):
        self.values[id(engine)] = value


class Described(Engine):
    context = ById()

    def __init__(self, user_id):
        super().__init__(user_id)
        self.context = [user_id]


class Describing(Growing):
    """Has a descriptor keep what belongs to an engine."""

    def create(self, user_id):
        return Described(user_id)


class Registered(Growing):
    """Keeps all engines, but not in any component: in a module."""

    def create(self, user_id):
        engine = Engine(user_id)
        registry.add(engine)
        return engine


class Scheduled(Growing):
    """Has the event loop keep all engines until tomorrow."""

    def create(self, user_id):
        engine = Engine(user_id)
        asyncio.get_running_loop().call_later(86_400, list, (engine,))
        return engine


@asynccontextmanager
async def lifespan(app):
    app.state.growing = Growing()
    app.state.growing_behind = GrowingBehind()
    app.state.numbered = Numbered()
    app.state.bounded = Bounded()
    app.state.per_user = PerUser()
    app.state.registered = Registered()
    app.state.describing = Describing()
    app.state.scheduled = Scheduled()
    yield


app = Starlette(lifespan=lifespan)
