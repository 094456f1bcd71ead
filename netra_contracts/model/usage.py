"""Joins what the sources say of the use of states with what was recorded of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from netra_contracts.model.recording import Recording
from netra_contracts.model.usage_report import ComponentUsage, DynamicSite, UsageLine, UsageReport, UsedScope
from netra_contracts.protocol.address import LIFESPAN, parse_address
from netra_contracts.protocol.observed.app_states import StateChange
from netra_contracts.protocol.source_usage import AccessKind, Accessor, SourceUsage, StateAccess, StateScope

_LIFESPAN = f"{LIFESPAN}:"
_READS: tuple[AccessKind, ...] = ("read", "guarded")
_DYNAMIC = ("dynamic-read", "dynamic-write")
#: How the sources name the states, for entries without an address.
_EXPRESSIONS: Mapping[UsedScope, str] = {"application": "app.state", "request": "request.state", "unknown": "state"}


class Entry(NamedTuple):
    """An entry of a state that was recorded, or that the sources use.

    Attributes:
        scope: which state has it.
        name: its name.
        address: of the component.
    """

    scope: UsedScope
    name: str
    address: str


def usage_of(recording: Recording, *, tool_version: str, started: bool) -> UsageReport:
    """The lines that use each component.

    Args:
        recording: of a run that read the sources.
        tool_version: of this tool.
        started: whether the target started.
    """
    usage = recording.observation.usage or SourceUsage()
    target = recording.observation.target
    dynamic = tuple(_dynamic_sites(recording, usage))
    return UsageReport(
        tool_version=tool_version,
        target=target.spec or target.module,
        started=started,
        files=usage.files,
        parsed=usage.parsed,
        components=component_usages(recording, dynamic),
        dynamic=dynamic,
        unread=usage.unread,
        incomplete=usage.incomplete,
    )


class ReadPlaces(NamedTuple):
    """In how many places a component is read, guarded or not, and how many of these allow it to be absent or None."""

    read: int = 0
    guarded: int = 0


class UsageCounts:
    """In how many places the components of a recording are read.

    Args:
        recording: of any run; without usage, nothing is known.
    """

    def __init__(self, recording: Recording) -> None:
        self._usage = recording.observation.usage
        self._reads: defaultdict[str, list[StateAccess]] = defaultdict(list)
        reads = [access for access in self._usage.accesses if access.kind in _READS] if self._usage is not None else ()
        entries = Entries(_recorded(recording) if reads else ())
        for access in _unknown_last(reads):
            for entry in entries.of(access.scope, access.name):
                self._reads[entry.address].append(access)

    def of(self, address: str) -> ReadPlaces | None:
        """The places of one component: of an entry, or of what is below one. None: this is not known."""
        if self._usage is None:
            return None
        parsed = parse_address(address)
        for reading in parsed.readings():
            if reading.base in self._reads:
                reads = self._reads[reading.base]
                return _places(_below(reads, reading.path)) if reading.path else _places(reads)
        return None if parsed.is_module_object else ReadPlaces()


def _places(reads: Iterable[StateAccess]) -> ReadPlaces | None:
    """The lines of reads. None if there are none: what is below an entry may be read in a way that is not followed."""
    kinds: defaultdict[tuple[str, int], set[AccessKind]] = defaultdict(set)
    for access in reads:
        kinds[access.location.file, access.location.line].add(access.kind)
    return ReadPlaces(len(kinds), sum("read" not in found for found in kinds.values())) if kinds else None


def _below(reads: Iterable[StateAccess], path: str) -> Iterator[StateAccess]:
    """The reads that go on with a path, with what they do at its end."""
    for access in reads:
        if access.kind in _READS:
            uses = [use for use in access.uses if f"{use.path}.".startswith(f"{path}.")]
            if uses:
                rest = (replace(use, path=use.path[len(path) + 1 :]) for use in uses)
                yield replace(access, uses=tuple(use for use in rest if use.path or use.kind != "attribute"))


def component_usages(recording: Recording, dynamic: Sequence[DynamicSite] = ()) -> tuple[ComponentUsage, ...]:
    """Each component that was recorded or that the sources use, in the order in which they were set.

    Args:
        recording: of a run that read the sources.
        dynamic: the lines that compute the name of an entry, see `UsageReport`.
    """
    usage = recording.observation.usage or SourceUsage()
    recorded = _recorded(recording)
    by_address = {entry.address: entry for entry in recorded}
    entries = Entries(recorded)
    accesses: defaultdict[Entry, list[StateAccess]] = defaultdict(list, {entry: [] for entry in recorded})
    accessors: defaultdict[Entry, list[Accessor]] = defaultdict(list)
    for access in _unknown_last(usage.accesses):
        for entry in entries.of(access.scope, access.name) if access.name else ():
            accesses[entry].append(access)
    for accessor in usage.accessors:
        for entry in entries.of(accessor.scope, accessor.name):
            accessors[entry].append(accessor)
            accesses[entry].extend(())
    for entry in recorded:
        base = next((base for base in parse_address(entry.address).parents if base in by_address), "")
        if base:
            path = entry.address[len(base) + (entry.address[len(base)] == ".") :]
            accesses[entry].extend(_below(accesses[by_address[base]], path))
    ordered = [*recorded, *sorted((entry for entry in accesses if entry not in recorded), key=lambda entry: entry.name)]
    return tuple(_component(recording, entry, entries, accesses[entry], accessors[entry], dynamic) for entry in ordered)


class Entries:
    """Finds the entries that a line of source may mean: it names a state and an entry, and not an application.

    Lines that do not say which state they use come last: they may mean what other lines name.

    Args:
        recorded: the entries that were recorded.
    """

    def __init__(self, recorded: Iterable[Entry]) -> None:
        self._by_name: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in recorded:
            self._by_name[entry.name].append(entry)

    def of(self, scope: StateScope, name: str) -> tuple[Entry, ...]:
        """Recorded entries with this name, in a state that the line may mean; if there is none, one that is not set.

        Args:
            scope: which state the line names.
            name: the entry that it names.
        """
        named = self._by_name.get(name, ())
        found = tuple(entry for entry in named if scope in (entry.scope, "unknown"))
        if found:
            return found
        # An entry of `app.state` has its own name as its address, unless the lifespan yielded one with that address.
        is_free = scope == "application" and all(entry.address != name for entry in named)
        unset = Entry(scope, name, name if is_free else f"{_EXPRESSIONS[scope]}.{name}")
        self._by_name[name].append(unset)
        return (unset,)

    def others(self, entry: Entry) -> tuple[str, ...]:
        """Addresses of the other entries that a line which names this one may mean."""
        return tuple(
            other.address
            for other in self._by_name.get(entry.name, ())
            if other.scope == entry.scope and other != entry
        )


def _unknown_last(accesses: Iterable[StateAccess]) -> list[StateAccess]:
    return sorted(accesses, key=lambda access: access.scope == "unknown")


def _recorded(recording: Recording) -> tuple[Entry, ...]:
    """The entries that startup set or left, and what is below them, in the order in which they were set first."""
    observation = recording.observation
    prefixes = sorted((f"{state.prefix}:" for state in observation.states if state.prefix), key=len, reverse=True)
    changed = (change.component for change in observation.state_changes if change.operation in ("set", "delete"))
    addresses = dict.fromkeys([*changed, *(component.address for component in observation.components)])
    return tuple(_entry(address, recording, prefixes) for address in addresses if _is_in_state(address, prefixes))


def _is_in_state(address: str, prefixes: Sequence[str]) -> bool:
    """Whether an address is that of an entry, or below one: what reads objects of modules is not known."""
    return address.startswith(tuple(prefixes)) or not parse_address(address).is_module_object


def _entry(address: str, recording: Recording, prefixes: Sequence[str]) -> Entry:
    if address.startswith(_LIFESPAN):
        return Entry("request", address.removeprefix(_LIFESPAN), address)
    prefix = next((prefix for prefix in prefixes if address.startswith(prefix)), "")
    sets = [change for change in recording.state_changes.get(address, ()) if change.operation == "set"]
    is_yielded = bool(sets) and all(change.yielded for change in sets)
    return Entry("request" if is_yielded else "application", address.removeprefix(prefix), address)


def _component(
    recording: Recording,
    entry: Entry,
    entries: Entries,
    accesses: Sequence[StateAccess],
    accessors: Sequence[Accessor],
    dynamic: Sequence[DynamicSite],
) -> ComponentUsage:
    seen = recording.components.get(entry.address)
    readers = _lines(access for access in accesses if access.kind == "read")
    required = {_key(line) for line in readers}
    guarded = tuple(
        line for line in _lines(access for access in accesses if access.kind == "guarded") if _key(line) not in required
    )
    computed = tuple(site.line for site in dynamic if entry.address in site.resolved)
    return ComponentUsage(
        address=entry.address,
        name=entry.name,
        scope=entry.scope,
        type=seen.type if seen else None,
        is_none=seen.is_none if seen else False,
        present=seen is not None,
        contract=any(contract.component == entry.address for contract in recording.contracts),
        read_places=len(readers) + len(guarded),
        guarded_places=len(guarded),
        writers=_writers(accesses, computed, recording.state_changes.get(entry.address, ())),
        readers=readers,
        guarded=guarded,
        accessors=tuple(accessors),
        dynamic=tuple(dict.fromkeys(line.location for line in computed)),
        others=entries.others(entry),
    )


def _key(line: UsageLine) -> tuple[str, int]:
    return line.location.file, line.location.line


def _lines(accesses: Iterable[StateAccess]) -> tuple[UsageLine, ...]:
    """The lines of accesses, each once, with everything that is done there."""
    by_line: dict[tuple[str, int], UsageLine] = {}
    for access in accesses:
        line = _line(access)
        before = by_line.get(_key(line))
        if before is not None:
            uses = tuple(dict.fromkeys((*before.uses, *line.uses)))
            line = before.model_copy(update={"uses": uses, "at_request": before.at_request or line.at_request})
        by_line[_key(line)] = line
    return tuple(by_line.values())


def _line(access: StateAccess) -> UsageLine:
    return UsageLine(
        kind=access.kind,
        location=access.location,
        module=access.module,
        accessor=access.accessor,
        at_request=access.at_request,
        user_data=access.user_data,
        uses=access.uses,
    )


def _writers(
    accesses: Iterable[StateAccess], computed: Iterable[UsageLine], changes: Iterable[StateChange]
) -> tuple[UsageLine, ...]:
    """The lines that set or delete an entry: those that the recorded startup reached first, in their order."""
    named = _lines(access for access in accesses if access.kind in ("write", "delete"))
    in_source = {_key(line): line for line in (*computed, *named)}
    recorded: dict[tuple[str, int], UsageLine] = {}
    for change in changes:
        location = change.location
        if location is None or change.operation not in ("set", "delete"):
            continue
        key = location.file, location.line
        if key in recorded:
            continue
        known = in_source.get(key)
        if known is not None:
            recorded[key] = known.model_copy(update={"recorded": True})
        else:
            kind: AccessKind = "write" if change.operation == "set" else "delete"
            recorded[key] = UsageLine(kind=kind, location=location, in_source=False, recorded=True)
    return (*recorded.values(), *(line for key, line in in_source.items() if key not in recorded))


def _dynamic_sites(recording: Recording, usage: SourceUsage) -> Iterator[DynamicSite]:
    """The lines that compute the name of an entry, with the entries that startup set there."""
    set_at: defaultdict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for change in recording.observation.state_changes:
        if change.location is not None and change.operation in ("set", "delete"):
            set_at[change.location.file, change.location.line][change.component] = None
    for access in usage.accesses:
        if access.kind in _DYNAMIC and not access.name:
            line = _line(access)
            resolved = tuple(set_at.get(_key(line), ())) if access.kind == "dynamic-write" else ()
            yield DynamicSite(line=line, scope=access.scope, resolved=resolved)
