"""Measures how long it takes to judge the mutants of a recording."""

from __future__ import annotations

import time

from benchmarks.in_process import Figure
from netra_contracts import AppStateContract
from netra_contracts.api import validate_contracts
from netra_contracts.checks.engine.judgement import plan
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.answers import Answer, DescribedComponent
from netra_contracts.protocol.observed.app_states import StateChange, StateEntry
from netra_contracts.protocol.observed.observation import Observation, Stage, TargetInfo
from netra_contracts.protocol.record import replace
from netra_contracts.score import results_of

#: Seven mutants each: absent, None, of another type, a test double, a copy, an older object, another order.
_COMPONENTS = 1_430


def scoring() -> list[Figure]:
    """Judge 10,000 mutants of a recording whose components each have a type, two methods and a reference."""
    recording = _recording(_COMPONENTS)
    began = time.perf_counter()
    judged = sum(result.outcome != "equivalent" for result in results_of(recording))
    took = time.perf_counter() - began
    return [Figure(f"{judged:,} mutants of {_COMPONENTS:,} components", took, "s", "< 10 s")]


def _contracts(count: int) -> tuple[ComponentContract, ...]:
    return validate_contracts(
        [
            AppStateContract(
                f"c{number}",
                "shop:Service",
                methods=["start()", "stop()"],
                wires={"_before": f"c{number - 1}"} if number else {},
            )
            for number in range(count)
        ]
    )


def _recording(count: int) -> Recording:
    """A recording of components, each of which refers to the one before it, and whose contracts hold."""
    contracts = _contracts(count)
    asked = replace(plan(contracts), infer=True)
    names = [contract.component for contract in contracts]
    observation = Observation(
        TargetInfo("shop:app", "shop"),
        stages=tuple(Stage(name, 0.0, 1.0, "ok") for name in ("import", "build", "startup", "settle", "shutdown")),
        state_changes=tuple(
            StateChange(number, float(number), "set", name, "startup", "shop:Service", False, name, _LINE)
            for number, name in enumerate(names, 1)
        ),
        components=tuple(StateEntry(name, "shop:Service", version=name) for name in names),
        answers=tuple(
            Answer(index, True, moment, actual="shop:Service")
            for moment in ("startup", "shutdown")
            for index in range(len(asked.items))
        ),
        described=tuple(
            DescribedComponent(name, "startup", "shop:Service", name, {"_before": before} if before else {})
            for name, before in zip(names, ["", *names], strict=False)
        ),
    )
    return Recording(observation=observation, plan=asked, contracts=contracts)


_LINE = Location("/home/ada/shop/main.py", 1, "lifespan")
