"""Factories that keep what they create for a user, and others that look like them and do not."""

from __future__ import annotations

import asyncio
import functools
import weakref
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextvars import ContextVar
from typing import Any

import cachetools


class Engine:
    """What is created for a user."""

    def __init__(self, *arguments: Any, **by_name: Any) -> None:
        self.arguments = arguments
        self.by_name = by_name

    async def aclose(self) -> None:
        """Release it."""
        self.arguments = ()


class Factory:
    """Creates engines, and leaves releasing them to `Engine.aclose`."""

    def create(self, user_id: str) -> Any:
        """An engine."""
        return Engine(user_id)


BY_USER: dict[str, int] = {}
ENGINES: dict[str, Engine] = {}
CONTEXT: ContextVar[dict[str, int]] = ContextVar("CONTEXT")
LIMITED: OrderedDict[str, Engine] = OrderedDict()


class ModuleDict(Factory):
    """Counts the users, in a module."""

    def create(self, user_id: str) -> Any:
        """An engine."""
        BY_USER[user_id] = 1
        return Engine(user_id)


class ModuleRegistry(Factory):
    """Registers engines in a module, and removes them again."""

    def create(self, user_id: str) -> Any:
        """An engine."""
        ENGINES[user_id] = Engine(user_id)
        return ENGINES[user_id]

    def aclose(self, engine: Engine) -> None:
        """Release it."""
        del ENGINES[engine.arguments[0]]


class LimitedModuleRegistry(Factory):
    """Keeps the engines that were created last, in a module."""

    def create(self, user_id: str) -> Any:
        """An engine."""
        engine = LIMITED[user_id] = Engine(user_id)
        if len(LIMITED) > 10_000:
            LIMITED.popitem(last=False)
        return engine


class ClassRegistry(Factory):
    """Registers engines in its class."""

    engines: dict[str, Engine] = {}  # noqa: RUF012 - the mistake to be found

    def create(self, user_id: str) -> Any:
        """An engine."""
        self.engines[user_id] = Engine(user_id)
        return self.engines[user_id]


class WeakClassRegistry(Factory):
    """Registers engines in its class, weakly."""

    engines: weakref.WeakValueDictionary[str, Engine] = weakref.WeakValueDictionary()  # noqa: RUF012 - shared on purpose

    def create(self, user_id: str) -> Any:
        """An engine."""
        engine = self.engines[user_id] = Engine(user_id)
        return engine


def _counter() -> Callable[[str], None]:
    seen: dict[str, int] = {}

    def count(user_id: str) -> None:
        seen[user_id] = 1

    return count


count_in_closure = _counter()


def count_in_default(user_id: str, seen: dict[str, int] = {}) -> None:  # noqa: B006 - the mistake to be found
    """Count a user."""
    seen[user_id] = 1


def count_in_attribute(user_id: str) -> None:
    """Count a user."""
    vars(count_in_attribute).setdefault("seen", {})[user_id] = 1


def count_in_context(user_id: str) -> None:
    """Count a user."""
    CONTEXT.get()[user_id] = 1


count_in_attribute("nobody")


class Counting(Factory):
    """Has a function count the users."""

    def __init__(self, count: Callable[[str], None]) -> None:
        self._name = count.__name__

    def create(self, user_id: str) -> Any:
        """An engine."""
        globals()[{"count": "count_in_closure"}.get(self._name, self._name)](user_id)
        return Engine(user_id)


class Stored:
    """A descriptor that keeps the values of all instances."""

    def __init__(self, values: Any) -> None:
        self._values = values

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else self._values[instance]

    def __set__(self, instance: Any, value: Any) -> None:
        self._values[instance] = value


class DescribedEngine(Engine):
    """Its context is kept by a descriptor."""

    context = Stored({})

    def __init__(self, user_id: str) -> None:
        super().__init__()
        self.context = [user_id]


class WeaklyDescribedEngine(DescribedEngine):
    """Its context is kept by a descriptor, for as long as the engine exists."""

    context = Stored(weakref.WeakKeyDictionary())


class Described(Factory):
    """Creates engines with a descriptor."""

    def __init__(self, cls: type[DescribedEngine]) -> None:
        self._cls = cls

    def create(self, user_id: str) -> Any:
        """An engine."""
        return self._cls(user_id)


class Unlimited(Factory):
    """Caches all engines."""

    @functools.lru_cache(maxsize=None)  # noqa: B019, UP033 - the mistake to be found
    def create(self, user_id: str) -> Any:
        """An engine."""
        return Engine(user_id)


class Limited(Factory):
    """Caches engines, up to a limit that the test does not reach."""

    @functools.lru_cache(maxsize=5000)  # noqa: B019 - has a limit
    def create(self, user_id: str) -> Any:
        """An engine."""
        return Engine(user_id)


