"""What the probe observed of the import and of the lifespan, beside the state: for checks that need no contract."""

from __future__ import annotations

from typing import Literal

from ..location import Location
from ..record import record

#: What it is.
OpenedKind = Literal["thread", "socket", "event loop", "process"]


@record(frozen=True)
class OpenedAtImport:
    """Something that a forked process does not get intact, opened before startup and still open at its end.

    Attributes:
        kind: what it is.
        name: of a thread the function, as `module:function`, of a process the command, of a socket what it is used
            for, of an event loop its type.
        location: the line of the application that led to it; None: unknown.
        stage: whether the import opened it, or the call of a factory.
        of_framework: whether it runs code of the framework, which starts it for each application.
    """

    kind: OpenedKind
    name: str
    location: Location | None = None
    stage: Literal["import", "build"] = "import"
    of_framework: bool = False


@record(frozen=True)
class AbandonedGenerator:
    """An asynchronous generator that own code advanced to a `yield` by hand, and that nothing resumes in the shutdown.

    Attributes:
        function: the generator's function.
        location: the `yield`.
        advanced: the line that advanced it.
        dropped: whether startup dropped it; else it still waits, or the shutdown dropped it.
    """

    function: str
    location: Location
    advanced: Location
    dropped: bool = False


@record(frozen=True)
class UnseenVariable:
    """A context variable that the lifespan sets, and that code of requests reads and never sets.

    Attributes:
        name: `module:NAME`, or `module:Class.attribute`.
        location: the line that sets it; None: unknown.
        reads: lines that read it.
    """

    name: str
    location: Location | None = None
    reads: tuple[Location, ...] = ()


@record(frozen=True)
class DroppedMapping:
    """A mapping that a lifespan yielded and that did not reach the state of the application's scope.

    Attributes:
        function: the name of the lifespan.
        keys: those that are not in the state.
        location: the `yield`.
        entered: where the lifespan was entered.
    """

    function: str
    keys: tuple[str, ...]
    location: Location | None = None
    entered: Location | None = None


@record(frozen=True)
class YieldedObject:
    """What a lifespan yielded, if it was no mapping. `location`: the `yield`."""

    type: str
    location: Location | None = None


@record(frozen=True)
class ImportedModule:
    """The import of one module.

    Attributes:
        module: its name.
        own: whether it is the target's own code.
        ms: how long its code ran, with the imports that this caused.
        self_ms: the same without these.
        imported_by: the module that imported it first; empty: unknown.
    """

    module: str
    own: bool
    ms: float
    self_ms: float
    imported_by: str = ""
