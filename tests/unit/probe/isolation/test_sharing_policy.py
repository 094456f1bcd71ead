"""Which objects users may share: immutable ones, and those that are designed to be shared."""

from __future__ import annotations

import asyncio
import enum
import logging
import re
import threading
import zoneinfo
from abc import ABC
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import httpx
import pydantic
import pytest
import sqlalchemy
from sqlalchemy import orm

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


@pytest.mark.parametrize("obj", [[], {}, set(), bytearray(), Open(), OpenModel(), Slotted(), iter([1])])
def test_objects_with_state_are_mutable(obj: Any) -> None:
    assert SharingPolicy("tests").is_mutable(obj)


def test_database_session_is_opaque() -> None:
    assert SharingPolicy("tests").is_opaque(orm.Session(DATABASE))
    assert SharingPolicy("tests").is_opaque(orm.sessionmaker(DATABASE)())
    assert not SharingPolicy("tests").is_opaque([])


def test_constants_descriptors_and_internal_data_are_not_mutable_class_attributes() -> None:
    found = SharingPolicy("tests").class_attributes(Agent())
    assert {name for _, name, _ in found} == {"_CACHE", "model_cache", "history"}


def test_library_class_has_no_class_attributes_of_the_application() -> None:
    assert SharingPolicy("tests").class_attributes(logging.LogRecord("a", 1, "", 1, "", (), None)) == []
