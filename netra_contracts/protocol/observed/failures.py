"""Why a stage failed, and where tasks and threads were at that moment."""

from __future__ import annotations

from typing import Literal

from ..location import Location
from ..record import record
from ..stages import StageName


@record(frozen=True)
class ExceptionInfo:
    """One exception of a chain.

    Attributes:
        type: the qualified name of its class.
        message: its text, masked.
        trace: the lines of its traceback, outermost first.
        location: the most relevant of these lines; None: another exception of the chain explains more.
        calls: those of its lines that are the target's own code: the calls that led to it.
        link: how the previous exception of the chain refers to this one: as `__cause__` or as `__context__`.
        failed_read: the sequence number of the failed read of a state (`StateChange.seq`) that raised it.
        variables: the variables of the environment that it says are missing.
        host: the host whose name could not be resolved.
        none_attributes: the attributes that the line reads, if the exception says that an object is None.
    """

    type: str
    message: str
    trace: tuple[Location, ...] = ()
    location: Location | None = None
    calls: tuple[Location, ...] = ()
    link: Literal["", "cause", "context"] = ""
    failed_read: int | None = None
    variables: tuple[str, ...] = ()
    host: str = ""
    none_attributes: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """`Type: message`, or the type alone."""
        return f"{self.type}: {self.message}" if self.message else self.type


@record(frozen=True)
class CaughtException:
    """An exception that the application raised while it was built or started, and that something caught.

    Attributes:
        chain: the exception and those that led to it.
        ms: when it was caught.
        skipped: names that would have been set if it had not been raised: of attributes, keys and variables.
        results: names that are set to what the functions returned in which it was caught.
        handler: the line of the `except` or `with` that caught it; None: code of a library or asyncio did.
        task_created: the line that created the task in which it was caught; None: unknown, or the task of the stage.
    """

    chain: tuple[ExceptionInfo, ...]
    ms: float
    skipped: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    handler: Location | None = None
    task_created: Location | None = None


@record(frozen=True)
class Holder:
    """What keeps a reference to a task, a future, a thread or a process.

    Attributes:
        kind: an entry of a state, a global of a module of the application, or a local variable of a suspended function.
        path: from there to the object, such as `bridge._task`, `app.workers.TASKS` or `task`.
        owner: the address of the component, the name of the module, or of the function.
    """

    kind: Literal["component", "module", "local"]
    path: str
    owner: str


@record(frozen=True)
class StackSnapshot:
    """The stack of a task or a thread, or a child process, which has none.

    Attributes:
        lines: innermost first.
        main: whether it is the main thread, or the task that runs the stage.
        location: the first line that belongs to the application.
        started: the line that started it, for what is left after the shutdown.
        started_in: the stage in which that was; None: unknown.
        holder: what keeps a reference to it.
        function: of what is left after the shutdown, what was started: `module:function`, or a command; empty: unknown.
        own: whether that function is the target's own code.
    """

    kind: Literal["task", "thread", "process"]
    name: str
    lines: tuple[Location, ...] = ()
    main: bool = False
    location: Location | None = None
    started: Location | None = None
    started_in: StageName | None = None
    holder: Holder | None = None
    function: str = ""
    own: bool = False


#: `factory-not-called`: the target is a factory, and the user asked not to call it. `raised-before-answer`: the
#: application raised before it answered the lifespan protocol. `ended-early`: its lifespan raised or returned after
#: startup, and before shutdown was requested. `protocol`: it broke the lifespan protocol.
FailureKind = Literal[
    "module-not-found",
    "attribute-not-found",
    "import-raised",
    "factory-raised",
    "factory-arguments",
    "factory-not-called",
    "not-a-target",
    "raised",
    "failed",
    "raised-before-answer",
    "ended-early",
    "protocol",
    "exited",
    "timeout",
    "died",
]


@record(frozen=True)
class StageFailure:
    """One reason why a stage did not succeed.

    Attributes:
        message: a sentence.
        chain: the exception and those that led to it, the raised one first.
        missing: the module, attribute or arguments that do not exist.
        near: the nearest name that exists.
        found_in: the folder, relative to the import folder, that contains the missing module.
        failed_read: the sequence number of the failed read (`StateChange.seq`) that led to it.
        status: the exit status of the process, negative for a signal.
        stacks: where tasks and threads were.
        cycle: the modules of a circular import, in order.
    """

    kind: FailureKind
    message: str = ""
    chain: tuple[ExceptionInfo, ...] = ()
    location: Location | None = None
    missing: str = ""
    near: str = ""
    found_in: str = ""
    failed_read: int | None = None
    status: int | None = None
    stacks: tuple[StackSnapshot, ...] = ()
    cycle: tuple[str, ...] = ()
