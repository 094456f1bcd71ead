"""The check of context variables that the lifespan sets: NC120."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.observed.lifecycle import UnseenVariable


class ContextVariableNotSeen(Check):
    """## What it does

    Reports a context variable (`contextvars.ContextVar`) of the application that has another value at the end of the
    lifespan's startup than requests get, and that handlers, dependencies or middleware read.

    Not reported: variables that the startup resets, that code of requests sets itself, or that only the lifespan and
    its background tasks read; variables of libraries; applications that copy contexts themselves (`copy_context`).

    ## Why it matters

    Servers run the lifespan in a task of its own, and each request in another. A task has a copy of the context of
    whatever created it, so what the lifespan sets is visible in the lifespan and in the tasks that it starts, and in no
    request: handlers get the default, or `LookupError`.

    ## Example

    ```python
    database: ContextVar[Database] = ContextVar("database")

    @asynccontextmanager
    async def lifespan(app):
        database.set(await connect())
        yield

    @app.get("/users")
    async def users():
        return await database.get().users()  # LookupError
    ```

    ## What to do

    Set the object on `app.state`, or yield it from the lifespan, and read it from the request. To keep the variable,
    set it in a middleware or a dependency, which run in the task of the request.
    """

    code = "NC120"
    name = "context-variable-not-seen"
    family = LIFECYCLE
    after_startup = True
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each variable."""
        return map(self._finding, context.observation.unseen_variables)

    def _finding(self, unseen: UnseenVariable) -> Finding:
        name = unseen.name.partition(":")[2]
        set_here = Cause(
            message="the lifespan, which runs in a task of its own, sets it here", location=unseen.location
        )
        reads = (Cause(message="code of requests reads it here", location=location) for location in unseen.reads)
        return self.finding(
            f"the lifespan sets the context variable `{name}`, and requests do not see that value",
            subject=unseen.name,
            location=unseen.location or next(iter(unseen.reads), None),
            causes=(set_here if unseen.location is not None else None, *reads),
            hint="set the object on `app.state` or yield it from the lifespan, or set the variable in a middleware",
        )


CHECKS: tuple[Check, ...] = (ContextVariableNotSeen(),)
