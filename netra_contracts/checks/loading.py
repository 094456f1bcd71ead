"""NC101 to NC107, NC113, NC114: the target could not be found, imported, built, or did not live to tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.checks.engine import exception_hints
from netra_contracts.checks.engine.check import Check, Context
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.failures import ExceptionInfo, FailureKind, StageFailure
from netra_contracts.protocol.observation import Stage
from netra_contracts.protocol.stages import during


def causes_of(fault: StageFailure) -> tuple[Cause, ...]:
    """The exceptions behind the first one, nearest first."""
    words = {"cause": "caused by", "context": "while handling", "": "raised"}
    return tuple(
        Cause(message=f"{words[raised.link]} {headline(raised)}", location=raised.location)
        for raised in fault.chain[1:]
    )


def headline(raised: ExceptionInfo) -> str:
    """An exception in one line."""
    text = " ".join(raised.message.split())
    return f"{raised.type}: {text}" if text else raised.type


def one_line(text: str) -> str:
    """A message without line breaks: reports put it into a sentence."""
    return " ".join(text.split())


class StageCheck(Check):
    """A check that reports faults of stages. Subclasses say which, and how to put it."""

    kinds: frozenset[FailureKind]

    def message(self, stage: Stage, fault: StageFailure, context: Context) -> str:
        """What is wrong."""
        return one_line(fault.message)

    def hint(self, fault: StageFailure, context: Context) -> str:
        """What to do."""
        return exception_hints.for_fault(fault)

    def concerns(self, stage: Stage, fault: StageFailure) -> bool:
        """Whether a fault is this check's."""
        return fault.kind in self.kinds and stage.name != "shutdown"

    def faults(self, context: Context) -> Iterator[tuple[Stage, StageFailure]]:
        """The faults that are this check's, in order."""
        for stage in context.observation.stages:
            for fault in stage.faults:
                if self.concerns(stage, fault):
                    yield stage, fault

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each fault."""
        for stage, fault in self.faults(context):
            yield Finding(
                code=self.code,
                severity=self.severity,
                message=self.message(stage, fault, context),
                subject=self.subject(stage, fault),
                location=fault.location,
                causes=causes_of(fault),
                hint=self.hint(fault, context),
                stacks=fault.stacks,
            )

    def subject(self, stage: Stage, fault: StageFailure) -> str:
        """What tells two findings of this code apart: the stage, and the exception's type."""
        return ":".join([stage.name, *[raised.type for raised in fault.chain[:1]], fault.missing]).rstrip(":")


class ModuleNotFound(StageCheck):
    """## What it does

    Reports that the module named by the target, or one of its parents, does not exist on the import path.

    ## Why it matters

    Nothing was started, so nothing is known. A server started with the same words would fail the same way.

    ## Example

    ```console
    $ netra-contracts check myap.main:app
    error[NC101] No module named 'myap'
    ```

    ## What to do

    Correct the name, run the command where the package is, or say where it is with `--app-dir`. If the module is
    installed elsewhere, name that interpreter with `--python`.
    """

    code = "NC101"
    name = "module-not-found"
    kinds = frozenset(["module-not-found"])

    def message(self, stage: Stage, fault: StageFailure, context: Context) -> str:
        """Names the part of the path that is missing."""
        module = context.observation.target.module
        if fault.missing and fault.missing != module:
            return f"there is no module `{fault.missing}`, so there is no `{module}`"
        return f"there is no module `{module}`"

    def hint(self, fault: StageFailure, context: Context) -> str:
        """The nearest module, or where one of this name lies."""
        target = context.observation.target
        if fault.near.startswith("--app-dir"):
            return f"it lies in another folder: try `{fault.near}`"
        if fault.near:
            return f"did you mean `{fault.near}`?"
        return (
            f"looked in {target.app_dir or target.cwd} and in the packages of {target.executable or 'the interpreter'}"
        )


class AttributeNotFound(StageCheck):
    """## What it does

    Reports that the target's module was imported but has no such attribute.

    ## Why it matters

    Nothing was started, so nothing is known.

    ## Example

    ```console
    $ netra-contracts check myapp.main:ap
    error[NC102] myapp.main has no attribute 'ap'
    ```

    ## What to do

    Correct the name; the nearest one is given. Without a name after the module, an application called `app`, `api` or
    `application`, any instance of a known framework, or a factory such as `create_app` is looked for.
    """

    code = "NC102"
    name = "attribute-not-found"
    kinds = frozenset(["attribute-not-found"])

    def hint(self, fault: StageFailure, context: Context) -> str:
        """The nearest name."""
        return f"did you mean `{fault.near}`?" if fault.near else "name the application, e.g. `myapp.main:app`"


class ImportRaised(StageCheck):
    """## What it does

    Reports that the target's module exists but raised while it was imported, with the real cause: a missing dependency
    of the module, a circular import, a missing environment variable.

    ## Why it matters

    Servers often show such a failure as "could not import", and its cause is lost.

    ## Example

    ```python
    import os

    DATABASE_URL = os.environ["DATABASE_URL"]  # KeyError where the variable is not set
    ```

    ## What to do

    Follow the cause chain. Give the target its environment under `[tool.netra-contracts.env]` or with `--env-file`, and
    move work that needs services out of the import into the lifespan.
    """

    code = "NC103"
    name = "import-raised"
    kinds = frozenset(["import-raised"])

    def message(self, stage: Stage, fault: StageFailure, context: Context) -> str:
        """Names the exception, and the circle of a circular import."""
        module = context.observation.target.module
        if fault.circle:
            return f"importing `{module}` goes in a circle: {' -> '.join(fault.circle)}"
        return f"importing `{module}` raised {one_line(fault.message)}"


