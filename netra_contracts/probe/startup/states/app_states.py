"""The states of a target: finds them, and addresses and describes their entries."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, NamedTuple

from ....protocol.observed.app_states import ObservedState, StaleReference, StateChange, StateEntry, StateStorage
from ....protocol.text_limits import limited
from ...inspection import source_locations, stale_references
from ...inspection.questions import ComponentNotFoundError, NoStateError, NotProvidedError
from ...inspection.safe_inspect import MISSING, class_name, instance_attribute, name_of_key, type_name
from ...inspection.test_doubles import mock_class
from ...runtime import bounded_calls, clock
from ..mounts import Mount, applications
from ..wrappers import WrappedApp
from .recorder import LogEntry, Recorder, RecordingDict
from .state_storage import attribute_of

if TYPE_CHECKING:
    from ...components.asked import AskedComponents, Entries

LIFESPAN = "lifespan"


class TrackedState(NamedTuple):
    """A state of the target.

    Attributes:
        prefix: of the addresses of its entries.
        holder: the state object.
        dicts: every dict that has held its entries, the current one last.
        storage: where its entries are; if they are not recorded, they are compared.
        beside: entries that it keeps in attributes, beside those in a dict.
        app: the application that it belongs to; None: it is the target, or of the lifespan.
    """

    prefix: str
    holder: Any
    dicts: list[dict[str, Any]]
    storage: StateStorage
    beside: dict[str, Any]
    app: Any = None

    def items(self) -> Iterator[tuple[Any, Any]]:
        """The entries as of now; attributes hide entries of the same name."""
        for key, value in list(dict.items(self.dicts[-1])) if self.dicts else ():
            if key not in self.beside and key != "_ls_connection_state":  # Litestar's own entry
                yield key, value
        yield from list(dict.items(self.beside))


class CurrentEntry(NamedTuple):
    """An entry of a state as of now: the state's prefix, its name, its address and its object."""

    prefix: str
    name: str
    address: str
    value: Any


