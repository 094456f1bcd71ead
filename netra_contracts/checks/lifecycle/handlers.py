"""Checks of startup handlers and of mounted applications: NC111, NC112, NC115."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.components.presence import ComponentMissing, ComponentNone
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.wording import function_at
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.protocol.address import last_name, parse_address
from netra_contracts.protocol.observed.observation import MountedApp, StartupHandler


def _startup_handler(handler: StartupHandler) -> str:
    """Names a handler, with the mounted application that it was registered on, if it was one."""
    mount = f" of the application mounted at `{handler.registered_on}`" if handler.registered_on else ""
    return f"the startup handler `{handler.name}`{mount}"


def _subject(handler: StartupHandler) -> str:
    """Which handler: its function, and the mounted application that it was registered on."""
    return " ".join(filter(None, (handler.registered_on, function_at(handler.location, handler.name))))


class HandlersNeverRan(Check):
    """## What it does

    Reports startup handlers (`on_event("startup")`, `on_startup`) that were registered but not called.

    ## Why it matters

    An application that is created with `lifespan=` ignores them without a warning, including those that a library
    registers.

    ## Example

    ```python
    app = FastAPI(lifespan=lifespan)


    @app.on_event("startup")
    async def connect(): ...  # never called
    ```

    ## What to do

    Move the work of the handler into the lifespan.
    """

    code = "NC111"
    name = "startup-handler-never-ran"
    family = LIFECYCLE
    observes_whole_run = True
    after_startup = True
    severity = Severity.WARNING

    def concludes(self, context: Context, component: str | None) -> bool:
        """Of some handlers it is unknown whether they ran; those of a lifespan that never ran are part of NC112."""
        seen = context.observation
        unknown = any(handler.calls is None for handler in seen.handlers)
        return not (unknown or any(mounted.entered is False for mounted in seen.mounts))

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each handler. Only after a successful startup: a failed one may not have reached it."""
        # A mounted application whose lifespan never ran is one finding, its handlers included.
        unentered = {mounted.path for mounted in context.observation.mounts if mounted.entered is False}
        for handler in context.observation.handlers:
            if handler.calls == 0 and handler.registered_on not in unentered:
                yield self.finding(
                    f"{_startup_handler(handler)} was registered but never ran",
                    subject=_subject(handler),
                    location=handler.location,
                    hint="an application with `lifespan=` ignores `on_event` handlers: move its work into the lifespan",
                )

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What the handler would have set."""
        for handler in context.observation.handlers:
            if _subject(handler) == finding.subject and handler.location == finding.location:
                for missing in findings.of(ComponentMissing, ComponentNone):
                    if last_name(missing.component) in handler.stores:
                        yield missing


class MountedLifespanNeverRan(Check):
    """## What it does

    Reports a mounted application that has a lifespan or startup handlers of its own which were never run.

    ## Why it matters

    Frameworks run the lifespan of the outermost application only. The mounted application serves requests without its
    startup. The same is true of an application inside a wrapper that does not forward the lifespan, and of those that
    a dispatcher passes requests to.

    ## Example

    ```python
    app = FastAPI()
    app.mount("/mcp", mcp.http_app())  # its session manager is never started
    ```

    ## What to do

    Run it in the lifespan of the outer application: `async with sub.router.lifespan_context(sub): yield`, or pass it
    on with `lifespan=` if the library documents that.
    """

    code = "NC112"
    name = "mounted-lifespan-never-ran"
    family = LIFECYCLE
    after_startup = True
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each mount. If it is unknown whether the lifespan was entered, it was not checked."""
        for mounted in context.observation.mounts:
            if mounted.has_lifespan and mounted.entered is None:
                reason = "it is unknown whether its lifespan ran: it ran for another application, or cannot be observed"
                yield NotRun(code=self.code, subject=mounted.path or mounted.type, reason=reason)
            elif mounted.has_lifespan and not mounted.entered:
                yield self._finding(mounted)

    def _finding(self, mounted: MountedApp) -> Finding:
        hint = (
            "run it in the lifespan of the outer application: "
            "`async with sub.router.lifespan_context(sub): yield`, or pass it on with `lifespan=`"
        )
        name = f"mounted at `{mounted.path}`"
        if not mounted.path:
            name = "inside the wrapper"
            hint = "let the wrapper pass scopes whose type is `lifespan` to the application"
        return self.finding(
            f"the lifespan of the application {name} never ran",
            subject=mounted.path or mounted.type,
            location=mounted.location,
            hint=hint,
        )

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What the application's startup would have set."""
        for missing in findings.of(ComponentMissing, ComponentNone):
            mount = finding.subject if finding.subject.startswith("/") else ""
            if parse_address(missing.component).prefix == mount:
                yield missing


class HandlerRanTwice(Check):
    """## What it does

    Reports a startup handler that was called more than once during one startup.

    ## Why it matters

    It creates two pools, two schedulers or two consumers, and the first one is never closed. FastAPI runs the handlers
    of an included router both for the router and for the application that includes it.

    ## Example

    ```python
    router = APIRouter()


    @router.on_event("startup")
    async def connect(): ...


    app = FastAPI()
    app.include_router(router)  # `connect` runs twice
    ```

    ## What to do

    Move the work of the handler into the application's lifespan.
    """

    code = "NC115"
    name = "startup-handler-ran-twice"
    family = LIFECYCLE
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each handler."""
        for handler in context.observation.handlers:
            if handler.calls is not None and handler.calls > 1:
                times = "twice" if handler.calls == 2 else f"{handler.calls} times"
                yield self.finding(
                    f"{_startup_handler(handler)} ran {times}",
                    subject=_subject(handler),
                    location=handler.location,
                    hint="move its work into the application's lifespan, which runs once",
                )


CHECKS: tuple[Check, ...] = (
    HandlersNeverRan(),
    MountedLifespanNeverRan(),
    HandlerRanTwice(),
)