class FactoryRaised(StageCheck):
    """## What it does

    Reports that the target is a factory and raised when it was called.

    ## Why it matters

    There is no application to check, or to serve.

    ## Example

    ```python
    def create_app() -> FastAPI:
        settings = Settings()  # ValidationError: a required setting is missing
        ...
    ```

    ## What to do

    Follow the cause chain; give the target the environment that the factory needs.
    """

    code = "NC104"
    name = "factory-raised"
    kinds = frozenset(["factory-raised"])

    def message(self, stage: Stage, fault: StageFailure, context: Context) -> str:
        """Names the factory and the exception."""
        return f"calling `{context.observation.target.spec}` raised {one_line(fault.message)}"


class TargetExited(StageCheck):
    """## What it does

    Reports that the target ended its own process: `sys.exit`, `os._exit`, an exit in C code, a KeyboardInterrupt that
    it raised itself.

    ## Why it matters

    Status 0 in the middle of a startup looks like success to whoever started the process. It never is one here.

    ## Example

    ```python
    if not settings.valid:
        sys.exit(0)  # at import
    ```

    ## What to do

    Raise an exception instead, and leave the decision to end the process to the server.
    """

    code = "NC105"
    name = "target-exited"
    kinds = frozenset(["exited"])

    def concerns(self, stage: Stage, fault: StageFailure) -> bool:
        """Also in the shutdown: an exit is an exit."""
        return fault.kind in self.kinds

    def message(self, stage: Stage, fault: StageFailure, context: Context) -> str:
        """Names the status where it is known."""
        how = one_line(fault.message)
        status = "" if fault.status is None or "status" in how or "_exit" in how else f" with status {fault.status}"
        return f"the target ended its process{status} {during(stage.name)}: {how}"

    def hint(self, fault: StageFailure, context: Context) -> str:
        """Also for status 0."""
        return "raise an exception instead of ending the process; the server decides when it ends"


class DeadlinePassed(StageCheck):
    """## What it does

    Reports that import, build or startup did not end within `--startup-timeout`, and where every task and thread stood.

    ## Why it matters

    A startup without a deadline hangs a deployment: health checks fail, nothing is logged, and nobody knows on what it
    waits.

    ## Example

    ```python
    @asynccontextmanager
    async def lifespan(app):
        await broker.connect()  # waits for ever when the broker is down
        yield
    ```

    ## What to do

    Put a deadline on what is waited for (`asyncio.timeout`), start the service that it waits for, or allow more time
    with `--startup-timeout`.
    """

    code = "NC106"
    name = "deadline-passed"
    kinds = frozenset(["timeout"])

    def hint(self, fault: StageFailure, context: Context) -> str:
        """Deadlines, or more time."""
        return "put a deadline on what it waits for, or allow more time with `--startup-timeout`"


class ProcessDied(StageCheck):
    """## What it does

    Reports that the target's process was killed by a signal: a segmentation fault in C code, the system's memory
    killer, a `kill` of its own.

    ## Why it matters

    No exception is raised and no log is written: the process is just gone.

    ## Example

    ```text
    error[NC107] the process was killed by SIGSEGV during startup
      --> app/native.py:12
    ```

    ## What to do

    The location is the last line of Python that ran. Look there for calls into C extensions, and at memory limits for
    SIGKILL.
    """

    code = "NC107"
    name = "process-died"
    kinds = frozenset(["died"])

    def concerns(self, stage: Stage, fault: StageFailure) -> bool:
        """Also in the shutdown."""
        return fault.kind in self.kinds

    def hint(self, fault: StageFailure, context: Context) -> str:
        """Where to look."""
        if fault.status == -9:
            return "SIGKILL comes from outside, or from the process itself: look at memory limits, and for os.kill"
        return "look at the last line of Python that ran, and at the C code that it calls"


class FactoryArguments(StageCheck):
    """## What it does

    Reports that the target is a factory that cannot be called without arguments, and names them.

    ## Why it matters

    A server cannot call it either: `--factory` calls without arguments.

    ## Example

    ```python
    def create_app(settings: Settings) -> FastAPI: ...
    ```

    ## What to do

    Give the parameters defaults, or name a small factory that calls this one with what it needs.
    """

    code = "NC113"
    name = "factory-arguments"
    kinds = frozenset(["factory-arguments"])

    def hint(self, fault: StageFailure, context: Context) -> str:
        """Defaults, or a factory around it."""
        return "give them defaults, or name a function without parameters that calls it"


class NotATarget(StageCheck):
    """## What it does

    Reports that the named object, or what the factory returned, is neither an ASGI application, nor a factory, nor a
    state.

    ## Why it matters

    A factory that forgets its `return` gives None; a server fails at the first request.

    ## Example

    ```python
    def create_app():
        app = FastAPI()
        # no return
    ```

    ## What to do

    Return the application, or name another object.
    """

    code = "NC114"
    name = "not-a-target"
    kinds = frozenset(["not-a-target"])

    def hint(self, fault: StageFailure, context: Context) -> str:
        """Another name, or a return."""
        if fault.near == "--factory":
            return "leave `--no-factory` out, so that the factory is called"
        if fault.near:
            return f"did you mean `{fault.near}`?"
        return "name an application or a factory; a factory must return what it made"


CHECKS: tuple[Check, ...] = (
    ModuleNotFound(),
    AttributeNotFound(),
    ImportRaised(),
    FactoryRaised(),
    TargetExited(),
    DeadlinePassed(),
    ProcessDied(),
    FactoryArguments(),
    NotATarget(),
)
