"""What the probe adds to what the sources say of the states."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

from ...protocol.source_usage import (
    SourceUsage,
    StateAccess,
    UseAnswer,
    UseEvidence,
    UseKey,
    key_of_use,
    question_of_use,
)
from ..inspection.safe_inspect import dotted_name, name_of_key
from ..runtime import bounded_calls
from ..startup.states.app_states import LIFESPAN, AppStates
from ..startup.states.recorder import Recorder
from ..startup.states.state_storage import may_give
from .answers import answer
from .launchers import launchers
from .loaded_code import LoadedCode
from .loaded_modules import loaded_modules
from .paths import stores_itself
from .source_file import ReadSources

#: For how long questions are answered, in seconds. The sources of a large application have thousands of uses.
_LONGEST_S = 1.0
#: Accesses that get an entry.
READS = ("read", "guarded")


def join(sources: ReadSources, target: str, states: AppStates, recorder: Recorder) -> UseEvidence:
    """Join what the sources say with what the process has loaded and what is in the states.

    Args:
        sources: what they say.
        target: import path of the target's module.
        states: of the target.
        recorder: has seen all states.
    """
    if sources.usage is None:
        return UseEvidence(skipped=sources.failure)
    try:
        with bounded_calls.outside_event_loop():
            return _join(sources.usage, target, states, recorder)
    except Exception as error:  # the target must not fail because of this
        return UseEvidence(skipped=f"joining it with what is loaded raised {dotted_name(type(error))}")


def _join(usage: SourceUsage, target: str, states: AppStates, recorder: Recorder) -> UseEvidence:
    code = LoadedCode()
    read = dict.fromkeys(access.name for access in usage.accesses if access.kind in READS and access.name)
    names = _names(states, recorder)
    misplaced = _misplaced(usage, states)
    unset = [name for name in read if name not in names or name in misplaced]
    modules = tuple(loaded_modules(usage))
    files = {module.file for module in modules}
    unloaded = dict.fromkeys(access.module for access in usage.accesses if access.location.file not in files)
    answers = tuple(_answers(usage, states, code))
    # A search of all code takes longer than the rest: it is about names that a finding may be about.
    refused = {name for name, addresses in _addresses(states).items() if addresses & _refusing(answers)}
    return UseEvidence(
        modules=modules,
        names=tuple(sorted(names)),
        misplaced=tuple(sorted(misplaced)),
        computed=tuple(_computed([name for name in unset if name not in misplaced], states, recorder, code)),
        written_elsewhere=code.writes_elsewhere(unset, _known_lines(usage)),
        library_writes=code.library_writes({*unset, *refused}),
        library_reads=code.library_reads(names.difference(read)),
        launchers=launchers(usage, target, unset, files),
        late_imports=code.imports_of(unloaded),
        answers=answers,
    )


def _known_lines(usage: SourceUsage) -> set[tuple[str, int]]:
    """The lines that the reader of the sources knows to write into a state of some kind."""
    return {(each.location.file, each.location.line) for each in usage.accesses if each.kind == "write"}


def _addresses(states: AppStates) -> dict[str, set[str]]:
    """Addresses of the entries by their name."""
    found: dict[str, set[str]] = {}
    for entry in states.entries():
        found.setdefault(entry.name, set()).add(entry.address)
    return found


def _refusing(answers: Iterable[UseAnswer]) -> set[str]:
    """Addresses of components that do not allow a use."""
    return {answer.question.component for answer in answers if answer.holds is False}


def _names(states: AppStates, recorder: Recorder) -> set[str]:
    """Names of the entries that any state has had, whoever it belongs to."""
    recorded = {name_of_key(entry.key) for entry in recorder.entries if entry.operation == "set"}
    for tracked in states.tracked_states():
        recorded.update(name_of_key(key) for key, _ in tracked.items())
    for _, owned in list(recorder.owned.values()):
        recorded.update(map(name_of_key, recorder.entries_of(owned[-1]) or ()))
    return recorded


def _misplaced(usage: SourceUsage, states: AppStates) -> set[str]:
    """Names that code reads from the state of requests, while only applications have such an entry."""
    yielded = {entry.name for entry in states.entries() if entry.prefix == LIFESPAN}
    read = {access.name for access in usage.accesses if access.kind == "read" and access.scope == "request"}
    return {entry.name for entry in states.entries() if entry.name in read} - yielded


def _computed(unset: Iterable[str], states: AppStates, recorder: Recorder, code: LoadedCode) -> Iterator[str]:
    """Names that the class of a state gives, or that its code may give."""
    holders: dict[int, Any] = {id(tracked.holder): tracked.holder for tracked in states.tracked_states()}
    holders.update((id(owned[-1]), owned[-1]) for _, owned in list(recorder.owned.values()))
    for name in unset:
        if any(may_give(holder, name) or stores_itself(holder, name, code) for holder in holders.values()):
            yield name


def components_by_name(states: AppStates) -> dict[tuple[str, bool], list[tuple[str, Any]]]:
    """Addresses and objects by name of the entry and whether the lifespan yielded it."""
    found: dict[tuple[str, bool], list[tuple[str, Any]]] = {}
    for entry in states.entries():
        found.setdefault((entry.name, entry.prefix == LIFESPAN), []).append((entry.address, entry.value))
    return found


def _answers(usage: SourceUsage, states: AppStates, code: LoadedCode) -> Iterator[UseAnswer]:
    """Answers to what code does with components, each once."""
    components = components_by_name(states)
    asked: set[tuple[str, UseKey]] = set()
    end = time.monotonic() + _LONGEST_S
    for access in usage.accesses:
        if access.kind not in READS or not access.uses:
            continue
        for address, value in meant(access, components):
            for use in access.uses if value is not None else ():
                key = address, key_of_use(use)
                if key not in asked and time.monotonic() < end:
                    asked.add(key)
                    yield answer(value, question_of_use(use, address), code)


def meant(access: StateAccess, components: dict[tuple[str, bool], list[tuple[str, Any]]]) -> Iterator[tuple[str, Any]]:
    """The components that a read may mean: a request has a state of its own, with what the lifespan yielded."""
    if access.scope != "request":
        yield from components.get((access.name, False), ())
    if access.scope != "application":
        yield from components.get((access.name, True), ())