class Caching(Factory):
    """Caches engines in limited caches of a library, in an OrderedDict and in a list."""

    def __init__(self) -> None:
        self._ttl: cachetools.TTLCache[str, Engine] = cachetools.TTLCache(5000, 60)
        self._lru: cachetools.LRUCache[str, Engine] = cachetools.LRUCache(50)
        self._entries: OrderedDict[str, Engine] = OrderedDict()
        self._recent: list[Engine] = []

    def create(self, user_id: str) -> Any:
        """An engine."""
        engine = self._entries[user_id] = self._ttl[user_id] = self._lru[user_id] = Engine(user_id)
        self._remove_oldest()
        self._recent = [*self._recent, engine][-4:]
        return engine

    def _remove_oldest(self) -> None:
        while len(self._entries) > 5000:
            self._entries.popitem(last=False)


class Unbounded(Factory):
    """Has a cache of a library without a limit."""

    def __init__(self) -> None:
        self._cache: cachetools.Cache[str, int] = cachetools.LRUCache(float("inf"))

    def create(self, user_id: str) -> Any:
        """An engine."""
        self._cache[user_id] = 1
        return Engine(user_id)


class Current(Factory):
    """Keeps the last engine."""

    def create(self, user_id: str) -> Any:
        """An engine."""
        self.current = Engine(user_id)
        return self.current


class OfTenant(Factory):
    """Keeps the last engine of each tenant."""

    def __init__(self) -> None:
        self._engines: dict[str, Engine] = {}

    def create(self, user_id: str) -> Any:
        """An engine."""
        self._engines["acme"] = Engine(user_id)
        return self._engines["acme"]


class Suspended(Factory):
    """Keeps a suspended generator for each engine."""

    def __init__(self) -> None:
        self._generators: list[Any] = []

    def create(self, user_id: str) -> Any:
        """An engine."""
        engine = Engine(user_id)
        generator = self._steps(engine)
        next(generator)
        self._generators.append(generator)
        return engine

    @staticmethod
    def _steps(engine: Engine) -> Generator[int, None, Engine]:
        mine = engine
        yield 1
        return mine


class Pool(Factory):
    """Uses engines again."""

    def __init__(self) -> None:
        self._free = [Engine() for _ in range(3)]

    def create(self, user_id: str) -> Any:
        """An engine."""
        return self._free.pop() if self._free else Engine()

    def aclose(self, engine: Engine) -> None:
        """Put it back."""
        self._free.append(engine)


class UnusedPool(Pool):
    """Puts engines back, and uses none of them again."""

    def create(self, user_id: str) -> Any:
        """An engine."""
        return Engine()


class Deferred(Factory):
    """Lets engines go some time after they were released."""

    def __init__(self, seconds: float) -> None:
        self._engines: dict[str, Engine] = {}
        self._seconds = seconds

    def create(self, user_id: str) -> Any:
        """An engine."""
        engine = self._engines[user_id] = Engine(user_id)
        return engine

    def aclose(self, engine: Engine) -> None:
        """Have it removed."""
        asyncio.get_running_loop().call_later(self._seconds, self._engines.pop, engine.arguments[0])


class Calls:
    """Ways to create an instance."""

    def nothing(self) -> Engine:
        """Takes no argument."""
        return Engine("nothing")

    def keyword(self, *, user_id: str) -> Engine:
        """Takes the id by its name."""
        return Engine(user_id)

    def several(self, user: str, tenant: str, *, mode: str = "") -> Engine:
        """Takes several arguments."""
        return Engine(user, tenant, mode)

    def one(self, context: Any) -> Engine:
        """Takes one argument."""
        return Engine(context)

    def close(self) -> None:
        """Close the component, which no instance asks for."""
        raise AssertionError("the component was closed")


def pair(user_id: str) -> tuple[str, str]:
    """Two arguments."""
    return user_id, "acme"


async def named(user_id: str) -> dict[str, str]:
    """Arguments by name."""
    return {"user": user_id, "tenant": "acme", "mode": "fast"}


def settings(user_id: str) -> dict[str, str]:
    """A mapping that is an argument itself."""
    return {"user": user_id}


def nobody(user_id: str) -> None:
    """Creates a user that no argument names."""


class Keeping(Factory):
    """Keeps all engines, and has a method that removes the oldest, which nothing calls."""

    def __init__(self) -> None:
        self.engines: dict[str, Engine] = {}

    def create(self, user_id: str) -> Any:
        """An engine."""
        engine = self.engines[user_id] = Engine(user_id)
        return engine

    def shrink(self) -> None:
        """Remove the oldest."""
        while len(self.engines) > 10:
            self.engines.pop(next(iter(self.engines)))


class Replacing(Keeping):
    """Removes an earlier engine of the same user, and compares something else."""

    def create(self, user_id: str) -> Any:
        """An engine."""
        self.engines.pop(user_id, None)
        return super().create(user_id) if user_id else None


