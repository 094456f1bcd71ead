"""The states of a target: finds them, and addresses and describes their entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...protocol.observation import StaleReference, StateChange, StateEntry
from ..inspection import object_graph, source_locations
from ..inspection.safe_inspect import MISSING, class_name, instance_attribute, is_plain, type_name
from ..inspection.test_doubles import mock_class
from ..runtime import clock
from .app_structure import mounts_of
from .recorder import LogEntry, Recorder, RecordingDict

LIFESPAN = "lifespan"
#: How many objects of one entry are searched for objects that were replaced.
_MAX_SEARCHED = 50_000


class TrackedState(NamedTuple):
    """A state of the target.

    Attributes:
        prefix: of the addresses of its entries.
        holder: the state object.
        dicts: every dict that has held its entries, the current one last.
        recorded: whether the recorder sees its changes; otherwise it is compared.
    """

    prefix: str
    holder: Any
    dicts: list[dict[str, Any]]
    recorded: bool


class AppStates:
    """The states of an application, and their entries.

    Args:
        recorder: the recorded changes.
        app: the framework's application, taken out of its wrappers; None if the target is a state.
        state: the state, if the target is one.
        asked: addresses that contracts name.
    """

    def __init__(self, recorder: Recorder, app: Any, state: Any, asked: set[str]) -> None:
        self._recorder = recorder
        self._app = app
        self._state = state
        self._asked = asked
        self._compared: dict[tuple[str, str], tuple[int, str]] = {}

    def tracked_states(self) -> list[TrackedState]:
        """All current states: of the application, of its mounts, and of the lifespan."""
        found = []
        if self._state is not None:
            found.append(self._describe("", self._state, [self._state]))
        if self._app is not None:
            found.extend(self._of_application("", self._app))
            seen = {id(self._app)}
            for mount in mounts_of(self._app):
                if id(mount.app) not in seen:
                    seen.add(id(mount.app))
                    found.extend(self._of_application(mount.root_path, mount.app))
        lifespan = self._recorder.lifespan_state
        if lifespan is not None:
            found.append(TrackedState(LIFESPAN, lifespan, [lifespan], True))
        return found

    def _of_application(self, prefix: str, app: Any) -> list[TrackedState]:
        state = instance_attribute(app, "state")
        if state is None:
            return []
        owned = self._recorder.owned.get(id(app))
        return [self._describe(prefix, state, owned[1] if owned else [state])]

    def _describe(self, prefix: str, current: Any, all_holders: list[Any]) -> TrackedState:
        dicts = [entries for entries in map(self._recorder.entries_of, all_holders) if entries is not None]
        recorded = bool(dicts) and type(dicts[-1]) is RecordingDict
        return TrackedState(prefix, current, dicts, recorded)

    def _address(self, prefix: str, key: Any, application: set[str]) -> str:
        key = _name_of_key(key)
        if prefix == LIFESPAN:
            full = f"{LIFESPAN}:{key}"
            return full if key in application or full in self._asked else key
        return f"{prefix}:{key}" if prefix else key

    def _own_keys(self, tracked: list[TrackedState]) -> set[str]:
        """Names of all entries that the application's own state has ever had."""
        own = {id(entries) for state in tracked if state.prefix == "" for entries in state.dicts}
        names = {
            _name_of_key(entry.key)
            for entry in self._recorder.entries
            if entry.state in own and entry.operation == "set"
        }
        for state in tracked:
            if state.prefix == "" and state.dicts:
                names.update(map(_name_of_key, list(dict.keys(state.dicts[-1]))))
        return names

    def current(self) -> Iterator[tuple[str, Any]]:
        """Addresses and objects of all entries as of now."""
        tracked = self.tracked_states()
        application = self._own_keys(tracked)
        for state in tracked:
            if not state.dicts:
                continue
            for key, value in list(dict.items(state.dicts[-1])):
                if key != "_ls_connection_state":  # Litestar's own entry
                    yield self._address(state.prefix, key, application), value

    def compare(self) -> None:
        """Record what has changed since the last comparison in states that the recorder does not see."""
        for state in self.tracked_states():
            if state.recorded or not state.dicts:
                continue
            self._compare_state(state.prefix, state.dicts[-1])

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
        prefixes = {id(entries): state.prefix for state in tracked for entries in state.dicts}
        return tuple(
            self._state_change(entry, self._address(prefixes[entry.state], entry.key, application))
            for entry in sorted(self._recorder.entries, key=lambda entry: entry.seq)
            if entry.state in prefixes
        )

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
        )

    def prefixes(self) -> dict[str, str]:
        """The prefix of each state by the id of its dicts, with which the host reads the journal."""
        return {str(id(entries)): state.prefix for state in self.tracked_states() for entries in state.dicts}

    def components(self) -> tuple[StateEntry, ...]:
        """All current entries."""
        versions = self._recorder.versions
        return tuple(
            StateEntry(
                address,
                type_name(type(value)),
                value is None,
                mock_class(type(value)),
                versions.of(value),
            )
            for address, value in self.current()
        )

    def stale_references(self) -> tuple[StaleReference, ...]:
        """Components that still reach an object which has been replaced in the state."""
        replaced = self._replaced()
        if not replaced:
            return ()
        now = list(self.current())
        stop = {id(value) for _, value in now}
        found = []
        for address, value in now:
            if is_plain(value):
                continue
            trail = object_graph.Trail()
            for node in object_graph.reachable(value, stop, _MAX_SEARCHED, trail):
                entry = replaced.get(id(node))
                if entry is not None and entry[0] != address:
                    component, version = entry
                    path = object_graph.format_path(trail.steps(id(node))).lstrip(".")
                    found.append(StaleReference(address, path, component, version, type_name(type(node))))
        return tuple(found)

    def _replaced(self) -> dict[int, tuple[str, str]]:
        """Replaced objects that still exist, by id: the component that held each, and its version."""
        alive = self._recorder.versions.alive()
        current = {id(value) for _, value in self.current()}
        last: dict[str, str] = {}
        former: dict[str, str] = {}
        for event in self.state_changes():
            if event.operation != "set" or event.is_none:
                continue
            before = last.get(event.component)
            if before and before != event.version and event.version:
                former[before] = event.component
            last[event.component] = event.version
        return {
            id(alive[version]): (component, version)
            for version, component in former.items()
            if version in alive and id(alive[version]) not in current and object_graph.is_followed(alive[version])
        }


def _name_of_key(key: Any) -> str:
    """The name of an entry. Item access accepts any key: one that is not a text is written in brackets."""
    if type(key) is str:
        return str(key)
    return f"[{key!r}]" if is_plain(key) else f"[<{class_name(key)}>]"


class StateLookup:
    """Finds objects by address, in the states as they are when it is created."""

    def __init__(self, states: AppStates) -> None:
        self._objects = dict(states.current())

    def find(self, address: str) -> Any:
        """The object at an address, or `MISSING`."""
        return self._objects.get(address, MISSING)
