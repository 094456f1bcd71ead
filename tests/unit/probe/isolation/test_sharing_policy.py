"""Which objects users may share: immutable ones, and those that are designed to be shared."""

from __future__ import annotations

import asyncio
import enum
import functools
import logging
import re
import threading
import types
import weakref
import zoneinfo
from abc import ABC
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import cachetools
import httpx
import pydantic
import pytest
import sqlalchemy
from sqlalchemy import orm

from netra_contracts.probe.isolation.reachability import Canaries, ReachabilityMap
from netra_contracts.probe.isolation.sharing_policy import SharingPolicy

DATABASE = sqlalchemy.create_engine("sqlite://")


@dataclass(frozen=True)
class Frozen:
    """Immutable."""

    names: tuple[str, ...] = ()


@dataclass
class Open:
    """Mutable."""

    count: int = 0


class FrozenModel(pydantic.BaseModel):
    """Immutable."""

    model_config = pydantic.ConfigDict(frozen=True)
    count: int = 0


class OpenModel(pydantic.BaseModel):
    """Mutable."""

    count: int = 0


class Pair(NamedTuple):
    """Immutable."""

    first: int


class Colour(enum.Enum):
    """A value."""

    RED = "red"


class Slotted:
    """Has state, and no `__dict__`."""

    __slots__ = ("queue",)

    def __init__(self) -> None:
        self.queue = 1


class Stateless:
    """Has no state."""


class Agent(ABC):  # noqa: B024 - `abc` adds internal attributes
    """Has class attributes of each kind."""

    LEVELS = ("debug",)
    NAMES = {"a": 1}  # noqa: RUF012 - a constant
    _CACHE: dict[str, int] = {}  # noqa: RUF012 - named like a constant, but empty
    _WAITING: deque[str] = deque()  # noqa: RUF012 - same
    model_cache: dict[str, int] = {}  # noqa: RUF012 - the mistake to be found
    history: list[str] = []  # noqa: RUF012 - same

    @property
    def computed(self) -> int:
        """Not data."""
        return 1

    @classmethod
    def make(cls) -> Agent:
        """Not data."""
        return cls()


@pytest.mark.parametrize(
    "obj",
    [
        Colour.RED,
        re.compile("a"),
        Path("/"),
        zoneinfo.ZoneInfo("UTC"),
        logging.getLogger("a"),
        logging.LoggerAdapter(logging.getLogger("a")),
        threading.Lock(),
        threading.RLock(),
        asyncio.Lock(),
        ThreadPoolExecutor(1),
        ContextVar("a"),
        httpx.Client(),
        httpx.AsyncClient(),
        DATABASE,
        DATABASE.pool,
        orm.sessionmaker(DATABASE),
        orm.scoped_session(orm.sessionmaker(DATABASE)),
    ],
    ids=lambda obj: type(obj).__name__,
)
def test_walk_ends_at_immutable_values_and_at_objects_designed_to_be_shared(obj: Any) -> None:
    assert SharingPolicy("tests").is_boundary(obj)


@pytest.mark.parametrize("obj", [[], Open(), asyncio.Queue(), orm.Session(DATABASE), SimpleNamespace(a=1)])
def test_walk_enters_mutable_data(obj: Any) -> None:
    assert not SharingPolicy("tests").is_boundary(obj)
    assert SharingPolicy("tests").is_mutable(obj)


def test_walk_ends_at_shared_types_of_a_contract_and_their_subclasses() -> None:
    class Special(Open):
        """Is an `Open`."""

    policy = SharingPolicy("tests", (f"{__name__}:Open",))
    assert (policy.is_boundary(Open()), policy.is_boundary(Special()), policy.is_boundary(Slotted())) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize("obj", [(), frozenset(), Frozen(), FrozenModel(), Pair(1), Stateless(), object()])
def test_frozen_and_stateless_objects_are_not_mutable(obj: Any) -> None:
    assert not SharingPolicy("tests").is_mutable(obj)


@pytest.mark.parametrize("obj", [[], {}, set(), bytearray(), deque(), Open(), OpenModel(), Slotted(), iter([1])])
def test_objects_with_state_are_mutable(obj: Any) -> None:
    assert SharingPolicy("tests").is_mutable(obj)


def test_database_session_is_opaque() -> None:
    assert SharingPolicy("tests").is_opaque(orm.Session(DATABASE))
    assert SharingPolicy("tests").is_opaque(orm.sessionmaker(DATABASE)())
    assert not SharingPolicy("tests").is_opaque([])


def test_constants_descriptors_and_internal_data_are_not_mutable_class_attributes() -> None:
    found = SharingPolicy("tests").class_attributes(Agent())
    assert {name for _, name, _ in found} == {"_CACHE", "_WAITING", "model_cache", "history"}


def test_library_class_has_no_class_attributes_of_the_application() -> None:
    assert SharingPolicy("tests").class_attributes(logging.LogRecord("a", 1, "", 1, "", (), None)) == []


def test_caches_weak_collections_views_and_partials_may_be_shared() -> None:
    shared = [
        functools.lru_cache(maxsize=None)(len),
        cachetools.TTLCache(10, 60),
        weakref.WeakSet(),
        weakref.WeakKeyDictionary(),
        weakref.WeakValueDictionary(),
        types.MappingProxyType({"model": "small"}),
        functools.partial(print, end=""),
    ]
    assert not shared_by_users(shared)
    assert shared_by_users([types.MappingProxyType({"history": []})])
    assert shared_by_users([functools.partial(print, [])])


def shared_by_users(values: list[Any]) -> list[Any]:
    """The objects that two instances with the same values share."""
    reach = ReachabilityMap(SharingPolicy("tests"), set(), Canaries(2), "engine")
    for user in range(2):
        reach.add(user, SimpleNamespace(values=tuple(values)), ())
    return list(reach.shared.values())


@pytest.mark.slow
def test_clients_tracers_and_containers_of_libraries_may_be_shared() -> None:
    prometheus_client, redis = pytest.importorskip("prometheus_client"), pytest.importorskip("redis")
    dishka, structlog = pytest.importorskip("dishka"), pytest.importorskip("structlog")
    trace, metrics = pytest.importorskip("opentelemetry.trace"), pytest.importorskip("opentelemetry.metrics")
    sdk_trace, sdk_metrics = (pytest.importorskip(f"opentelemetry.sdk.{name}") for name in ("trace", "metrics"))
    registry = prometheus_client.CollectorRegistry()
    client, meter = redis.Redis(), sdk_metrics.MeterProvider().get_meter("shop")
    asynchronous = redis.asyncio.Redis()
    tracer = sdk_trace.TracerProvider().get_tracer("shop")
    container = dishka.make_container()
    shared = [
        *(tracer, tracer.start_span("run"), trace.get_tracer("other"), trace.get_current_span()),
        *(meter, meter.create_counter("runs"), meter.create_observable_gauge("load"), metrics.get_meter("other")),
        *(metrics.get_meter("other").create_histogram("time"), metrics.NoOpMeter("none")),
        *(prometheus_client.Gauge("load", "of it", registry=registry), registry, structlog.get_logger().bind(a=1)),
        *(client, client.lock("a"), client.register_script("return 1"), asynchronous, asynchronous.lock("b")),
        *(container, container.registry, structlog.PrintLogger()),
        pytest.importorskip("redis.event").EventDispatcher(),
    ]
    assert not shared_by_users(shared)
    assert shared_by_users([client.pipeline()]), "a pipeline collects the commands of one user"
