"""Changes a recording one fact at a time, judges each change, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import netra_contracts
from netra_contracts import garbage_collection
from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.judgement import Judgement, judge
from netra_contracts.contracts.inference import with_public_types
from netra_contracts.errors import Problem, UsageError
from netra_contracts.model.recording import Recording
from netra_contracts.model.score import KindCount, Outcome, Score, Survivor, Term
from netra_contracts.score.facts import Facts
from netra_contracts.score.judge import Judge, without_contracts
from netra_contracts.score.mutant import Equivalent, Mutant, MutantResult
from netra_contracts.score.mutators import MUTATORS

#: The checks that judge where no codes are selected.
DEFAULT_CHECKS: Sequence[Check] = tuple(check for check in CHECKS if not check.off_by_default)
_MAX_NAMES = 5


def _any_code(code: str) -> bool:
    return True


def mutants_of(facts: Facts) -> Iterator[Mutant | Equivalent]:
    """Every fact of a recording that has another value in a mutant, each with each kind once."""
    for mutator in MUTATORS:
        yield from mutator.mutants(facts)


def results_of(recording: Recording, checks: Sequence[Check] = DEFAULT_CHECKS) -> Iterator[MutantResult]:
    """What becomes of each mutant of a recording whose contracts hold.

    Args:
        recording: with its contracts.
        checks: those whose findings count.
    """
    facts = Facts(recording)
    return _judged(facts, mutants_of(facts), checks)


def _judged(facts: Facts, mutants: Iterable[Mutant | Equivalent], checks: Sequence[Check]) -> Iterator[MutantResult]:
    judge = Judge(facts, checks)
    for mutant in mutants:
        if isinstance(mutant, Equivalent):
            yield MutantResult(mutant, "equivalent")
            continue
        codes = judge.quickly(mutant.edit, contracts=False)
        if codes:
            yield MutantResult(mutant, "reported", codes)
            continue
        codes = judge.quickly(mutant.edit, contracts=True)
        yield MutantResult(mutant, "killed" if codes else "survived", codes)


def score_of(recording: Recording, checks: Sequence[Check] = DEFAULT_CHECKS) -> Score:
    """The score of the contracts of a recording; see `results_of` for the arguments.

    Raises:
        UsageError: if the recording has no contracts, or if they do not hold.
    """
    problems = list(why_not(recording, checks))
    if problems:
        raise UsageError(problems)
    facts = Facts(recording)
    return _counted(facts, mutants_of(facts), checks)


def score_within(limit: int, recording: Recording, checks: Sequence[Check] = DEFAULT_CHECKS) -> Score | None:
    """The score of the contracts of a recording; None: they have none, or there are more mutants than a limit."""
    if any(why_not(recording, checks)):
        return None
    facts = Facts(recording)
    mutants = list(islice(mutants_of(facts), limit + 1))
    return _counted(facts, mutants, checks) if len(mutants) <= limit else None


def _counted(facts: Facts, mutants: Iterable[Mutant | Equivalent], checks: Sequence[Check]) -> Score:
    with garbage_collection.paused():  # many objects are made, and few reference cycles
        results = list(_judged(facts, mutants, checks))
    totals = Counter(result.outcome for result in results)
    by_kind: dict[str, Counter[Outcome]] = {mutator.kind: Counter() for mutator in MUTATORS}
    for result in results:
        by_kind[result.mutant.kind][result.outcome] += 1
    return Score(
        tool_version=netra_contracts.__version__,
        target=facts.observation.target.spec,
        score=_percent(totals["killed"], totals["survived"]),
        killed=totals["killed"],
        survived=totals["survived"],
        reported=totals["reported"],
        equivalent=totals["equivalent"],
        mutants={kind: KindCount.model_validate(counts) for kind, counts in by_kind.items() if counts},
        survivors=tuple(_survivors(facts, results)),
        notes=tuple(_notes(facts.recording, counted=totals["killed"] + totals["survived"])),
    )


def _percent(killed: int, survived: int) -> float:
    """Rounded down, so that only contracts that notice everything have 100."""
    return (1000 * killed // (killed + survived)) / 10 if killed else 0.0


def why_not(recording: Recording, checks: Sequence[Check] = DEFAULT_CHECKS) -> Iterator[Problem]:
    """Why the contracts of a recording have no score; nothing: they have one."""
    if not recording.contracts and recording.events_contract is None:
        if not with_public_types(recording.observation) and not recording.observation.module_objects:
            yield _nothing_to_score(recording, checks)
            return
        hint = "declare contracts first: `netra-contracts init` writes them for what the startup sets"
        yield Problem("there are no contracts that a score could be of", hint=hint)
        return
    judgement = judge(recording, checks, selected=_any_code)
    unfinished = _unfinished(judgement)
    if unfinished is not None:
        yield unfinished
        return
    broken = _broken(judgement, recording, checks)
    if broken:
        more = f" and {len(broken) - _MAX_NAMES} more" if len(broken) > _MAX_NAMES else ""
        yield Problem(
            f"contracts that are broken have no score: {', '.join(broken[:_MAX_NAMES])}{more}",
            hint="make them hold first: `netra-contracts check` says what is wrong",
        )


def _nothing_to_score(recording: Recording, checks: Sequence[Check]) -> Problem:
    """The problem that there is neither a contract nor a component that `init` could write one for."""
    message = "there is nothing to score: the application has no components, and there are no contracts"
    return _unfinished(judge(recording, checks, selected=_any_code)) or Problem(message)


def _unfinished(judgement: Judgement) -> Problem | None:
    """The problem that a stage did not succeed; None: all did."""
    stage = judgement.context.evidence.unfinished_stage
    if stage is None:
        return None
    return Problem(f"{stage.name} did not succeed", hint="`netra-contracts check` says why")


def _broken(judgement: Judgement, recording: Recording, checks: Sequence[Check]) -> Sequence[str]:
    """The components whose contracts do not hold, and codes of findings about what no component is at fault for."""
    named = [f"`{name}`" for name, status in judgement.statuses.items() if status in ("broken", "blocked")]
    bare = {finding.fingerprint for finding in judge(without_contracts(recording), checks, selected=_any_code).findings}
    codes = {
        finding.code
        for finding in judgement.findings
        if not finding.component and judgement.checks[finding.code].breaks_contract and finding.fingerprint not in bare
    }
    return [*named, *sorted(codes)]


def _survivors(facts: Facts, results: Iterable[MutantResult]) -> Iterator[Survivor]:
    """Survivors by component: in the order of the recording, those about no component last."""
    by_component: dict[str, list[Mutant]] = {address: [] for address in (*facts.components, "")}
    for result in results:
        if result.outcome == "survived" and isinstance(result.mutant, Mutant):
            by_component.setdefault(result.mutant.component, []).append(result.mutant)
    for mutants in by_component.values():
        terms = [None if _says(facts, mutant.term) else mutant.term for mutant in mutants]
        merged = merged_terms(term for term in terms if term is not None)
        for mutant, term in zip(mutants, terms, strict=True):
            yield Survivor(
                component=mutant.component,
                kind=mutant.kind,
                fact=mutant.description,
                advice=_in_words(facts, None if term is None else merged[term.component, term.key]),
                term=term,
            )


def _says(facts: Facts, term: Term | None) -> bool:
    """Whether a contract has a term already: the phase of one that is judged at the end of startup all the same."""
    if term is None or term.key != "phase":
        return False
    contract = facts.contracts.get(term.component)
    return contract is not None and contract.phase is not None and contract.phase.value == term.value


def merged_terms(terms: Iterable[Term]) -> Mapping[tuple[str, str], Term]:
    """One term for each component and key, with the values of all: several references are one table."""
    merged: dict[tuple[str, str], Term] = {}
    for term in terms:
        known = merged.get((term.component, term.key), term)
        value = known.value
        if isinstance(value, Mapping) and isinstance(term.value, Mapping):
            value = {**value, **term.value}
        elif isinstance(value, tuple) and isinstance(term.value, tuple):
            value = tuple(dict.fromkeys((*value, *term.value)))
        proven = known.proven and term.proven
        merged[term.component, term.key] = known.model_copy(update={"value": value, "proven": proven})
    return merged


def _in_words(facts: Facts, term: Term | None) -> str:
    """What to do to a contract; empty: nothing helps."""
    if term is None:
        return ""
    contract = facts.contracts.get(term.component)
    if term.component and contract is None:
        return f"add a contract with {term.text}" if term.text else "add a contract"
    if contract is not None and (getattr(contract, term.key, None) or None) is not None:
        extends = isinstance(term.value, (Mapping, tuple))
        return f"add {term.value_text} to {term.key}" if extends else f"change it to {term.text}"
    return f"{'change it to' if term.key == 'expect' else 'add'} {term.text}"  # which every contract on events has


def _notes(recording: Recording, *, counted: int) -> Iterator[str]:
    """What the recording lacks."""
    if not counted:
        yield "no change counts: the recording has no component that a contract could require"
    if not recording.plan.infer:
        yield (
            "the recording does not say which attributes are components: only references that contracts name count "
            "(record it with `netra-contracts check -v --record FILE`)"
        )
    events = recording.events_contract
    if events is not None and (recording.observation.clients is None or recording.observation.clients.skipped):
        yield "no clients connected: the contract on events is not part of the score"
