"""Checks of how startup and shutdown ended: NC108 to NC110, NC116."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.checks.components.family import COMPONENTS
from netra_contracts.checks.components.use_of_none import causes_of_use
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.explanations import exception_hints
from netra_contracts.checks.engine.explanations.exception_text import hidden_error, one_line
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.stage_check import StageCheck, exception_subject
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.checks.order_and_wiring.wiring import WiredToAnother
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.observed.failures import StageFailure
from netra_contracts.protocol.observed.observation import Stage

#: `LifespanOn.main` of uvicorn: https://github.com/encode/uvicorn/blob/0.30.0/uvicorn/lifespan/on.py
_SERVED_ON = "servers go on serving requests without what the lifespan has cleaned up"
_TASK_GROUP_HINT = (
    f"{_SERVED_ON}: catch the exception in the task that raised it; a task group or a timeout around the `yield` ends "
    "the lifespan"
)
_RETURNED_HINT = (
    f"{_SERVED_ON}: let no cancel scope end the lifespan at its `yield`; without a framework, wait for "
    "`lifespan.shutdown` and answer it"
)
_RACE_HINT = "if it does not fail with `--settle 5`, it fails only when it comes too soon after startup"


def _broken_at_marks(findings: Findings, context: Context) -> Iterator[Finding]:
    """Contracts that were broken when their marked phase ended: a later failure of startup follows from them."""
    if context.evidence.started:
        return
    for finding in findings.of(COMPONENTS, WiredToAnother):
        contract = context.contracts.by_component.get(finding.component)
        is_severe = finding.severity is Severity.ERROR or isinstance(findings.check_of(finding), WiredToAnother)
        if contract is not None and is_severe and context.contracts.is_judged_at_mark(contract):
            yield finding


class StartupFailed(StageCheck):
    """## What it does

    Reports that the application's startup failed: it raised an exception, or answered `lifespan.startup.failed`.
    Starlette does both, which is reported once.

    ## Why it matters

    The application does not serve requests. Some servers and test clients serve it all the same, without its state.

    ## Example

    ```text
    error[NC108] startup failed: ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 5432)
      --> app/startup.py:41
    ```

    ## What to do

    Follow the cause chain. In CI, start the services that the startup connects to.
    """

    code = "NC108"
    name = "startup-failed"
    family = LIFECYCLE
    lists_log = "unexplained"
    reports_exception = True
    kinds = frozenset(["raised", "failed"])

    def message(self, stage: Stage, failure: StageFailure, context: Context) -> str:
        """Names the original exception, not one that a clean-up raised while handling it."""
        yielded = context.observation.not_a_mapping
        if yielded is not None:
            name = yielded.type.replace(":", ".")
            return f"startup failed: the lifespan yields an object of type `{name}`, not a mapping"
        hidden = hidden_error(failure)
        if hidden is not None:
            return f"startup failed: {one_line(failure.chain[hidden].headline)}"
        return f"startup failed: {one_line(failure.message)}"

    def judge(self, context: Context) -> Iterable[Finding]:
        """As for any stage; if a clean-up hid the original error, the finding is located at the original error."""
        for (_, failure), finding in zip(self.failures(context), super().judge(context), strict=True):
            yielded = context.observation.not_a_mapping
            if yielded is not None:
                update = {
                    "location": yielded.location or finding.location,
                    "causes": (Cause(message=f"this raised {one_line(failure.message)}", location=failure.location),),
                }
                yield finding.model_copy(update=update)
                continue
            hidden = hidden_error(failure)
            if hidden is None:
                yield finding
                continue
            raised, first = failure.chain[0], failure.chain[hidden]
            later = Cause(
                message=f"hidden by {one_line(raised.headline)}, which was raised while this error was handled",
                location=raised.location,
            )
            location = first.location or finding.location
            yield finding.model_copy(
                update={"location": location, "calls": first.calls, "trace": first.trace, "causes": (later,)}
            )

    def hint(self, failure: StageFailure, context: Context) -> str:
        """What a lifespan may yield, or a hint from the exception."""
        if context.observation.not_a_mapping is not None:
            return 'yield nothing, or a mapping of names to objects: `yield {"pool": pool}`'
        return super().hint(failure, context)

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Also contracts that were broken when an earlier marked phase ended."""
        yield from super().follows_from(finding, findings, context)
        yield from _broken_at_marks(findings, context)


