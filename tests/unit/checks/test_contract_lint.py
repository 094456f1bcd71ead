"""NC802: contracts that cannot fail."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.contracts.model import ContractSource, Severity
from tests.unit.checks.evidence import Startup, at, contract


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
