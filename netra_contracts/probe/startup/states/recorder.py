"""Records every write, delete and failed read of the application's states, from their creation on.

A recorded state keeps its entries in a `RecordingDict` below its `_state` (Starlette's and Litestar's `State` both keep
them there), so item access and direct access to `_state` are recorded as well. While the recorder is paused, the class
has no methods of its own and costs as much as a dict.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable
from typing import Any, Callable, NamedTuple

from ....protocol.observed.app_states import Operation
from ....protocol.observed.failures import ExceptionInfo
from ....protocol.stages import StageName
from ...inspection import own_code, source_locations
from ...inspection.object_ids import ObjectIds
from ...inspection.safe_inspect import MISSING
from ...runtime import clock, exceptions
from ...runtime.journal import Journal
from .state_storage import LITERAL_REFERENCES, LONE_REFERENCES, attributes_of, own_dict_of

_set = dict.__setitem__
_NoneType = type(None)


class LogEntry(NamedTuple):
    """A recorded operation, from which a `StateChange` is made at the end.

    `state` is the `id` of the dict, `cls` the class of the object that was set, `busy_ns` processor time until then.
    """

    seq: int
    ns: int
    busy_ns: int
    operation: Operation
    state: int
    key: str
    cls: type | None
    version: str
    site: source_locations.Site | None
    compared: bool
    stage: StageName
    batch: int = 0
    yielded: bool = False
    handled: tuple[ExceptionInfo, ...] = ()


class RecordingDict(dict[str, Any]):
    """A dict whose changes and failed reads are recorded. Its copies are plain dicts."""

    __slots__ = ("__weakref__", "recorder")

    def __init__(self, recorder: Recorder, *args: Any) -> None:
        super().__init__(*args)
        self.recorder = recorder

    def copy(self) -> dict[str, Any]:
        """A plain dict."""
        return dict(self)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        from copy import deepcopy

        return deepcopy(dict(self), memo)

    def __reduce_ex__(self, protocol: Any) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)


def _setitem(self: RecordingDict, key: str, value: Any) -> None:
    _set(self, key, value)
    self.recorder.wrote(self, key, value, 2)


def _delitem(self: RecordingDict, key: str) -> None:
    dict.__delitem__(self, key)
    self.recorder.note("delete", self, key, None, "", source_locations.first_application_frame(2))


def _missing(self: RecordingDict, key: str) -> Any:
    error = KeyError(key)
    error.__dict__[exceptions.READ_MARK] = self.recorder.note(
        "read", self, key, None, "", source_locations.first_application_frame(2)
    )
    raise error


def _pop(self: RecordingDict, key: str, *default: Any) -> Any:
    had = key in self
    value = dict.pop(self, key, *default)
    if had:
        self.recorder.note("delete", self, key, None, "", source_locations.first_application_frame(2))
    return value


def _popitem(self: RecordingDict) -> tuple[str, Any]:
    key, value = dict.popitem(self)
    self.recorder.note("delete", self, key, None, "", source_locations.first_application_frame(2))
    return key, value


def _clear(self: RecordingDict) -> None:
    keys = list(self)
    dict.clear(self)
    for key in keys:
        self.recorder.note("delete", self, key, None, "", source_locations.first_application_frame(2))


def _setdefault(self: RecordingDict, key: str, default: Any = None) -> Any:
    if key in self:
        return dict.__getitem__(self, key)
    _set(self, key, default)
    self.recorder.wrote(self, key, default, 2)
    return default


def _update(self: RecordingDict, *args: Any, **kwargs: Any) -> None:
    try:
        entries = dict(*args, **kwargs)
    except Exception:
        if self is self.recorder.lifespan_state and args:
            self.recorder.not_a_mapping = args[0]
        raise
    batch = self.recorder.new_batch()
    for key, value in entries.items():
        _set(self, key, value)
        self.recorder.wrote(self, key, value, 2, batch)


def _ior(self: RecordingDict, other: Any) -> RecordingDict:
    batch = self.recorder.new_batch()
    for key, value in dict(other).items():
        _set(self, key, value)
        self.recorder.wrote(self, key, value, 2, batch)
    return self


_METHODS: dict[str, Callable[..., Any]] = {
    "__setitem__": _setitem,
    "__delitem__": _delitem,
    "__missing__": _missing,
    "pop": _pop,
    "popitem": _popitem,
    "clear": _clear,
    "setdefault": _setdefault,
    "update": _update,
    "__ior__": _ior,
}


class Recorder:
    """Records the changes of all states of the process, in order.

    Attributes:
        stage: the stage that changes belong to.
    """

    def __init__(self) -> None:
        self.stage: StageName = "import"
        self.entries: list[LogEntry] = []
        self.versions = ObjectIds()
        #: Kept alive so that an `id` names one state for the whole run.
        self.dicts: dict[int, RecordingDict] = {}
        #: States that an application had, in order, by the id of the application (kept alive here).
        self.owned: dict[int, tuple[Any, list[Any]]] = {}
        #: The line that created each of these applications.
        self.created_at: dict[int, source_locations.Site | None] = {}
        #: Entries of states that keep them in attributes, by the id of the state (kept alive here).
        self._snapshots: dict[int, tuple[Any, dict[str, Any]]] = {}
        #: What states with a dict of entries keep in attributes, by the id of the state (kept alive here).
        self._beside: dict[int, tuple[Any, dict[str, Any]]] = {}
        #: Finds the user's `yield` for an entry that arrives through `scope["state"].update`.
        self.yield_site: Callable[[str, Any], source_locations.Site | None] = lambda key, value: None
        self.lifespan_state: RecordingDict | None = None
        #: What a lifespan yielded, if it could not be added to its state; `MISSING`: everything could.
        self.not_a_mapping: Any = MISSING
        self._numbers = itertools.count(1)
        self._batches = itertools.count(1)
        self._paused = True
        self._handled: Any = None
        self._patched: list[tuple[type, str, Any]] = []
        self.journal: Journal | None = None
        self.resume()

    def enter_stage(self, stage: StageName) -> None:
        """Changes recorded from now on belong to this stage."""
        self.stage = stage

    def resume(self) -> None:
        """Start or continue recording."""
        if self._paused:
            self._paused = False
            for name, method in _METHODS.items():
                setattr(RecordingDict, name, method)

    def pause(self) -> None:
        """Stop recording: reads and writes then cost as much as without a recorder."""
        if not self._paused:
            self._paused = True
            for name in _METHODS:
                delattr(RecordingDict, name)

    def recording(self, entries: Iterable[tuple[str, Any]] = ()) -> RecordingDict:
        """Create a recorded dict."""
        recorded = RecordingDict(self, entries)
        self.dicts[id(recorded)] = recorded
        return recorded

    def record_lifespan_state(self) -> None:
        """Create the recorded dict that becomes `scope["state"]` of the lifespan."""
        self.lifespan_state = self.recording()

    def new_batch(self) -> int:
        """The number of a call that sets several entries: these have no order."""
        return next(self._batches)

    def wrote(self, state: RecordingDict, key: str, value: Any, depth: int, batch: int = 0) -> None:
        """Record a write from `depth` calls up."""
        yielded = state is self.lifespan_state and own_code.is_library_file(sys._getframe(depth).f_code.co_filename)
        site = self.yield_site(key, value) if yielded else source_locations.first_application_frame(depth + 1)
        self.note("set", state, key, type(value), self.versions.of(value), site, False, batch, yielded)

    def note(
        self,
        operation: Operation,
        state: Any,
        key: str,
        cls: type | None,
        version: str,
        site: source_locations.Site | None,
        compared: bool = False,
        batch: int = 0,
        yielded: bool = False,
    ) -> int:
        """Record one operation and return its number."""
        ns, busy_ns = clock.now_ns(), clock.busy_ns()
        seq = next(self._numbers)  # no lock: a collection may run a `__del__` that writes, in this very thread
        lost = (operation == "delete" or cls is _NoneType) and not compared and self.stage != "shutdown"
        handled = self._handled_exception() if lost and sys.exc_info()[1] is not None else ()
        entry = LogEntry(
            seq,
            ns,
            busy_ns,
            operation,
            id(state),
            key,
            cls,
            version,
            site,
            compared,
            self.stage,
            batch,
            yielded,
            handled,
        )
        self.entries.append(entry)
        if self.journal is not None:
            self.journal.write(entry)
        return seq

    def _handled_exception(self) -> tuple[ExceptionInfo, ...]:
        if self._handled is None:
            from ...causes.handled_exceptions import HandledExceptions  # late: most startups need it never

            self._handled = HandledExceptions()
        handled: tuple[ExceptionInfo, ...] = self._handled.above(4)
        return handled

    def hook_state(self, state_class: type) -> None:
        """Record the states of a class that keeps its entries in a dict named `_state`."""
        initialise: Any = state_class.__dict__["__init__"]
        recorder = self

        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - the shape of the hook that is measured
            initialise(self, *args, **kwargs)
            recorder.adopt(self, args[0] if args else kwargs.get("state"))

        __init__.__wrapped__ = initialise  # type: ignore[attr-defined]  # as functools.wraps leaves it
        __init__.__doc__ = initialise.__doc__
        state_class.__init__ = __init__  # type: ignore[misc]  # a hook, removed by `unhook`
        self._patched.append((state_class, "__init__", initialise))

    def hook_owner(self, owner_class: type) -> None:
        """Observe the attribute `state` of applications, which may be replaced."""
        recorder = self
        original: Any = owner_class.__dict__.get("__setattr__", MISSING)
        owner: Any = owner_class

        def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807 - replaces the method of the class
            if original is MISSING:
                super(owner, self).__setattr__(name, value)
            else:
                original(self, name, value)
            if name == "state":
                recorder.owns(self, value)

        owner_class.__setattr__ = __setattr__  # type: ignore[assignment, method-assign]  # a hook, removed by `unhook`
        self._patched.append((owner_class, "__setattr__", original))

    def unhook(self) -> None:
        """Remove the hooks: states created from now on are not recorded."""
        for owner, name, original in reversed(self._patched):
            if original is MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
        self._patched.clear()

    def adopt(self, state: Any, given: Any) -> None:
        """Replace the dict of a new state with a recorded one, unless its creator keeps a reference to the dict."""
        try:
            entries = object.__getattribute__(state, "_state")
        except AttributeError:
            return
        if type(entries) is not dict or (entries is given and sys.getrefcount(entries) > LITERAL_REFERENCES):
            return
        self._record_entries(state, entries)

    def _adopt_owned(self, state: Any) -> None:
        """Replace the dict of a state that an application gets, if only the state refers to it.

        When the state was created, the calls of its constructors may have referred to the dict as well.
        """
        try:
            entries = object.__getattribute__(state, "_state")
        except Exception:
            return
        if type(entries) is dict and sys.getrefcount(entries) <= LONE_REFERENCES:
            self._record_entries(state, entries)

    def _record_entries(self, state: Any, entries: dict[str, Any]) -> None:
        recorded = self.recording()
        for key, value in entries.items():
            _set(recorded, key, value)
            self.note(
                "set", recorded, key, type(value), self.versions.of(value), source_locations.first_application_frame(4)
            )
        object.__setattr__(state, "_state", recorded)

    def owns(self, app: Any, state: Any) -> None:
        """Record that an application has a new state."""
        self._adopt_owned(state)
        if id(app) not in self.owned:
            self.created_at[id(app)] = source_locations.first_application_frame(3)
        _, states = self.owned.setdefault(id(app), (app, []))
        if not states:
            states.append(state)
        elif states[-1] is not state:
            old = states[-1]
            states.append(state)
            self._replaced(self.entries_of(old), self.entries_of(state))

    def applications(self) -> list[Any]:
        """All applications of known frameworks that were created, in order."""
        return [app for app, _ in self.owned.values()]

    def entries_of(self, state: Any) -> dict[str, Any] | None:
        """The entries of a state of any class, in the same dict at each call; None: they cannot be read.

        Changes are assigned to a state by the id of this dict.
        """
        entries = own_dict_of(state)
        if entries is not None:
            return entries
        attributes = attributes_of(state)
        if attributes is None:
            return None
        _, snapshot = self._snapshots.setdefault(id(state), (state, {}))
        snapshot.clear()
        snapshot.update(attributes)
        return snapshot

    def attributes_of(self, state: Any) -> dict[str, Any]:
        """The entries that a state with entries of its own keeps beside them, in its attributes and slots.

        They are in the same dict at each call, to which changes are assigned. Names with an underscore are left out.
        """
        _, snapshot = self._beside.setdefault(id(state), (state, {}))
        snapshot.clear()
        if not issubclass(type(state), dict):
            snapshot.update(
                (name, value)
                for name, value in (attributes_of(state) or {}).items()
                if type(name) is str and not name.startswith("_")
            )
        return snapshot

    def _replaced(self, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
        site = source_locations.first_application_frame(3)
        self.note("replace-state", new if new is not None else self, "", None, "", site)
        for key in old or ():
            if new is None or key not in new:
                self.note("delete", old, key, None, "", site)