class RaisedBeforeAnswer(StageCheck):
    """## What it does

    Reports that the application raised an exception before it answered the `lifespan.startup` event.

    ## Why it matters

    Servers treat this as an application that does not support the lifespan protocol, and serve it without its startup:
    every request then fails with `'State' object has no attribute ...`.

    ## Example

    ```python
    class PathMiddleware:
        async def __call__(self, scope, receive, send):
            if scope["path"].startswith("/old"):  # KeyError: the lifespan scope has no path
                ...
    ```

    ## What to do

    Let middleware pass through every scope whose `type` is not `http` or `websocket`.
    """

    code = "NC109"
    name = "raised-before-answer"
    family = LIFECYCLE
    reports_exception = True
    kinds = frozenset(["raised-before-answer"])

    def message(self, stage: Stage, failure: StageFailure, context: Context) -> str:
        """Names the exception."""
        return f"the application raised before it answered `lifespan.startup`: {one_line(failure.message)}"

    def hint(self, failure: StageFailure, context: Context) -> str:
        """How servers treat it."""
        return exception_hints.hint_for(failure) or (
            "servers treat this as an application without lifespan support and serve it without its startup: let "
            "middleware pass through scopes whose type is not `http` or `websocket`"
        )

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Also contracts that were broken when an earlier marked phase ended."""
        yield from super().follows_from(finding, findings, context)
        yield from _broken_at_marks(findings, context)


class ShutdownFailed(StageCheck):
    """## What it does

    Reports that shutdown raised an exception, answered `lifespan.shutdown.failed`, or did not end within
    `--shutdown-timeout`. Also that the lifespan ended before shutdown was requested.

    ## Why it matters

    Connections stay open, work is lost, and an orchestrator waits for its grace period before it kills the process.
    If the lifespan ends early, servers go on serving requests without what it has cleaned up.

    ## Example

    ```python
    yield
    await app.state.pool.close()  # AttributeError: startup never set it
    ```

    ## What to do

    Register the clean-up of a resource where it is created (`AsyncExitStack`, nested `async with`), and set timeouts
    for what the clean-up waits for. A task group around the `yield` ends the lifespan if one of its tasks fails: catch
    exceptions in each task.

    `check` begins the shutdown soon after the startup; the cause chain says how soon. If background work that startup
    began is not yet ready then, that is a race and not a leak: it does not fail with `--settle 5`.
    """

    code = "NC110"
    name = "shutdown-failed"
    family = LIFECYCLE
    severity = Severity.WARNING
    reports_exception = True
    kinds = frozenset(["raised", "failed", "timeout", "protocol", "ended-early"])
    reported_first = False

    def concerns(self, stage: Stage, failure: StageFailure) -> bool:
        """Failures of shutdown only."""
        return stage.name == "shutdown" and failure.kind in self.kinds

    def message(self, stage: Stage, failure: StageFailure, context: Context) -> str:
        """Names the exception or the timeout."""
        message = one_line(failure.message)
        if failure.kind == "ended-early":
            return f"the lifespan ended before shutdown was requested: {message}"
        return message if failure.kind == "timeout" else f"shutdown failed: {message}"

    def hint(self, failure: StageFailure, context: Context) -> str:
        """A timeout, or a hint from the exception."""
        if failure.kind == "timeout":
            return "set a timeout for what it waits for, or allow more time with `--shutdown-timeout`"
        hint = exception_hints.hint_for(failure)
        if failure.kind == "ended-early":
            return hint or (_TASK_GROUP_HINT if failure.chain else _RETURNED_HINT)
        unset = failure.failed_read is not None or any(raised.none_attributes for raised in failure.chain)
        soon = context.evidence.shutdown_delay is not None and failure.kind in ("raised", "failed") and not unset
        return hint or (_RACE_HINT if soon else "")

    def subject(self, stage: Stage, failure: StageFailure) -> str:
        """The exception, or else how it failed."""
        return exception_subject(failure) or failure.kind

    def judge(self, context: Context) -> Iterable[Finding]:
        """As for any stage, with how soon the shutdown came after the startup, unless it came after the failure."""
        delay = context.evidence.shutdown_delay
        for (_, failure), finding in zip(self.failures(context), super().judge(context), strict=True):
            early = delay is None or failure.kind == "ended-early"
            yield finding if early else finding.model_copy(update={"causes": (*finding.causes, delay)})

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Also a component that is None and that the shutdown uses."""
        yield from super().follows_from(finding, findings, context)
        for stage, failure in self.failures(context):
            if self.subject(stage, failure) == finding.subject:
                yield from causes_of_use([failure], finding, findings)


class ProtocolViolated(StageCheck):
    """## What it does

    Reports messages that the ASGI lifespan protocol does not allow: the same answer twice, an unknown one, or none at
    all.

    ## Why it matters

    Servers handle such an application differently: one serves it, another refuses it, a third waits forever.

    ## Example

    ```python
    await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.startup.complete"})
    ```

    ## What to do

    Answer each event once, or use the framework's own lifespan implementation.
    """

    code = "NC116"
    name = "lifespan-protocol-violated"
    family = LIFECYCLE
    kinds = frozenset(["protocol"])

    def hint(self, failure: StageFailure, context: Context) -> str:
        """The specification."""
        return "answer `lifespan.startup` and `lifespan.shutdown` once each (ASGI specification, lifespan protocol)"

    def subject(self, stage: Stage, failure: StageFailure) -> str:
        """The violation itself, which does not contain line numbers."""
        return failure.message


CHECKS: tuple[Check, ...] = (
    StartupFailed(),
    RaisedBeforeAnswer(),
    ShutdownFailed(),
    ProtocolViolated(),
)
