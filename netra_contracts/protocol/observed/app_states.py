"""The states of the target: what was set in them, in which order, and what they contain at the end of startup."""

from __future__ import annotations

from typing import Literal

from ..location import Location
from ..record import record
from ..stages import StageName
from .failures import ExceptionInfo

#: `read`: an entry that does not exist was read. `replace-state`: the state object as a whole was replaced.
Operation = Literal["set", "delete", "read", "replace-state"]


@record(frozen=True)
class StateChange:
    """One recorded operation on an entry of a state.

    Attributes:
        seq: its number, in order.
        ms: when it happened or, if `compared`, when it was noticed.
        component: the entry's address: `name`, `lifespan:name`, `/mount:name`.
        type: the name of the type of the object that was set.
        is_none: whether None was set.
        version: identifies the object: two changes with the same version concern the same object.
        location: the line that did it.
        compared: whether it was found by comparing the state with its earlier contents: this state is not recorded.
        batch: the same number for changes by one call that sets several entries, such as `update`; 0: a single change.
        yielded: whether the entry belongs to the mapping that a lifespan yielded.
        handled: the exception that was being handled when None was set or the entry was deleted, and those that led to
            it; empty: none.
        busy_ms: processor time that the process had used at `ms`, in all threads; None: unknown.
    """

    seq: int
    ms: float
    operation: Operation
    component: str
    stage: StageName
    type: str = ""
    is_none: bool = False
    version: str = ""
    location: Location | None = None
    compared: bool = False
    batch: int = 0
    yielded: bool = False
    handled: tuple[ExceptionInfo, ...] = ()
    busy_ms: float | None = None


@record(frozen=True)
class StateEntry:
    """One entry of a state at the end of startup.

    Attributes:
        test_double: the name of the mock class that the object is an instance of; empty: it is none.
        version: see `StateChange.version`.
    """

    address: str
    type: str
    is_none: bool = False
    test_double: str = ""
    version: str = ""


#: Where a state keeps its entries. `recorded`: in a dict of the recorder. `shared`: in a dict that other objects refer
#: to, so that it could not be replaced. `mapping`: the state is a mapping itself. `attributes`: in its attributes.
#: `unreadable`: nowhere where they can be read without running its code.
StateStorage = Literal["recorded", "shared", "mapping", "attributes", "unreadable"]


@record(frozen=True)
class ObservedState:
    """A state that exists at the end of startup.

    Attributes:
        prefix: of the addresses of its entries; empty: the application's own.
        type: the name of its type.
        application: the name of the type of the application that it belongs to; empty: the state is the target.
        storage: where its entries are; only writes to a recorded state are seen.
        attributed: whether it was found in the target. If not, its entries have no addresses.
        location: where the application was created.
    """

    prefix: str
    type: str
    application: str = ""
    storage: StateStorage = "recorded"
    attributed: bool = True
    location: Location | None = None


@record(frozen=True)
class StaleReference:
    """A component that still reaches an object which has been replaced in the state.

    Attributes:
        holder: the address of the component that reaches it.
        path: from the holder to the object.
        component: the address of the entry that held the object.
        version: the object's `StateChange.version`.
        type: the name of the object's type.
    """

    holder: str
    path: str
    component: str
    version: str
    type: str
