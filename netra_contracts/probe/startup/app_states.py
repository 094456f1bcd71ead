"""The states of a target: which there are, what is in them, and how their entries are addressed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...protocol.observation import StaleReference, StateChange, StateEntry
from ..inspection import object_graph, source_locations
from ..inspection.safe_inspect import MISSING, instance_attribute, kind_name, mro
from ..runtime import clock, exceptions
from .app_structure import mounts_of
from .recorder import LogEntry, Recorder, RecordingDict, entries_of, is_plain

LIFESPAN = "lifespan"
_MOST_OBJECTS = 50_000


class TrackedState(NamedTuple):
    """A state that was found: where it hangs, and every dict it has had, the current one last."""

    prefix: str
    holder: Any
    dicts: list[dict[str, Any]]
    recorded: bool


class AppStates:
    """Finds the states of an application and what they hold.

    Args:
        recorder: what has been recorded.
        app: the framework's application (inside wrappers), or None if the target is a state.
        state: the state, if the target is one.
        asked: addresses that contracts name.
    """

    def __init__(self, recorder: Recorder, app: Any, state: Any, asked: set[str]) -> None:
        self._recorder = recorder
        self._app = app
        self._state = state
        self._asked = asked
        self._compared: dict[tuple[str, str], tuple[int, str]] = {}

    def kept(self) -> list[TrackedState]:
        """All states there are now: the application's, its mounts', the lifespan's."""
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

    def _describe(self, prefix: str, current: Any, all_of_them: list[Any]) -> TrackedState:
        dicts = [entries for entries in map(entries_of, all_of_them) if entries is not None]
        recorded = bool(dicts) and type(dicts[-1]) is RecordingDict
        return TrackedState(prefix, current, dicts, recorded)

    def _address(self, prefix: str, key: Any, application: set[str]) -> str:
        key = _name_of_key(key)
        if prefix == LIFESPAN:
            full = f"{LIFESPAN}:{key}"
            return full if key in application or full in self._asked else key
        return f"{prefix}:{key}" if prefix else key

    def _own_keys(self, kept: list[TrackedState]) -> set[str]:
        """Names that the application's own state has had at any time."""
        own = {id(entries) for state in kept if state.prefix == "" for entries in state.dicts}
        names = {
            _name_of_key(entry.key)
            for entry in self._recorder.entries
            if entry.state in own and entry.operation == "set"
        }
        for state in kept:
            if state.prefix == "" and state.dicts:
                names.update(map(_name_of_key, list(dict.keys(state.dicts[-1]))))
        return names

    def current(self) -> Iterator[tuple[str, Any]]:
        """Addresses and objects of all entries as of now."""
        kept = self.kept()
        application = self._own_keys(kept)
        for state in kept:
            if not state.dicts:
                continue
            for key, value in list(dict.items(state.dicts[-1])):
                if key != "_ls_connection_state":  # Litestar's own entry
                    yield self._address(state.prefix, key, application), value

    def compare(self) -> None:
        """For states that cannot be recorded: note what has changed since the last look, place unknown."""
        for state in self.kept():
            if state.recorded or not state.dicts:
                continue
            self._compare_one(state.prefix, state.dicts[-1])

    def _compare_one(self, prefix: str, entries: dict[str, Any]) -> None:
        versions = self._recorder.versions
        for key, value in list(dict.items(entries)):
            now = (id(entries), f"{kind_name(value)}{versions.of(value)}")
            if self._compared.get((prefix, key)) != now:
                self._compared[prefix, key] = now
                self._recorder.note("set", entries, key, type(value), versions.of(value), None, compared=True)
        for before_prefix, key in list(self._compared):
            if before_prefix == prefix and key not in entries:
                del self._compared[prefix, key]
                self._recorder.note("delete", entries, key, None, "", None, compared=True)

    def events(self) -> tuple[StateChange, ...]:
        """What was recorded of the target's states, in order. Others, such as requests' own, are left out."""
        kept = self.kept()
        application = self._own_keys(kept)
        prefixes = {id(entries): state.prefix for state in kept for entries in state.dicts}
        return tuple(
            self._event(entry, self._address(prefixes[entry.state], entry.key, application))
            for entry in sorted(self._recorder.entries, key=lambda entry: entry.seq)
            if entry.state in prefixes
        )

    @staticmethod
    def _event(entry: LogEntry, address: str) -> StateChange:
        return StateChange(
            entry.seq,
            clock.ms(entry.ns),
            entry.operation,
            address,
            entry.stage,
            "" if entry.kind is None else exceptions.type_name(entry.kind),
            entry.operation == "set" and entry.kind is type(None),
            entry.version,
            source_locations.location(entry.site),
            entry.compared,
        )

    def prefixes(self) -> dict[str, str]:
        """Prefixes by the id of each dict that a state has, for the host to read the journal with."""
        return {str(id(entries)): state.prefix for state in self.kept() for entries in state.dicts}

    def components(self) -> tuple[StateEntry, ...]:
        """All entries as of now, by type."""
        versions = self._recorder.versions
        return tuple(
            StateEntry(
                address,
                exceptions.type_name(type(value)),
                value is None,
                _double(value),
                versions.of(value),
                is_plain(value),
            )
            for address, value in self.current()
        )

    def held(self) -> tuple[StaleReference, ...]:
        """Objects that were replaced in the state but that another component still reaches."""
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
            for thing in object_graph.reachable(value, stop, _MOST_OBJECTS, trail):
                entry = replaced.get(id(thing))
                if entry is not None and entry[0] != address:
                    component, version = entry
                    path = object_graph.format_path(trail.steps(id(thing))).lstrip(".")
                    found.append(StaleReference(address, path, component, version, exceptions.type_name(type(thing))))
        return tuple(found)

    def _replaced(self) -> dict[int, tuple[str, str]]:
        """Former objects of components that still exist, by id."""
        alive = self._recorder.versions.alive()
        current = {id(value) for _, value in self.current()}
        last: dict[str, str] = {}
        former: dict[str, str] = {}
        for event in self.events():
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
    """The name of an entry; item access takes any key, and one that is no string is shown in brackets."""
    if type(key) is str:
        return str(key)
    return f"[{key!r}]" if is_plain(key) else f"[<{kind_name(key)}>]"


class StateLookup:
    """Looks addresses up in the states as they are when it is made."""

    def __init__(self, states: AppStates) -> None:
        self._objects = dict(states.current())

    def find(self, address: str) -> Any:
        """The object at an address, or `MISSING`."""
        return self._objects.get(address, MISSING)


def _double(value: Any) -> str:
    """The name of the mock class that an object is of, if it is a test double of `unittest.mock`."""
    for base in mro(type(value)):
        name = exceptions.type_name(base)
        if name.startswith(("unittest.mock:", "mock.mock:")):
            return exceptions.type_name(type(value)).replace(":", ".")
    return ""
