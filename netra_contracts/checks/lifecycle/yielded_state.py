"""Checks of the mapping that a lifespan yields: NC119."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.components.presence import ComponentMissing
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.wording import function_at
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.address import LIFESPAN, parse_address
from netra_contracts.protocol.observed.lifecycle import DroppedMapping


class YieldedMappingDropped(Check):
    """## What it does

    Reports a mapping that a lifespan yields and that does not reach the application: whatever entered the lifespan did
    not pass it on.

    ## Why it matters

    `request.state.pool` exists only if the outermost lifespan yields it. A wrapper that enters the lifespan and yields
    nothing drops it without a warning, and the first request fails.

    ## Example

    ```python
    @asynccontextmanager
    async def with_metrics(app):
        async with lifespan(app):  # yields {"pool": pool}
            yield
    ```

    ## What to do

    Yield it again: `async with lifespan(app) as state: yield state`. If a library enters the lifespan, set the object
    on `app.state` instead. A mounted application sees only what the outermost lifespan yields.
    """

    code = "NC119"
    name = "yielded-mapping-dropped"
    family = LIFECYCLE
    after_startup = True
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each mapping."""
        return map(self._finding, context.observation.dropped_mappings)

    def _finding(self, dropped: DroppedMapping) -> Finding:
        names = ", ".join(f"`{key}`" for key in dropped.keys[:3])
        names += f" and {len(dropped.keys) - 3} more" if len(dropped.keys) > 3 else ""
        return self.finding(
            f"{names}, which the lifespan `{dropped.function}` yields, never reached the application's state",
            subject=function_at(dropped.location, dropped.function),
            location=dropped.location,
            causes=(
                Cause(message="the lifespan was entered here, and its mapping was dropped", location=dropped.entered),
            ),
            hint="yield it again where the lifespan is entered: `async with lifespan(app) as state: yield state`",
        )

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """The components that are missing because of it."""
        lost = {
            key
            for dropped in context.observation.dropped_mappings
            if dropped.location == finding.location
            for key in dropped.keys
        }
        for missing in findings.of(ComponentMissing):
            address = parse_address(missing.component)
            if address.prefix in ("", LIFESPAN) and address.name in lost:
                yield missing


CHECKS: tuple[Check, ...] = (YieldedMappingDropped(),)
