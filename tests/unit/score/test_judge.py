"""A changed recording is judged by the part that the change concerns as the whole of it would be."""

from __future__ import annotations

import pytest

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.contracts.consistency import check_contracts
from netra_contracts.model.finding import Finding
from netra_contracts.score import why_not
from netra_contracts.score.facts import Facts
from netra_contracts.score.judge import Judge
from netra_contracts.score.mutant import Mutant
from netra_contracts.score.scoring import DEFAULT_CHECKS, mutants_of
from tests.unit.score.random_recordings import random_recording
from tests.unit.score.recordings import RECORDINGS


def differences(facts: Facts, judge: Judge) -> list[object]:
    """Mutants that are judged differently in part and as a whole."""
    mutants = [mutant for mutant in mutants_of(facts) if isinstance(mutant, Mutant)]
    assert mutants
    return [
        (mutant.kind, mutant.component, mutant.fact, contracts, quick, full)
        for mutant in mutants
        for contracts in (True, False)
        if (quick := judge.quickly(mutant.edit, contracts=contracts))
        != (full := judge.fully(mutant.edit, contracts=contracts))
    ]


@pytest.mark.parametrize("name", RECORDINGS)
def test_part_of_a_recording_is_judged_as_the_whole(name: str) -> None:
    facts = Facts(RECORDINGS[name])
    assert differences(facts, Judge(facts, DEFAULT_CHECKS)) == []


def compared(seeds: range) -> int:
    """How many random recordings, whose contracts hold, were judged alike in part and as a whole."""
    count = 0
    for seed in seeds:
        recording = random_recording(seed)
        if not (check_contracts(recording.contracts) or any(why_not(recording))):
            facts = Facts(recording)
            assert (seed, differences(facts, Judge(facts, DEFAULT_CHECKS))) == (seed, [])
            count += 1
    return count


def test_parts_of_random_recordings_are_judged_as_the_whole() -> None:
    assert compared(range(40)) > 20


@pytest.mark.slow
def test_parts_of_many_random_recordings_are_judged_as_the_whole() -> None:
    assert compared(range(40, 2000)) > 1000


def test_codes_that_are_not_selected_report_nothing() -> None:
    facts = Facts(RECORDINGS["full"])
    judge = Judge(facts, [check for check in CHECKS if check.code == "NC203"])
    assert differences(facts, judge) == []
    edits = [mutant.edit for mutant in mutants_of(facts) if isinstance(mutant, Mutant)]
    assert {code for edit in edits for code in judge.quickly(edit, contracts=True)} == {"NC203"}


class AnyChange(Check):
    """A check of a plugin that looks at all components at once."""

    code = "X001"
    name = "any-change"

    def judge(self, context: Context) -> list[Finding]:
        """One finding if there are not three components."""
        return [] if len(context.observation.components) == 3 else [self.finding("something is missing")]


def test_checks_of_plugins_see_the_whole_recording() -> None:
    facts = Facts(RECORDINGS["names"])
    judge = Judge(facts, (*DEFAULT_CHECKS, AnyChange()))
    assert differences(facts, judge) == []
    absent = next(mutant for mutant in mutants_of(facts) if isinstance(mutant, Mutant) and mutant.kind == "absent")
    assert judge.quickly(absent.edit, contracts=True) == ("NC201", "X001")
    assert judge.quickly(absent.edit, contracts=False) == ("X001",)
