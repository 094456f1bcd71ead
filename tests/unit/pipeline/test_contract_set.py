"""Contracts from all sources of a run are put together."""

from __future__ import annotations

from typing import Protocol

from netra_contracts.pipeline import validate_contracts
from netra_contracts.pipeline.contract_set import ContractSet
from tests.unit.checks.evidence import contract


class Pool: ...


class AppState(Protocol):
    mode: str

    @property
    def pool(self) -> Pool | None: ...

    def helper(self) -> None: ...


def test_properties_of_a_protocol_declare_entries_as_annotations_do() -> None:
    contracts = {contract.component: contract for contract in validate_contracts(AppState)}
    assert set(contracts) == {"mode", "pool"}
    pool = contracts["pool"]
    assert pool.type is not None
    assert pool.type.names == (f"{__name__}:Pool", "None")
    assert pool.origin.location is not None
    assert pool.origin.location.line == AppState.__dict__["pool"].fget.__code__.co_firstlineno + 1


def test_source_of_replaced_contracts_says_how_many_were_replaced() -> None:
    pool, bridge = contract("pool"), contract("bridge")
    declared = ContractSet(
        (pool, bridge), sources=("2 contracts from a.toml",), replaceable=frozenset(("pool", "bridge"))
    )
    assert declared.provenance == ("2 contracts from a.toml",)
    once = declared.with_more([contract("pool", "readiness")], ())
    assert once.provenance == ("2 contracts from a.toml, 1 of them replaced",)
    assert once.with_more([contract("bridge", "readiness")], ()).provenance == ("2 contracts from a.toml, replaced",)
