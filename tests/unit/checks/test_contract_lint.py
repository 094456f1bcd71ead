"""NC802: contracts that cannot fail. NC803: phases that are not marked."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from netra_contracts.contracts.model import ContractSource, Severity
from tests.unit.checks.evidence import Startup, at, contract, fault, raised


def test_optional_contract_without_other_terms_reports_NC802() -> None:
    origin = ContractSource(text="contracts.toml:3", location=at(3, "contracts.toml"))
    finding = Startup(contract("cache", optional=True, origin=origin)).found()
    assert (finding.code, finding.component, finding.severity) == ("NC802", "cache", Severity.WARNING)
    assert finding.location == at(3, "contracts.toml")


@pytest.mark.parametrize(
    "terms",
    [
        {"optional": False},
        {"optional": True, "type": "shop:Cache"},
        {"optional": True, "methods": ["get"]},
        {"optional": True, "attributes": ("size",)},
        {"optional": True, "requires": ("pool",)},
        {"optional": True, "wires": {"_pool": "pool"}},
        {"optional": True, "bounds": {"gt": 0}},
    ],
    ids="-".join,
)
def test_contract_with_another_term_does_not_report_NC802(terms: dict[str, Any]) -> None:
    assert Startup(contract("cache", **terms), contract("pool")).sets("pool", 4).sets("cache", 5).findings() == ()


def _three_phases() -> tuple[Startup, Startup]:
    contracts = (contract("pool", "initialization"), contract("bridge", "configuration"))
    partly = Startup(*contracts).sets("pool", 1).marks_end_of("initialization", 2).sets("bridge", 3)
    return partly, Startup(*contracts).sets("pool", 1).sets("bridge", 3)


def test_phase_that_contracts_name_and_nobody_marks_reports_NC803() -> None:
    partly, _ = _three_phases()
    finding = partly.found()
    assert (finding.code, finding.subject, finding.severity) == ("NC803", "configuration", Severity.NOTE)
    assert finding.message == (
        "the application marks `initialization`, but not `configuration`: the contract of `bridge` was judged at the "
        "end of startup"
    )
    assert finding.hint == "mark it: `async with startup_phase(app, Phase.CONFIGURATION): ...`"


def test_application_without_marks_does_not_report_NC803() -> None:
    _, unmarked = _three_phases()
    assert unmarked.findings() == ()


@pytest.mark.parametrize("outcome", ["ok", "failed"])
def test_phase_that_was_marked_does_not_report_NC803(outcome: Literal["ok", "failed"]) -> None:
    partly, _ = _three_phases()
    assert "NC803" not in [code for code, _ in partly.marks_end_of("configuration", 4, outcome).codes()]


def test_phase_that_a_failed_startup_did_not_reach_does_not_report_NC803() -> None:
    partly, _ = _three_phases()
    codes = partly.fails("startup", fault("raised", raised("ValueError"))).codes()
    assert "NC803" not in [code for code, _ in codes]
