"""What the sources say of some components: as much of it as checks need to judge these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from netra_contracts.checks.engine.evidence import StartupEvidence
from netra_contracts.checks.engine.source_uses import SourceUses
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.record import replace
from netra_contracts.protocol.source_usage import LoadedModule, SourceUsage, StateAccess, UseAnswer, UseEvidence

_NOTHING: frozenset[str] = frozenset()


def _function(access: StateAccess) -> tuple[str, str]:
    return access.location.file, access.location.function


class UsageFacts:
    """The use of states in a recording.

    Args:
        recording: the recording.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._usage = recording.observation.usage or SourceUsage()
        self._evidence = recording.observation.uses or UseEvidence()
        self._uses = SourceUses(recording, StartupEvidence(recording))

    def name_of(self, address: str) -> str:
        """The name of an entry."""
        return self._uses.name_of(address)

    def read_with(self, addresses: Iterable[str]) -> Iterator[str]:
        """The components that functions read which also read some components: what these are decides for both."""
        functions = {
            _function(access)
            for address in addresses
            for access in self._uses.accesses.get(self.name_of(address), ())
            if access.uses
        }
        names = dict.fromkeys(name for function in functions for name in self._read_in.get(function, ()))
        return (address for name in names for address in self._uses.addresses(name))

    def of(self, names: Collection[str]) -> tuple[SourceUsage, UseEvidence]:
        """What concerns entries of some names, without the answers about them.

        Accesses of code that cannot run are left out, so that it need not be found out again which code can. So are
        uses in functions that need another entry, which is None.
        """
        found = (access for name in ("", *names) for access in self._uses.accesses.get(name, ()))
        accesses = [
            replace(access, uses=()) if self._needs_none.get(_function(access), _NOTHING).difference(names) else access
            for access in found
        ]
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
    def _read_in(self) -> Mapping[tuple[str, str], Collection[str]]:
        """The names of entries that each function reads and does something with."""
        found: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for name, accesses in self._uses.accesses.items():
            for access in accesses:
                if access.uses:
                    found[_function(access)][name] = None
        return found

    @cached_property
    def _needs_none(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The entries that are None and that each function needs: what else it does is not judged."""
        found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for name, accesses in self._uses.accesses.items():
            if self._is_none(name):
                for access in accesses:
                    if access.kind == "read" and access.uses:
                        found[_function(access)].add(name)
        return {function: frozenset(names) for function, names in found.items()}

    def _is_none(self, name: str) -> bool:
        addresses = self._uses.addresses(name)
        return bool(addresses) and all(self._recording.components[address].is_none for address in addresses)

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
