"""Fingerprints: one for each fault, the same in each run."""

from __future__ import annotations

import pytest

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.judgement import Judgement
from tests.unit.checks.fault_pairs import PAIRS, FaultPair

#: Codes with one fault for each contract on events: whoever is stalled by the slow reader, the cause is the same.
ONE_FAULT = {"NC508"}


def fingerprints(judgement: Judgement, code: str) -> set[str]:
    return {finding.fingerprint for finding in judgement.findings if finding.code == code}


parametrize = pytest.mark.parametrize("pair", PAIRS, ids=[f"{pair.code}-{number}" for number, pair in enumerate(PAIRS)])


@parametrize
def test_fault_has_the_same_fingerprint_in_another_run(pair: FaultPair) -> None:
    known = fingerprints(pair.known, pair.code)
    assert known, pair.known.findings
    assert fingerprints(pair.again, pair.code) == known


@parametrize
def test_other_fault_has_another_fingerprint(pair: FaultPair) -> None:
    other = fingerprints(pair.other, pair.code)
    assert other, pair.other.findings
    assert (not other & fingerprints(pair.known, pair.code)) is (pair.code not in ONE_FAULT)


def test_every_check_has_a_pair_of_faults() -> None:
    assert sorted({pair.code for pair in PAIRS}) == [check.code for check in CHECKS]