class LimitedBesideAll(Keeping):
    """Limits the list of the last engines, not that of all."""

    def __init__(self) -> None:
        super().__init__()
        self.recent: list[str] = []

    def create(self, user_id: str) -> Any:
        """An engine."""
        self.recent.append(user_id)
        if len(self.recent) > 10:
            self.recent.pop(0)
        return super().create(user_id)


class RemovedByName(Keeping):
    """Has a release that a limit calls, but that forgets the engine of the user."""

    def create(self, user_id: str) -> Any:
        """An engine."""
        for engine in [engine for engine in self.engines.values() if len(engine.arguments) > 5]:
            self.clean_up(engine)
        return super().create(user_id)

    def clean_up(self, engine: Any) -> None:
        """Remove an engine."""
        user_id = engine.user_id
        self.engines.pop(user_id, None)


class _Node:
    def __init__(self, key: str = "", value: Any = None) -> None:
        self.key = key
        self.value = value
        self.before: Any = self
        self.after: Any = self


class LinkedList(Factory):
    """Keeps the last engines in a linked list."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}
        self._root = _Node()

    def create(self, user_id: str) -> Any:
        """An engine."""
        if user_id in self._nodes:
            self._unlink(self._nodes.pop(user_id))
        node = self._nodes[user_id] = _Node(user_id, Engine(user_id))
        node.before, node.after = self._root, self._root.after
        self._root.after.before = node
        self._root.after = node
        if len(self._nodes) > 5000:
            self._remove_last()
        return node.value

    def _remove_last(self) -> None:
        last = self._root.before
        self._unlink(last)
        del self._nodes[last.key]

    @staticmethod
    def _unlink(node: _Node) -> None:
        node.before.after, node.after.before = node.after, node.before


class LimitedInBytes(Factory):
    """Keeps engines up to a size."""

    def __init__(self) -> None:
        self._engines: dict[str, Engine] = {}
        self._size = 0

    def create(self, user_id: str) -> Any:
        """An engine."""
        engine = self._engines[user_id] = Engine(user_id)
        self._size += 100
        engines = self._engines
        while self._size >= 1_000_000:
            engines.pop(next(iter(engines)))
            self._size -= 100
        return engine


class Expiring(Factory):
    """Keeps engines for five minutes; a task removes them."""

    def __init__(self) -> None:
        self._engines: dict[str, tuple[float, Engine]] = {}
        self._task: Any = None

    def create(self, user_id: str) -> Any:
        """An engine."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._remove_old())
        engine = Engine(user_id)
        self._engines[user_id] = asyncio.get_running_loop().time(), engine
        return engine

    async def _remove_old(self) -> None:
        while True:
            await asyncio.sleep(60)
            now = asyncio.get_running_loop().time()
            self._engines = {key: entry for key, entry in self._engines.items() if now - entry[0] < 300}


class Expired(Factory):
    """Keeps engines for five minutes, and removes the old ones whenever it creates one."""

    def __init__(self) -> None:
        self._engines: dict[str, tuple[float, Engine]] = {}

    def create(self, user_id: str) -> Any:
        """An engine."""
        now = asyncio.get_running_loop().time()
        for key in [key for key, (at, _) in self._engines.items() if now - at > 300]:
            del self._engines[key]
        self._engines[user_id] = now, Engine(user_id)
        return self._engines[user_id][1]


class LimitedDict(dict[str, Engine]):
    """Removes its first entry when it is full."""

    def __setitem__(self, key: str, value: Engine) -> None:
        super().__setitem__(key, value)
        if len(self) > 5000:
            del self[next(iter(self))]


class OwnCache(Factory):
    """Keeps engines in a cache of its own."""

    def __init__(self) -> None:
        self._engines = LimitedDict()

    def create(self, user_id: str) -> Any:
        """An engine."""
        engine = self._engines[user_id] = Engine(user_id)
        return engine


class StoredById(Stored):
    """A descriptor that keeps the values of all instances under their ids."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else self._values[id(instance)]

    def __set__(self, instance: Any, value: Any) -> None:
        self._values[id(instance)] = value

    def clear(self) -> None:
        """Forget all values."""
        self._values.clear()


class EngineById(DescribedEngine):
    """Its context is kept under its id."""

    context = StoredById({})


class FinalizedById(StoredById):
    """Removes what it keeps when the instance is gone."""

    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, value)
        weakref.finalize(instance, self._values.pop, id(instance))


class FinalizedEngine(DescribedEngine):
    """Its context is kept under its id for as long as it exists."""

    context = FinalizedById({})


RELEASED: list[Engine] = []


def release(engine: Engine) -> None:
    """Release an engine."""
    RELEASED.append(engine)
    RELEASED.clear()


class Stuck(Factory):
    """Never returns after a while."""

    def __init__(self) -> None:
        self._left = 30

    async def create(self, user_id: str) -> Any:
        """An engine."""
        self._left -= 1
        if self._left < 0:
            await asyncio.Event().wait()
        return Engine(user_id)
