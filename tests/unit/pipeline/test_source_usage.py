"""What of the reader's result becomes a part of the observation."""

from __future__ import annotations

from netra_contracts.pipeline import source_usage
from netra_contracts.protocol.codec import encode
from netra_contracts.protocol.control import AskSending, ProbeFailed
from netra_contracts.protocol.observed.observation import Observation
from netra_contracts.protocol.source_usage import SourceUsage, UseEvidence
from tests.unit.checks.evidence import TARGET

OBSERVATION = Observation(TARGET)


def test_result_of_the_reader_is_taken_over() -> None:
    usage = SourceUsage(files=3)
    assert source_usage.read(encode(usage), OBSERVATION) == usage


def test_missing_result_is_incomplete() -> None:
    assert source_usage.read(None, OBSERVATION).incomplete == "the sources were not read before the target ended"
    late = Observation(TARGET, uses=UseEvidence(skipped="it took too long"))
    assert source_usage.read(None, late).incomplete == "it took too long"


def test_failed_or_damaged_result_is_incomplete() -> None:
    assert source_usage.read(encode(ProbeFailed("no")), OBSERVATION).incomplete == "no"
    for damaged in (b"", b"{}", encode(AskSending()), encode(SourceUsage()).replace(b'"files":0', b'"files":"x"')):
        assert source_usage.read(damaged, OBSERVATION).incomplete.startswith("the result of the reader cannot be read")
