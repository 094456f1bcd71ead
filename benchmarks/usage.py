"""Measures reading how sources use the state, against `ruff check` of the same files, in pairs."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.folders import FOLDER, ROOT

FILES = 2000
USES = 200
_RUFF = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
_READER = ROOT / "netra_contracts" / "probe" / "usage" / "__main__.py"

#: A module of 90 lines, of which each file of the tree has a variant.
_MODULE = '''"""Orders of region {number}: what they cost, and when they are delivered."""

from __future__ import annotations

import dataclasses
import datetime
import logging

logger = logging.getLogger(__name__)
RATE_{number} = {number} / 1000


@dataclasses.dataclass
class Order{number}:
    """An order with its lines; the state of a delivery is not kept here."""

    identity: int
    lines: list[tuple[str, int]]
    created: datetime.datetime
    labels: dict[str, str] = dataclasses.field(default_factory=dict)

    def total(self) -> float:
        """The price of all lines, with the rate of the region."""
        total = 0.0
        for name, price in self.lines:
            if name.startswith("gift"):
                continue
            total += price * (1 + RATE_{number})
        return round(total, 2)

    def describe(self) -> str:
        """One line for a person."""
        parts = [f"{{name}}: {{price}}" for name, price in sorted(self.lines)]
        if not parts:
            return f"order {{self.identity}} is empty"
        return f"order {{self.identity}} of {{self.created:%Y-%m-%d}}: " + ", ".join(parts)


class Repository{number}:
    """Keeps orders in memory."""

    def __init__(self) -> None:
        self.orders: dict[int, Order{number}] = {{}}

    def add(self, order: Order{number}) -> None:
        """Add an order.

        Raises:
            ValueError: if there is one with its identity.
        """
        if order.identity in self.orders:
            raise ValueError(f"order {{order.identity}} exists")
        self.orders[order.identity] = order
        logger.debug("added %s", order.identity)

    def find(self, *, since: datetime.datetime | None = None, label: str = "") -> list[Order{number}]:
        """Orders of a label, the newest first."""
        found = []
        for order in self.orders.values():
            if since is not None and order.created < since:
                continue
            if label and label not in order.labels:
                continue
            found.append(order)
        return sorted(found, key=lambda order: order.created, reverse=True)


def merge_{number}(one: Order{number}, other: Order{number}) -> Order{number}:
    """One order with the lines of both."""
    labels = {{**one.labels, **other.labels}}
    created = min(one.created, other.created)
    return Order{number}(one.identity, [*one.lines, *other.lines], created, labels)


def parse_{number}(text: str) -> list[tuple[str, int]]:
    """Lines of a text, each a name and a price."""
    lines = []
    for row in text.splitlines():
        name, _, price = row.partition("=")
        try:
            lines.append((name.strip(), int(price)))
        except ValueError:
            logger.warning("ignored %r", row)
    return lines
'''
#: What each file adds that uses the state: two uses, one of them by an accessor of another file.
_ROUTES = '''

from fastapi import APIRouter, Depends, Request

from shop.deps import get_pool

router = APIRouter()


@router.get("/orders-{number}")
async def list_orders_{number}(request: Request, pool=Depends(get_pool)) -> list[str]:
    """Orders as text."""
    rows = await pool.fetch("select * from orders", {number})
    await request.app.state.cache_{group}.get("orders", limit={number})
    return [row["name"] for row in rows]
'''
_DEPS = '''"""Dependencies of endpoints."""

from fastapi import Request


def get_pool(request: Request):
    """The pool of the application."""
    return request.app.state.pool
'''


class UsageRatio(NamedTuple):
    """Times of reading divided by those of ruff, pair by pair; median times in seconds."""

    name: str
    reader_s: float
    ruff_s: float
    minimum: float
    median: float
    maximum: float


#: An application of which all files are modules that it imports.
_MAIN = '''"""An application of many files."""

import contextlib
import importlib
import pathlib

from fastapi import FastAPI

root = pathlib.Path(__file__).parent
paths = sorted(root.glob("shop/*/*.py"))
modules = [importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts)) for path in paths]



class Pool:
    async def fetch(self, query, *arguments):
        return [{"name": query}]


class Cache:
    async def get(self, name, *, limit):
        return None


@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.pool = Pool()
    for number in range(7):
        setattr(app.state, f"cache_{number}", Cache())
    yield


app = FastAPI(lifespan=lifespan)
for module in modules:
    if hasattr(module, "router"):
        app.include_router(module.router)
'''


def write_tree(folder: Path, files: int = FILES, uses: int = USES) -> Path:
    """Write files, unless they are there: an application, of which `main.py` imports the others."""
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        for number in range(files - 2):
            package = folder / "shop" / f"region_{number // 50}"
            package.mkdir(parents=True, exist_ok=True)
            text = _MODULE.format(number=number)
            if number % (files * 2 // uses) == 0:
                text += _ROUTES.format(number=number, group=number % 7)
            (package / f"orders_{number}.py").write_text(text, encoding="utf-8")
        (folder / "shop" / "deps.py").write_text(_DEPS, encoding="utf-8")
        (folder / "main.py").write_text(_MAIN, encoding="utf-8")
        (folder / "complete").touch()
    return folder


def measure_usage(runs: int) -> list[UsageRatio]:
    """Measure reading without and with a cache."""
    tree = write_tree(FOLDER / "usage")
    output, cache = FOLDER / "usage.out", FOLDER / "usage-cache"
    environment = {**os.environ, "NETRA_CONTRACTS_CACHE_DIR": str(cache)}
    pairs = []
    for name, is_cached in (("without a cache", False), ("with a cache", True)):
        request = json.dumps({"module": "shop", "output": str(output), "use_cache": is_cached})
        ruff = [_RUFF, "check", "--quiet", "--isolated", "--cache-dir", str(FOLDER / "ruff"), "."]
        ruff += [] if is_cached else ["--no-cache"]

        def read(request: str = request) -> float:
            return _seconds([sys.executable, "-I", "-S", str(_READER), request], tree, environment)

        def check(ruff: list[str] = ruff) -> float:
            return _seconds(ruff, tree, environment)

        pairs.append(_measure(name, runs, read, check))
    return pairs


def _measure(name: str, runs: int, read: Callable[[], float], check: Callable[[], float]) -> UsageRatio:
    times = [(read(), check()) for _ in range(runs + 1)][1:]  # the first fills the caches
    quotients = [reader_s / ruff_s for reader_s, ruff_s in times]
    reader_s, ruff_s = (statistics.median(side) for side in zip(*times, strict=True))
    return UsageRatio(name, reader_s, ruff_s, min(quotients), statistics.median(quotients), max(quotients))


def _seconds(command: list[str], folder: Path, environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(
        command, cwd=folder, env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - began