class AppStates:
    """The states of an application, and their entries.

    Args:
        recorder: the recorded changes.
        apps: the framework's applications, taken out of their wrappers; none if the target is a state.
        state: the state, if the target is one.
        asked: addresses that contracts name.
        others: those of them that may not be entries; by default, they are found among `asked`.
    """

    def __init__(
        self,
        recorder: Recorder,
        apps: Sequence[WrappedApp],
        state: Any,
        asked: set[str],
        others: AskedComponents | None = None,
    ) -> None:
        self._recorder = recorder
        self._apps = apps
        self._state = state
        self._asked = asked
        #: Also the entries that these begin with: their addresses are those that contracts name.
        self._named = asked | _entries_above(asked)
        self.others = others if others is not None else asked_components(recorder, asked)
        self._named = asked | self.others.parents if self.others is not None else asked
        self._compared: dict[tuple[str, str], tuple[int, str]] = {}

    def applications(self) -> list[Mount]:
        """The applications as they are now: more may be mounted at any time."""
        return applications(self._apps)

    def tracked_states(self) -> list[TrackedState]:
        """All current states: of the application, of its mounts, and of the lifespan."""
        found = []
        if self._state is not None:
            found.append(self._describe("", self._state, [self._state]))
        for mount in self.applications():
            found.extend(self._of_application(mount.path, mount.app))
        lifespan = self._recorder.lifespan_state
        if lifespan is not None:
            found.append(TrackedState(LIFESPAN, lifespan, [lifespan], "recorded", {}))
        return found

    def _of_application(self, prefix: str, app: Any) -> list[TrackedState]:
        owned = self._recorder.owned.get(id(app))
        state = instance_attribute(app, "state")
        if state is None and owned:  # a subclass may compute the attribute
            state = owned[1][-1]
        if state is None:
            return []
        return [self._describe(prefix, state, owned[1] if owned else [state], app)]

    def _describe(self, prefix: str, current: Any, all_holders: list[Any], app: Any = None) -> TrackedState:
        dicts = [entries for entries in map(self._recorder.entries_of, all_holders) if entries is not None]
        storage = _storage_of(current, dicts[-1] if dicts else None)
        beside = self._recorder.attributes_of(current) if storage in ("recorded", "shared") else {}
        return TrackedState(prefix, current, dicts, storage, beside, app)

    def _address(self, prefix: str, key: Any, application: set[str]) -> str:
        key = name_of_key(key)
        if prefix == LIFESPAN:
            full = f"{LIFESPAN}:{key}"
            return self._limited(full if key in application or full in self._named else key)
        return self._limited(f"{prefix}:{key}" if prefix else key)

    def _limited(self, address: str) -> str:
        """An address of bounded length, unless a contract names it in full."""
        return address if address in self._named else limited(address)

    def _own_keys(self, tracked: list[TrackedState]) -> set[str]:
        """Names of all entries that the application's own state has ever had."""
        own = {id(entries) for state in tracked if state.prefix == "" for entries in state.dicts}
        names = {
            name_of_key(entry.key)
            for entry in self._recorder.entries
            if entry.state in own and entry.operation == "set"
        }
        for state in tracked:
            if state.prefix == "" and state.dicts:
                names.update(name_of_key(key) for key, _ in state.items())
        return names

    def current(self) -> Iterator[tuple[str, Any]]:
        """Addresses and objects of all entries as of now."""
        return ((entry.address, entry.value) for entry in self.entries())

    def entries(self) -> Iterator[CurrentEntry]:
        """All entries as of now."""
        tracked = self.tracked_states()
        application = self._own_keys(tracked)
        for state in tracked:
            for key, value in state.items():
                address = self._address(state.prefix, key, application)
                yield CurrentEntry(state.prefix, name_of_key(key), address, value)

    def entries_by_address(self, objects: Mapping[str, Any] | None = None) -> Entries:
        """The entries, for what is below them: those given, or as of now."""
        from ...components.asked import Entries

        prefixes = {state.prefix for state in self.tracked_states()}
        return Entries(dict(self.current()) if objects is None else objects, self.computed, prefixes)

    def find(self, address: str, objects: Mapping[str, Any]) -> Any:
        """The object at an address.

        Args:
            address: of a component.
            objects: the entries of the states as of now, by address.

        Returns:
            The object, or `MISSING`.

        Raises:
            ComponentNotFoundError: if it is an address below an entry or in a module, and leads to nothing.
            NotProvidedError: if it is unknown what a provider returns.
            NoAnswerError: if it is a property that does not return in time.
        """
        is_explicit = self.others is not None and self.others.is_explicit(address)
        value = MISSING if is_explicit else objects.get(address, MISSING)
        if value is MISSING and not is_explicit:
            value = self.computed(address)
        if value is MISSING and self.others is not None:
            value = self.others.find(address, self.entries_by_address(objects))
        return value

    def compare(self, *, computed: bool = False) -> None:
        """Record what has changed since the last comparison in what the recorder does not see.

        Args:
            computed: whether properties may run that lead to components below an entry.
        """
        if self.others is not None:
            self.others.compare(self.entries_by_address(), computed=computed)
        for state in self.tracked_states():
            if state.storage != "recorded" and state.dicts:
                self._compare_state(state.prefix, state.dicts[-1])
            self._compare_state(f"{state.prefix} beside", state.beside)

    def _compare_state(self, prefix: str, entries: dict[str, Any]) -> None:
        versions = self._recorder.versions
        for key, value in list(dict.items(entries)):
            now = (id(entries), f"{class_name(value)}{versions.of(value)}")
            if self._compared.get((prefix, key)) != now:
                self._compared[prefix, key] = now
                self._recorder.note("set", entries, key, type(value), versions.of(value), None, compared=True)
        for before_prefix, key in list(self._compared):
            if before_prefix == prefix and key not in entries:
                del self._compared[prefix, key]
                self._recorder.note("delete", entries, key, None, "", None, compared=True)

    def state_changes(self) -> tuple[StateChange, ...]:
        """The recorded changes of the target's states, in order. Other states, such as requests', are left out."""
        tracked = self.tracked_states()
        application = self._own_keys(tracked)
        prefixes = {id(entries): state.prefix for state in tracked for entries in (*state.dicts, state.beside)}
        changes = []
        for entry in sorted(self._recorder.entries, key=lambda entry: entry.seq):
            if entry.state in prefixes:
                address: str | None = self._address(prefixes[entry.state], entry.key, application)
            else:
                address = self.others.address_of_change(entry.state, entry.key) if self.others is not None else None
            if address is not None:
                changes.append(self._state_change(entry, address))
        return tuple(changes)

    @staticmethod
    def _state_change(entry: LogEntry, address: str) -> StateChange:
        return StateChange(
            entry.seq,
            clock.ms(entry.ns),
            entry.operation,
            address,
            entry.stage,
            "" if entry.cls is None else type_name(entry.cls),
            entry.operation == "set" and entry.cls is type(None),
            entry.version,
            source_locations.location(entry.site),
            entry.compared,
            entry.batch,
            entry.yielded,
            entry.handled,
            clock.ms(entry.busy_ns),
        )

    def prefixes(self) -> dict[str, str]:
        """The prefix of each state by the id of its dicts, with which the host reads the journal."""
        samples = {str(id(self.others.samples)): ""} if self.others is not None else {}
        states = {
            str(id(entries)): state.prefix
            for state in self.tracked_states()
            for entries in (*state.dicts, state.beside)
        }
        return {**samples, **states}

    def observed(self) -> tuple[ObservedState, ...]:
        """All current states; where none was found in the target, also those of other applications."""
        tracked = self.tracked_states()
        found = [
            ObservedState(
                state.prefix,
                type_name(type(state.holder)),
                "" if state.app is None else type_name(type(state.app)),
                state.storage,
                True,
                source_locations.location(self._recorder.created_at.get(id(state.app))),
            )
            for state in tracked
            if state.prefix != LIFESPAN
        ]
        return (*found, *(self._unattributed() if not found else ()))

    def _unattributed(self) -> Iterator[ObservedState]:
        for app, states in list(self._recorder.owned.values()):
            yield ObservedState(
                "",
                type_name(type(states[-1])),
                type_name(type(app)),
                _storage_of(states[-1], self._recorder.entries_of(states[-1])),
                False,
                source_locations.location(self._recorder.created_at.get(id(app))),
            )

    def computed(self, address: str) -> Any:
        """What the class of a state has under a name that is not an entry; `MISSING`: nothing.

        Raises:
            NoAnswerError: if a property does not return in time.
        """
        prefix, name = "", address
        if ":" in address:
            from ....protocol.address import parse_address

            parsed = parse_address(address)
            prefix, name = parsed.prefix, parsed.name
        holder = next((state.holder for state in self.tracked_states() if state.prefix == prefix), None)
        return MISSING if holder is None else attribute_of(holder, name)

    def beyond_entries(self) -> dict[str, Any]:
        """What contracts name and is no entry: addresses and objects as of now. What does not answer is left out."""
        present = dict(self.current())
        found = {}
        unanswered = (bounded_calls.NoAnswerError, ComponentNotFoundError, NotProvidedError)
        for address in sorted(self._asked - set(present)):
            with contextlib.suppress(*unanswered), bounded_calls.outside_event_loop():
                value = self.find(address, present)
                if value is not MISSING:
                    found[address] = value
        return found

    def components(self) -> tuple[StateEntry, ...]:
        """All current entries, and what contracts name and the class of a state gives."""
        versions = self._recorder.versions
        present = {**dict(self.current()), **self.beyond_entries()}
        return tuple(
            StateEntry(
                address,
                type_name(type(value)),
                value is None,
                mock_class(type(value)),
                versions.of(value),
            )
            for address, value in present.items()
        )

    def stale_references(self) -> tuple[StaleReference, ...]:
        """Components that still reach an object which has been replaced in the state, or in a module."""
        replaced = stale_references.replaced_objects(self.state_changes(), self._recorder.versions.alive())
        if not replaced:
            return ()
        modules = dict(self.others.module_objects(self.entries_by_address())) if self.others is not None else {}
        return tuple(stale_references.find(replaced, list(self.current()), modules))


