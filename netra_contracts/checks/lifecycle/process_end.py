"""Checks of a process that ended, or did not end a stage in time: NC105 to NC107."""

from __future__ import annotations

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.explanations import exception_hints
from netra_contracts.checks.engine.explanations.exception_text import one_line
from netra_contracts.checks.engine.stage_check import StageCheck
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.protocol.observed.failures import StageFailure
from netra_contracts.protocol.observed.observation import Stage
from netra_contracts.protocol.stages import during


class TargetExited(StageCheck):
    """## What it does

    Reports that the target ended its own process: by `sys.exit`, `os._exit`, an exit in C code, or a
    `KeyboardInterrupt` that it raised itself.

    ## Why it matters

    Exit status 0 during startup looks like success to the process that started it. The tool always reports it as a
    failure.

    ## Example

    ```python
    if not settings.valid:
        sys.exit(0)  # at import
    ```

    ## What to do

    Raise an exception instead. The server decides when the process ends.
    """

    code = "NC105"
    name = "target-exited"
    family = LIFECYCLE
    lists_log = "always"
    kinds = frozenset(["exited"])

    def concerns(self, stage: Stage, failure: StageFailure) -> bool:
        """Also during shutdown."""
        return failure.kind in self.kinds

    def message(self, stage: Stage, failure: StageFailure, context: Context) -> str:
        """Names the exit status, if it is known."""
        how = one_line(failure.message)
        status = "" if failure.status is None or "status" in how or "_exit" in how else f" with status {failure.status}"
        return f"the target ended its process{status} {during(stage.name)}: {how}"

    def hint(self, failure: StageFailure, context: Context) -> str:
        """Also for status 0."""
        if exception_hints.serves_itself(failure):
            return exception_hints.SERVES_ITSELF
        return "raise an exception instead; the server decides when the process ends"


class DeadlinePassed(StageCheck):
    """## What it does

    Reports that import, build or startup did not end within `--startup-timeout`, and shows the stack of every task and
    thread at that moment.

    ## Why it matters

    A startup without a timeout can hang a deployment: health checks fail, nothing is logged, and it is unclear what
    the application waits for.

    ## Example

    ```python
    @asynccontextmanager
    async def lifespan(app):
        await broker.connect()  # waits forever if the broker is down
        yield
    ```

    ## What to do

    Set a timeout for the operation (`asyncio.timeout`), start the service that it waits for, or allow more time with
    `--startup-timeout`.
    """

    code = "NC106"
    name = "deadline-passed"
    family = LIFECYCLE
    lists_log = "unexplained"
    kinds = frozenset(["timeout"])

    def hint(self, failure: StageFailure, context: Context) -> str:
        """A timeout, or more time."""
        if exception_hints.serves_itself(failure):
            return exception_hints.SERVES_ITSELF
        return "set a timeout for what it waits for, or allow more time with `--startup-timeout`"


class ProcessDied(StageCheck):
    """## What it does

    Reports that the target's process was killed by a signal: a segmentation fault in C code, the out-of-memory
    killer, or its own call of `os.kill`.

    ## Why it matters

    The process ends without an exception and without a log entry.

    ## Example

    ```text
    error[NC107] the process was killed by SIGSEGV during startup
      --> app/native.py:12
    ```

    ## What to do

    The location is the last Python line that ran. Check whether it calls a C extension; for SIGKILL, check memory
    limits.
    """

    code = "NC107"
    name = "process-died"
    family = LIFECYCLE
    lists_log = "unexplained"
    kinds = frozenset(["died"])

    def concerns(self, stage: Stage, failure: StageFailure) -> bool:
        """Also during shutdown."""
        return failure.kind in self.kinds

    def hint(self, failure: StageFailure, context: Context) -> str:
        """What to check."""
        if failure.status == -9:
            return "SIGKILL is sent from outside, or by the process itself: check memory limits, and calls of `os.kill`"
        return "check the last Python line that ran, and the C code that it calls"


CHECKS: tuple[Check, ...] = (
    TargetExited(),
    DeadlinePassed(),
    ProcessDied(),
)
