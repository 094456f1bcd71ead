"""What the engines of all users may share: one object of each kind, passed to every engine."""

import asyncio
import enum
import logging
import re
import tempfile
import zoneinfo
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import attrs
import httpx
import pydantic
from fastapi import FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

logger = logging.getLogger(__name__)
current_user = ContextVar("current_user", default=None)


@dataclass(frozen=True)
class Settings:
    model: str
    stops: tuple = ("end", "stop")


@dataclass(frozen=True, slots=True)
class Limits:
    tokens: int


@attrs.frozen
class Prices:
    token: float


class Policy(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True)
    retries: int = 3


class Mode(enum.Enum):
    FAST = {"temperature": 0.0}
    DEEP = {"temperature": 1.0}


class Base(DeclarativeBase):
    pass


class Message(Base):
    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]


class Emitter:
    EVENTS = {"agent_started": 1, "agent_completed": 2}
    _LEVELS = ["debug", "info"]
    __slots__ = ("queue",)

    def __init__(self):
        self.queue = asyncio.Queue()


class Engine:
    logger = logger
    name: str = "engine"

    def __init__(self, user_id, shared):
        self.user_id = user_id
        self.emitter = Emitter()
        self.shared_names = tuple(sorted(shared))
        for name, value in shared.items():
            setattr(self, name, value)
        self.session = shared["sessions"]()
        self.session.execute(text("select 1"))
        self.message = Message(body="hello")


class Factory:
    def __init__(self, shared):
        self._shared = shared

    async def create(self, user_id):
        current_user.set(user_id)
        return Engine(user_id, self._shared)

    async def release(self, engine):
        engine.session.close()


def nothing():
    return None


@asynccontextmanager
async def lifespan(app):
    folder = tempfile.TemporaryDirectory()
    database = create_engine(f"sqlite:///{folder.name}/messages.db")
    with folder, ThreadPoolExecutor(1) as executor:
        executor.submit(nothing).result()
        async with httpx.AsyncClient() as client:
            shared = {
                "settings": Settings("small"),
                "limits": Limits(10),
                "prices": Prices(0.1),
                "policy": Policy(),
                "mode": Mode.FAST,
                "word": "interned",
                "number": 7,
                "large_number": 10**30,
                "pair": (1, ("a", b"c")),
                "choices": frozenset(["a", "b"]),
                "log": logging.getLogger("engine.run"),
                "adapted_log": logging.LoggerAdapter(logger, {}),
                "database": database,
                "sessions": sessionmaker(database, class_=Session),
                "client": client,
                "sync_client": httpx.Client(),
                "current_user": current_user,
                "loop": asyncio.get_running_loop(),
                "lock": asyncio.Lock(),
                "semaphore": asyncio.Semaphore(3),
                "executor": executor,
                "pattern": re.compile("[a-z]+"),
                "folder": Path("/var/lib"),
                "zone": zoneinfo.ZoneInfo("UTC"),
                "entity": Message,
                "function": nothing,
            }
            app.state.factory = Factory(shared)
            yield
            shared["sync_client"].close()
        database.dispose()


app = FastAPI(lifespan=lifespan)
