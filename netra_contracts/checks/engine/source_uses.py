"""What the sources say of the states, joined with what was recorded of the startup."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from netra_contracts.checks.engine.evidence import StartupEvidence
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.address import LIFESPAN
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.source_usage import (
    SourceUsage,
    StateAccess,
    StateScope,
    Use,
    UseAnswer,
    UseEvidence,
    UseKey,
    key_of_question,
    key_of_use,
)

_READS = ("read", "guarded")
_WRITES = ("write", "dynamic-write")


class Misuse(NamedTuple):
    """A use that no object allows which the entry may be.

    Attributes:
        address: of the component.
        name: of the entry.
        use: what code does.
        answer: why the object does not allow it.
        lines: where code does it, in order.
    """

    address: str
    name: str
    use: Use
    answer: UseAnswer
    lines: tuple[Location, ...]


class SourceUses:
    """Accesses of the sources by name, and what of them can be judged.

    Only code that the application can run counts: modules that were loaded when startup ended, and those that
    functions of such modules import. Other files of the folder may belong to other applications.

    Args:
        recording: with the usage.
        evidence: of the same startup.
    """

    def __init__(self, recording: Recording, evidence: StartupEvidence) -> None:
        self._recording = recording
        self._evidence = evidence
        self._usage = recording.observation.usage or SourceUsage()
        self._observed = recording.observation.uses or UseEvidence()

    # What is known

    @cached_property
    def unknown(self) -> str:
        """Why nothing can be judged, in words; empty: something can, or nobody asked for it."""
        if self._recording.observation.usage is None or self._observed.modules:
            return ""
        return self._usage.incomplete or self._observed.skipped or "the probe did not say which modules were loaded"

    @cached_property
    def is_known(self) -> bool:
        """Whether the sources were read, and the probe has joined them with what is loaded."""
        return self._recording.observation.usage is not None and not self.unknown

    @cached_property
    def gap(self) -> str:
        """Why writes may exist that nobody has seen, in words; empty: there is no reason to think so."""
        if self._usage.incomplete:
            return self._usage.incomplete
        for unread in self._usage.unread:
            if unread.file in self._files or self._opens_more:
                return f"{unread.file.rpartition('/')[2]} could not be read ({unread.reason})"
        states = self._recording.observation.states
        unreadable = next((state for state in states if state.storage == "unreadable"), None)
        if unreadable is not None:
            return f"the entries of a {unreadable.type.rpartition(':')[2]} cannot be read"
        if not states:
            return "no state of the target is known"
        if not any(state.application for state in states):
            return "the target is a state, and its application may set more entries"
        return ""

    # Modules

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(module.file for module in self._observed.modules)

    @cached_property
    def _reached(self) -> frozenset[str]:
        """Names of modules that are loaded, or that functions of reached modules import."""
        reached = {module.name for module in self._observed.modules}
        reached |= {access.module for access in self._usage.accesses if access.location.file in self._files}
        imports: defaultdict[str, list[str]] = defaultdict(list)
        for late in (*self._usage.late_imports, *self._observed.late_imports):
            imports[late.module].append(late.imported)
        pending = list(reached)
        while pending:
            for imported in imports.get(pending.pop(), ()):
                new = self._with_parents(imported) - reached
                reached |= new
                pending.extend(new)
        return frozenset(reached)

    def _with_parents(self, imported: str) -> set[str]:
        """The names of a module and of the packages that it is in. A module that is no package contains none."""
        steps = imported.split(".")
        names = [".".join(steps[:end]) for end in range(1, len(steps) + 1)]
        last = next((end for end, name in enumerate(names, 1) if name in self._plain_modules), len(names))
        return set(names[:last])

    @cached_property
    def _plain_modules(self) -> frozenset[str]:
        """Loaded modules that are no packages."""
        modules = self._observed.modules
        return frozenset(module.name for module in modules if not module.file.endswith("__init__.py"))

    @cached_property
    def _opens_more(self) -> bool:
        """Whether code that runs later imports a module of the target which is not loaded: it may import others."""
        loaded = {name for module in self._observed.modules for name in self._with_parents(module.name)}
        own = {name.partition(".")[0] for name in loaded}
        own |= {access.module.partition(".")[0] for access in self._usage.accesses}
        return any(name.partition(".")[0] in own for name in self._reached - loaded - self._read_as)

    @cached_property
    def _read_as(self) -> frozenset[str]:
        """Names that loaded modules have by their folders: `src.shop.main` may have been imported as `shop.main`."""
        return frozenset(access.module for access in self._usage.accesses if access.location.file in self._files)

    def _is_reached(self, access: StateAccess) -> bool:
        return access.location.file in self._files or access.module in self._reached

    def _may_write(self, access: StateAccess) -> bool:
        """Whether code may write although it is not known to be reached: that of a program which serves the target."""
        return access.kind in _WRITES and (self._opens_more or access.module in self._observed.launchers)

    # Accesses

    @cached_property
    def accesses(self) -> Mapping[str, tuple[StateAccess, ...]]:
        """Accesses of code that can run, by the name of the entry, in order; dynamic ones have the name ``""``."""
        found: defaultdict[str, list[StateAccess]] = defaultdict(list)
        for access in self._usage.accesses:
            if self._is_reached(access) or self._may_write(access):
                found[access.name].append(access)
        return {name: tuple(accesses) for name, accesses in found.items()}

    @cached_property
    def names_set(self) -> frozenset[str]:
        """Names that any state has had, or that the class of one gives."""
        recorded = {self.name_of(address) for address in self._recording.components}
        recorded |= {
            self.name_of(change.component)
            for change in self._recording.observation.state_changes
            if change.operation == "set"
        }
        return frozenset([*recorded, *self._observed.names, *self._observed.computed])

    def reads(self, name: str, scope: StateScope) -> tuple[StateAccess, ...]:
        """Reads of a name that nothing guards, in order, those in the code itself before those by accessors."""
        found = [each for each in self.accesses.get(name, ()) if each.kind == "read" and each.scope == scope]
        return tuple(sorted(found, key=lambda access: bool(access.accessor)))

    def is_guarded(self, name: str) -> bool:
        """Whether code that can run allows the entry to be absent."""
        return any(access.kind == "guarded" for access in self.accesses.get(name, ()))

    def is_read(self, name: str) -> bool:
        """Whether any source reads an entry, also one that the application does not load."""
        return name in self._names_read

    @cached_property
    def _names_read(self) -> frozenset[str]:
        return frozenset(access.name for access in self._usage.accesses if access.kind in _READS)

    def writes(self, name: str, scope: StateScope) -> tuple[StateAccess, ...]:
        """Writes of code that can run to an entry that a read of a scope may mean."""
        found = (access for access in self.accesses.get(name, ()) if access.kind == "write")
        return tuple(access for access in found if _may_be(access.scope, scope))

    def is_misplaced(self, name: str, scope: StateScope) -> bool:
        """Whether code reads from a request what only an application has, as far as startup and sources tell."""
        if scope != "request" or name not in self._observed.misplaced:
            return False
        writes = self.writes(name, scope)
        return all(each.scope == "application" and _line(each.location) in self._recorded_lines for each in writes)

    @cached_property
    def dynamic_read(self) -> StateAccess | None:
        """A read of a computed name; None: there is none."""
        return next((access for access in self.accesses.get("", ()) if access.kind == "dynamic-read"), None)

    def unresolved_write(self, scope: StateScope) -> StateAccess | None:
        """A write of a computed name that may set any entry; None: the recorder has seen what each of them wrote.

        Code that runs for requests may write other names than it did during startup.
        """
        for access in self.accesses.get("", ()):
            if access.kind == "dynamic-write" and _may_be(access.scope, scope) and not self._is_resolved(access):
                return access
        return None

    def _is_resolved(self, access: StateAccess) -> bool:
        return not access.at_request and _line(access.location) in self._recorded_lines

    @cached_property
    def _recorded_lines(self) -> frozenset[tuple[str, int]]:
        """The lines at which entries were set until the end of startup."""
        changes = (change for changes in self._evidence.changes.values() for change in changes)
        return frozenset(_line(change.location) for change in changes if change.location and change.operation == "set")

    def may_be_written_elsewhere(self, name: str) -> bool:
        """Whether code stores an attribute of this name into an object that may be a state."""
        return name in self._observed.written_elsewhere

    def may_library_write(self, name: str) -> bool:
        """Whether code of an installed package may set an entry."""
        return name in self._observed.library_writes

    def may_library_read(self, name: str) -> bool:
        """Whether code of an installed package may read an entry."""
        return name in self._observed.library_reads

    # Components

    @cached_property
    def _prefixes(self) -> Sequence[str]:
        """What addresses of entries begin with, the longest first."""
        states = {f"{state.prefix}:" for state in self._recording.observation.states if state.prefix}
        return sorted({*states, f"{LIFESPAN}:"}, key=len, reverse=True)

    def name_of(self, address: str) -> str:
        """The name of an entry: `pool` of `/api:pool`. An address that is not of an entry is no name of one."""
        prefix = next((prefix for prefix in self._prefixes if address.startswith(prefix)), "")
        return address.removeprefix(prefix)

    @cached_property
    def _addresses(self) -> Mapping[str, tuple[str, ...]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for address in self._recording.components:
            found[self.name_of(address)].append(address)
        return {name: tuple(addresses) for name, addresses in found.items()}

    def addresses(self, name: str) -> Sequence[str]:
        """Addresses of the components that have a name, at the end of startup."""
        return self._addresses.get(name, ())

    def misuses(self) -> Iterable[Misuse]:
        """Uses that no component of the name allows, each with all its lines."""
        lines: dict[tuple[str, UseKey], list[Location]] = {}
        first: dict[tuple[str, UseKey], Use] = {}
        for name, accesses in self.accesses.items() if self._refused_keys else ():
            for access in accesses:
                for use in access.uses if access.kind in _READS else ():
                    key = key_of_use(use)
                    if key in self._refused_keys and self._is_judged(access):
                        first.setdefault((name, key), use)
                        lines.setdefault((name, key), []).append(use.location)
        for (name, key), use in first.items():
            refused = self._refused(name, key)
            if refused is not None:
                yield Misuse(refused.question.component, name, use, refused, tuple(dict.fromkeys(lines[name, key])))

    def _is_judged(self, access: StateAccess) -> bool:
        """Whether a read gets the object that was there when startup ended, if it gets anything."""
        replaced = self._may_be_replaced(access.name, access.scope)
        return not replaced and _function(access.location) not in self._left_out

    @cached_property
    def _left_out(self) -> frozenset[tuple[str, str]]:
        """Functions that need an entry which is None: what calls them does not, as the application is configured."""
        return frozenset(
            _function(access.location)
            for name, accesses in self.accesses.items()
            if self._is_none(name)
            for access in accesses
            if access.kind == "read" and access.uses
        )

    def _is_none(self, name: str) -> bool:
        """Whether every component of a name is None at the end of startup."""
        found = [self._recording.components[address] for address in self.addresses(name)]
        return bool(found) and all(component.is_none for component in found)

    def _refused(self, name: str, key: UseKey) -> UseAnswer | None:
        """Why a use is not allowed; None: a component of this name allows it, or may."""
        found = (self._answers.get((address, key)) for address in self.addresses(name))
        answers = [answer for answer in found if answer is not None]
        return answers[0] if answers and all(answer.holds is False for answer in answers) else None

    @cached_property
    def _answers(self) -> Mapping[tuple[str, UseKey], UseAnswer]:
        return {(each.question.component, key_of_question(each.question)): each for each in self._observed.answers}

    @cached_property
    def _refused_keys(self) -> frozenset[UseKey]:
        """Uses that a component does not allow: of the thousands in a large application, few or none."""
        return frozenset(key_of_question(each.question) for each in self._observed.answers if each.holds is False)

    def _may_be_replaced(self, name: str, scope: StateScope) -> bool:
        """Whether code that did not run during startup may set another object: for a request, or by a later call.

        A write in a function that has written it is an alternative, and the object is what this startup chose.
        """
        writes = self.writes(name, scope)
        ran = {_function(write.location) for write in writes if _line(write.location) in self._recorded_lines}
        later = (write for write in writes if _function(write.location) not in ran)
        return self.may_library_write(name) or any(
            write.at_request or _line(write.location) not in self._recorded_lines for write in later
        )


def _function(location: Location) -> tuple[str, str]:
    return location.file, location.function


def _line(location: Location) -> tuple[str, int]:
    return location.file, location.line


def _may_be(written: StateScope, read: StateScope) -> bool:
    """Whether what is written in one scope may be read in another.

    A request has a state of its own, with what the lifespan yielded: what is written to it is not in the application's.
    """
    return not (written == "request" and read == "application")
