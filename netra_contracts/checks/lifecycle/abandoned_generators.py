"""The check of generators that startup advances by hand: NC121."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.wording import function_at
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.observed.lifecycle import AbandonedGenerator


class LifespanGeneratorAbandoned(Check):
    """## What it does

    Reports an asynchronous generator of the application that startup advances to its `yield` by hand (`__anext__()`,
    `anext()`, `asend(None)`, `__aenter__()` of its context manager, or an `AsyncExitStack` that is never closed), and
    that the shutdown does not resume: what follows the `yield` does not run at shutdown.

    Not reported: generators that `async with`, `async for` or a library advances, those that shutdown resumes or
    closes, those that yield in a loop, and those with nothing after their `yield`.

    ## Why it matters

    If nothing refers to the generator, asyncio closes it at once: code after the `yield` never runs, and a `finally` or
    `with` releases during startup what the application is about to use. If something does, it waits until the event
    loop is closed.

    ## Example

    ```python
    async def database(app):
        async with create_pool() as app.state.pool:
            yield

    @asynccontextmanager
    async def lifespan(app):
        await database(app).__anext__()  # the pool is closed before the first request
        yield
    ```

    ## What to do

    Make a context manager of it with `asynccontextmanager`, and enter it with `async with` around the `yield` of the
    lifespan, or with an `AsyncExitStack`.
    """

    code = "NC121"
    name = "lifespan-generator-abandoned"
    family = LIFECYCLE
    observes_whole_run = True
    after_startup = True
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each generator function and function that advances it."""
        return map(self._finding, dict.fromkeys(context.observation.abandoned_generators))

    def _finding(self, abandoned: AbandonedGenerator) -> Finding:
        then = (
            "nothing referred to it any more, and asyncio closed it during startup"
            if abandoned.dropped
            else "the shutdown did not resume it"
        )
        return self.finding(
            f"nothing resumes the generator `{abandoned.function}` after its `yield`: the rest of it never runs at "
            "shutdown",
            subject=f"{function_at(abandoned.location, abandoned.function)} by {function_at(abandoned.advanced)}",
            location=abandoned.location,
            causes=(
                Cause(message="it was advanced to its `yield` here", location=abandoned.advanced),
                Cause(message=then),
            ),
            hint="enter it with `async with`, as a context manager that `asynccontextmanager` makes of it, or close it",
        )


CHECKS: tuple[Check, ...] = (LifespanGeneratorAbandoned(),)
