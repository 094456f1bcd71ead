"""What the sources say of some components: as much of it as checks need to judge these."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

from netra_contracts.checks.engine.evidence import StartupEvidence
from netra_contracts.checks.engine.source_uses import SourceUses
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.record import replace
from netra_contracts.protocol.source_usage import LoadedModule, SourceUsage, UseAnswer, UseEvidence


class UsageFacts:
    """The use of states in a recording.

    Args:
        recording: the recording.
    """

    def __init__(self, recording: Recording) -> None:
        self._usage = recording.observation.usage or SourceUsage()
        self._evidence = recording.observation.uses or UseEvidence()
        self._uses = SourceUses(recording, StartupEvidence(recording))

    def name_of(self, address: str) -> str:
        """The name of an entry."""
        return self._uses.name_of(address)

    def of(self, names: Collection[str]) -> tuple[SourceUsage, UseEvidence]:
        """What concerns entries of some names, without the answers about them.

        Accesses of code that cannot run are left out, so that it need not be found out again which code can.
        """
        accesses = [access for name in ("", *names) for access in self._uses.accesses.get(name, ())]
        modules = dict.fromkeys(LoadedModule(access.module, access.location.file) for access in accesses)
        usage = replace(
            self._usage, accesses=tuple(accesses), unread=(), late_imports=(), incomplete=self._gap, accessors=()
        )
        evidence = replace(
            self._evidence,
            modules=(*self._evidence.modules[:1], *modules),
            names=tuple(name for name in names if name in self._names),
            computed=tuple(name for name in names if name in self._computed),
            library_writes=tuple(name for name in names if name in self._written),
            library_reads=tuple(name for name in names if name in self._read),
            answers=(),
        )
        return usage, evidence

    @cached_property
    def _gap(self) -> str:
        return self._uses.gap if self._usage.unread else self._usage.incomplete

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._evidence.names)

    @cached_property
    def _computed(self) -> frozenset[str]:
        return frozenset(self._evidence.computed)

    @cached_property
    def _written(self) -> frozenset[str]:
        return frozenset(self._evidence.library_writes)

    @cached_property
    def _read(self) -> frozenset[str]:
        return frozenset(self._evidence.library_reads)


def with_answers(
    evidence: UseEvidence | None, answers: Iterable[UseAnswer], unset: Collection[str]
) -> UseEvidence | None:
    """The evidence with answers, and without names that no state has had."""
    if evidence is None:
        return None
    names = tuple(name for name in evidence.names if name not in unset) if unset else evidence.names
    return replace(evidence, answers=tuple(answers), names=names)
