"""Globals that startup sets, replaces, fills or leaves None, beside constants and tools."""

import asyncio
import enum
import functools
import logging
import re
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
logger = logging.getLogger(__name__)
current_user: ContextVar = ContextVar("current_user", default=None)
PATTERN = re.compile("[a-z]+")
FOLDER = Path("data")
LIMITS = {"rows": 100}
SEEN = object()


class Color(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Plan:
    rows: int


FREE = Plan(10)


class Engine:
    timeout = None

    def __init__(self) -> None:
        self.timeout = 3


class Registry:
    instance = None
    spare = None

    @classmethod
    def get(cls) -> "Registry":
        if cls.instance is None:
            cls.instance = cls()
        return cls.instance


class Table:
    columns = Engine()


class Cache:
    shared: "Cache | None" = None

    def open(self) -> None:
        self.__class__.shared = self


Registry.root = Registry()

engine = None
pool = None
replica = Engine()
plain = None
models: dict = {}
lock = None
assigned_elsewhere: Engine


async def start(*, with_pool: bool) -> None:
    global engine, pool, replica, lock
    engine = Engine()
    if with_pool:
        pool = Engine()
    replica = Engine()
    models["answer"] = Engine()
    lock = asyncio.Lock()
    Cache().open()


@functools.lru_cache
def get_engine() -> Engine:
    return Engine()
