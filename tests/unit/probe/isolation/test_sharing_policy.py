"""Which objects users may share: what cannot change, and what is made to be shared."""

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
    """Refuses to change."""

    names: tuple[str, ...] = ()


@dataclass
class Open:
    """May change."""

    count: int = 0


class FrozenModel(pydantic.BaseModel):
    """Refuses to change."""

    model_config = pydantic.ConfigDict(frozen=True)
    count: int = 0


class OpenModel(pydantic.BaseModel):
    """May change."""

    count: int = 0


class Pair(NamedTuple):
    """Refuses to change."""

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
    """Has nothing that could change."""


class Agent(ABC):  # noqa: B024 - for the books that `abc` keeps in it
    """Has class attributes of each kind."""

    LEVELS = ("debug",)
    NAMES = {"a": 1}  # noqa: RUF012 - a constant
    _CACHE: dict[str, int] = {}  # noqa: RUF012 - called a constant, but empty
    model_cache: dict[str, int] = {}  # noqa: RUF012 - the mistake that is looked for
    history: list[str] = []  # noqa: RUF012 - same

    @property
    def computed(self) -> int:
        """No data."""
        return 1

    @classmethod
    def make(cls) -> Agent:
        """No data."""
        return cls()


@pytest.mark.parametrize(
    "thing",
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
    ids=lambda thing: type(thing).__name__,
)
def test_walk_ends_at_values_and_at_what_is_made_to_be_shared(thing: Any) -> None:
    assert SharingPolicy("tests").ends(thing)


@pytest.mark.parametrize("thing", [[], Open(), asyncio.Queue(), orm.Session(DATABASE), SimpleNamespace(a=1)])
def test_walk_goes_on_at_data(thing: Any) -> None:
    assert not SharingPolicy("tests").ends(thing)
    assert SharingPolicy("tests").is_mutable(thing)


def test_walk_ends_at_classes_that_a_contract_names_and_at_those_made_of_them() -> None:
    class Special(Open):
        """Is an `Open`."""

    kinds = SharingPolicy("tests", (f"{__name__}:Open",))
    assert (kinds.ends(Open()), kinds.ends(Special()), kinds.ends(Slotted())) == (True, True, False)


@pytest.mark.parametrize("thing", [(), frozenset(), Frozen(), FrozenModel(), Pair(1), Stateless(), object()])
def test_what_refuses_to_change_is_not_mutable(thing: Any) -> None:
    assert not SharingPolicy("tests").is_mutable(thing)


@pytest.mark.parametrize("thing", [[], {}, set(), bytearray(), Open(), OpenModel(), Slotted(), iter([1])])
def test_what_may_change_is_mutable(thing: Any) -> None:
    assert SharingPolicy("tests").is_mutable(thing)


def test_sessions_are_told_but_not_looked_into() -> None:
    assert SharingPolicy("tests").is_closed(orm.Session(DATABASE))
    assert SharingPolicy("tests").is_closed(orm.sessionmaker(DATABASE)())
    assert not SharingPolicy("tests").is_closed([])


def test_class_attributes_are_data_of_the_application_and_no_constants_or_machinery() -> None:
    found = SharingPolicy("tests").class_attributes(Agent())
    assert {name for _, name, _ in found} == {"_CACHE", "model_cache", "history"}


def test_classes_of_others_are_not_looked_into() -> None:
    assert SharingPolicy("tests").class_attributes(logging.LogRecord("a", 1, "", 1, "", (), None)) == []
