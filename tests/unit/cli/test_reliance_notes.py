"""What `init --from-usage` takes from a recording, and what it says that no contract has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netra_contracts.cli.recordings.reliance import RecordedReliance
from netra_contracts.errors import UsageError
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.observed.answers import Answer, ReliedAnswer
from netra_contracts.protocol.relied_terms import question_of_term, terms_of
from tests.unit.checks.evidence import Startup
from tests.unit.model.usage_samples import FOLDER, SHOP, access, recorded, use


def answered(recording: Recording) -> Recording:
    """A recording in which everything holds that code relies on."""
    usage = recording.observation.usage
    questions = [
        question_of_term(term, read.name)
        for read in (usage.accesses if usage is not None else ())
        for each in read.uses
        for term in terms_of(each)
    ]
    relied = tuple(ReliedAnswer(question, Answer(0, True)) for question in dict.fromkeys(questions))
    return recording.model_copy(update={"observation": replace(recording.observation, relied=relied)})


def terms(recording: Recording, address: str) -> dict[str, list[str]]:
    reliance = RecordedReliance(recording, FOLDER).of(address)
    assert reliance is not None
    return {kind: [each.text for each in found] for kind, found in reliance.terms.items()}


def test_terms_are_those_that_hold_in_the_recording() -> None:
    assert terms(answered(SHOP), "pool") == {
        "methods": ["session()"],
        "async-methods": ["acquire(a)"],
        "attributes": ["dsn"],
    }
    assert terms(SHOP, "pool") == {}


def test_component_that_is_none_relies_on_nothing() -> None:
    startup = Startup().sets_none("pool", 1)
    recording = recorded(startup, access("read", "pool", "api.py", 1, use("call", "get", "()")))
    reliance = RecordedReliance(answered(recording), FOLDER).of("pool")
    assert reliance is not None
    assert (reliance.terms, reliance.unfit, len(reliance.lines)) == ({}, (), 1)


def test_object_of_a_module_is_not_known() -> None:
    assert RecordedReliance(SHOP, FOLDER).of("shop.db:engine") is None


def test_entries_that_startup_does_not_set_are_named_with_their_readers() -> None:
    notes = list(RecordedReliance(SHOP, FOLDER).notes({}))
    assert notes == [
        "not all sources were read: 1 file could not be read; `netra-contracts usage` lists them",
        "startup does not set what code reads: `cache` (api.py:12): no contract was written",
    ]


def test_entries_of_requests_that_handlers_set_are_not_named() -> None:
    recording = recorded(
        Startup(),
        access("write", "user", "auth.py", 1, scope="request", at_request=True),
        access("read", "user", "api.py", 1, scope="request"),
        access("guarded", "cache", "api.py", 2),
    )
    assert list(RecordedReliance(recording, FOLDER).notes({})) == []


@pytest.mark.parametrize(
    ("contract", "lacking"),
    [
        ({}, "methods `session()`; async-methods `acquire(a)`; attributes `dsn`"),
        ({"methods": ["session()"], "attributes": ["dsn"]}, "async-methods `acquire(a)`"),
        ({"async-methods": ["acquire(a)", "session()"], "attributes": ["dsn"]}, ""),
    ],
)
def test_terms_that_a_contract_lacks_are_named(contract: dict[str, list[str]], lacking: str) -> None:
    notes = [note for note in RecordedReliance(answered(SHOP), FOLDER).notes({"pool": contract}) if "`pool`" in note]
    expected = f"`pool` has a contract, which was not changed; code also relies on {lacking}"
    assert notes == ([expected] if lacking else [])


def test_sources_that_were_not_read_are_wrong_usage() -> None:
    with pytest.raises(UsageError, match="--from-usage: the sources of the target could not be read"):
        RecordedReliance(Startup().sets("pool", 1).recording(), FOLDER)
