"""Measures within one process: checking a live state, and recording a state."""

from __future__ import annotations

import statistics
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import starlette.datastructures
from starlette.datastructures import State

from netra_contracts import AppStateContract, validate_app_state_contracts
from netra_contracts.api import validate_contracts
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.probe.runtime.journal import Journal
from netra_contracts.probe.startup.instrumentation import hook_state_module
from netra_contracts.probe.startup.states.recorder import Recorder


class Figure(NamedTuple):
    """A measured value with its target."""

    name: str
    value: float
    unit: str
    target: str


class Pool:
    """The component that the contracts are about."""

    def add_connection(self, user_id: str) -> None:
        """Do nothing."""


def _median(function: Callable[[], object], number: int, repeat: int = 9) -> float:
    """Seconds for one call: the median of `repeat` rounds of `number` calls."""
    return statistics.median(timeit.repeat(function, number=number, repeat=repeat)) / number


def checking() -> list[Figure]:
    """Check three contracts, and measure how the time grows with the number of contracts."""
    contracts = [
        AppStateContract("pool", Pool, methods=["add_connection(user_id)"]),
        AppStateContract("cache", "dict", requires=["pool"]),
        AppStateContract("name", "str", min_length=1),
    ]
    three, state = validate_contracts(contracts), {"pool": Pool(), "cache": {}, "name": "shop"}
    once = _median(lambda: validate_app_state_contracts(state, contracts=three), 100)
    thousand, ten_thousand = _of_many(1_000), _of_many(10_000)
    return [
        Figure("three contracts on a live state", once * 1e3, "ms", "< 1 ms"),
        Figure("10,000 contracts, relative to 1,000", ten_thousand / thousand, "times", "< 12 times"),
    ]


def _of_many(count: int) -> float:
    contracts: tuple[ComponentContract, ...] = validate_contracts(
        [AppStateContract(f"c{i}", Pool, requires=[f"c{i - 1}"] if i else []) for i in range(count)]
    )
    state = {f"c{i}": Pool() for i in range(count)}
    return _median(lambda: validate_app_state_contracts(state, contracts=contracts), 1, repeat=3)


def recording() -> list[Figure]:
    """Measure a write that is recorded and one that is not, and both accesses once the recorder is paused."""
    plain, value, number = State(), object(), 20_000

    def write(state: State) -> Callable[[], None]:
        def run() -> None:
            state.pool = value

        return run

    def read(state: State) -> Callable[[], object]:
        return lambda: state.pool

    own_write, own_read = _median(write(plain), number), _median(read(plain), number)
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as folder:
        recorder.journal = Journal(str(Path(folder) / "journal"))
        hook_state_module(recorder)(starlette.datastructures)
        recorded = State()
        recorder.unhook()
        recorded_write = _median(write(recorded), 500, repeat=20)
        recorder.pause()
        paused_write, paused_read = _median(write(recorded), number), _median(read(recorded), number)
    return [
        Figure("a recorded write, beyond Starlette's own", (recorded_write - own_write) * 1e6, "microseconds", "< 5"),
        Figure("a write after startup, relative to Starlette's own", paused_write / own_write, "times", "1"),
        Figure("a read after startup, relative to Starlette's own", paused_read / own_read, "times", "1"),
    ]