def _entries_above(asked: Set[str]) -> set[str]:
    """The addresses of what lies on the way to some components."""
    nested = [address for address in asked if "." in address or "[" in address]
    if not nested:
        return set()
    from ....protocol.address import parse_address

    return {parent for address in nested for parent in parse_address(address).parents}


def asked_components(
    recorder: Recorder, asked: set[str], tool_imports: Set[str] = frozenset()
) -> AskedComponents | None:
    """The components among some addresses that may not be entries; None: all are.

    Args:
        recorder: see `AskedComponents`.
        asked: the addresses.
        tool_imports: see `AskedComponents`.
    """
    addresses = [address for address in asked if _may_be_beyond_entries(address)]
    if not addresses:
        return None
    from ...components.asked import AskedComponents

    return AskedComponents(recorder, addresses, tool_imports)


def _may_be_beyond_entries(address: str) -> bool:
    """Whether an address may have another reading than the name of an entry. Decided without the parser's import."""
    is_of_state = address.startswith((f"{LIFESPAN}:", "/"))
    return "." in address or "[" in address or (":" in address and not is_of_state)


def _storage_of(state: Any, entries: dict[str, Any] | None) -> StateStorage:
    if entries is None:
        return "unreadable"
    if type(entries) is RecordingDict:
        return "recorded"
    if issubclass(type(state), dict):
        return "mapping"
    return "shared" if instance_attribute(state, "_state") is entries else "attributes"


class StateLookup:
    """Finds objects by address, in the states as they are when it is created."""

    def __init__(self, states: AppStates) -> None:
        self._states = states
        self._objects = dict(states.current())

    def find(self, address: str) -> Any:
        """The object at an address, or `MISSING`.

        Raises:
            ComponentNotFoundError, NotProvidedError, NoAnswerError: see `AppStates.find`.
            NoStateError: if there may be a state that has it, but none was found in the target.
        """
        value = self._states.find(address, self._objects)
        if value is MISSING and any(not state.attributed for state in self._states.observed()):
            raise NoStateError
        return value
