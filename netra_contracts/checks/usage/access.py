"""Checks of accesses to entries of a state: NC701, NC703, NC704."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.wording import function_at, short_location
from netra_contracts.checks.isolation.sharing import ForeignData
from netra_contracts.checks.order_and_wiring.state_changes import ReadBeforeSet
from netra_contracts.checks.usage.usage_check import (
    UsageCheck,
    component_named,
    distinct_lines,
    lines_in_words,
    other_lines,
)
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.names import nearest_name
from netra_contracts.protocol.source_usage import StateAccess, StateScope

_STATES: dict[StateScope, str] = {
    "application": "`app.state`",
    "request": "`request.state`",
    "unknown": "a state",
}
_SCOPES: tuple[StateScope, ...] = ("application", "request", "unknown")


class ReadNeverSet(UsageCheck):
    """## What it does

    Reports an entry of a state that the code of the application reads and that nothing can set: no state had it by the
    end of startup (of the application, of a mounted one, what the lifespan yielded), and no source writes it. What is
    in `app.state` alone is not in `request.state`.

    Only modules count that the application had imported when startup ended, or that their functions import, and writes
    of programs that import the target, such as a command line that serves it. An entry is left out if the code
    anywhere expects that it may be absent or None: `hasattr`, `getattr` with a default, `if app.state.pool is None`.
    Names that code of installed packages writes, as middleware does, are unknown, and so are all names if a write of a
    computed name (`setattr(app.state, name, value)`) was not seen during startup.

    ## Why it matters

    The first request that reaches the line fails with `'State' object has no attribute ...`.

    ## Example

    ```python
    app.state.connection_pool = Pool()
    ...


    @app.get("/items")
    async def items(request: Request):
        return await request.app.state.pool.fetch("items")
    ```

    ## What to do

    Set it during startup, or read the entry that is set; the report suggests the nearest one. If it may be absent, read
    it with `getattr(app.state, "pool", None)`.
    """

    code = "NC701"
    name = "read-never-set"

    def judge(self, context: Context) -> Iterable[Result]:
        """Also why nothing can be judged: once, for all checks of the family."""
        if context.uses.unknown:
            yield self.unknown(f"the use of the states was not judged: {context.uses.unknown}")
        yield from super().judge(context)

    def judge_uses(self, context: Context) -> Iterable[Result]:
        """One finding for each name and kind of state."""
        unsettled: dict[str, list[str]] = {}
        for name in context.uses.accesses:
            for scope in _SCOPES:
                reads = context.uses.reads(name, scope)
                component = component_named(context, name)
                if not reads or component in context.blocking.suppressed or self._may_be_set(context, name, scope):
                    continue
                reason = self._unknown(context, scope)
                if reason:
                    unsettled.setdefault(reason, []).append(name)
                else:
                    yield self._finding(context, component, name, reads)
        for reason, names in unsettled.items():
            yield self.unknown(f"whether {_listed(names)} can be set is unknown: {reason}")

    def concludes(self, context: Context, component: str | None) -> bool:
        """Whether nothing may write names that cannot be seen."""
        uses = context.uses
        return uses.is_known and not any(self._unknown(context, scope) for scope in _SCOPES)

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """That it is missing, or that startup itself read it."""
        yield from super().follows_from(finding, findings, context)
        yield from findings.of(ReadBeforeSet, component=finding.component)

    @staticmethod
    def _may_be_set(context: Context, name: str, scope: StateScope) -> bool:
        uses = context.uses
        return bool(
            not name
            or (not uses.is_misplaced(name, scope) and (name in uses.names_set or uses.writes(name, scope)))
            or uses.is_guarded(name)
            or uses.may_library_write(name)
            or uses.may_be_written_elsewhere(name)
        )

    @staticmethod
    def _unknown(context: Context, scope: StateScope) -> str:
        """Why something may set any name, in words; empty: nothing may."""
        if context.uses.gap:
            return context.uses.gap
        write = context.uses.unresolved_write(scope)
        return f"{short_location(write.location)} writes names that are computed" if write is not None else ""

    def _finding(self, context: Context, component: str, name: str, reads: tuple[StateAccess, ...]) -> Finding:
        lines = distinct_lines(access.location for access in reads)
        scope = reads[0].scope
        is_misplaced = context.uses.is_misplaced(name, scope)
        near = name if is_misplaced else nearest_name(name, context.uses.names_set)
        address = next(iter(context.uses.addresses(near)), near) if near else ""
        written = cause_from_change(context.evidence.first_set(address), f"`{address}` was set here") if near else None
        hint = f"did you mean `{'request.app.state.' if is_misplaced else ''}{near}`?"
        absent = "set it during startup, or read it with `getattr(..., None)` if it may be absent"
        return self.finding_about(
            context,
            component,
            f"`{name}` is read from {_STATES[scope]} at {lines_in_words(lines)}, but nothing sets it",
            subject="" if scope == "application" else scope,
            location=lines[0],
            causes=[*other_lines(lines, f"`{name}` is read"), written],
            hint=hint if near else absent,
        )


class SetNeverRead(UsageCheck):
    """## What it does

    Reports an entry that startup sets and that no source of the application reads. It is off: select it with
    `--select NC703`, or all checks with `--select NC`.

    Entries that code of installed packages may read are left out. Nothing is reported if the sources read entries with
    computed names, or if not all sources could be read.

    ## Why it matters

    It may be a leftover, or its readers may use another name. A connection that nobody uses still costs startup time.

    ## Example

    ```python
    app.state.legacy_bridge = await LegacyBridge.connect()
    ```

    ## What to do

    Remove it, or read it where it is needed.
    """

    code = "NC703"
    name = "set-never-read"
    severity = Severity.NOTE
    off_by_default = True

    def judge_uses(self, context: Context) -> Iterable[Result]:
        """One finding for each component."""
        uses = context.uses
        dynamic = uses.dynamic_read
        reason = uses.gap or (f"{short_location(dynamic.location)} reads computed names" if dynamic is not None else "")
        if reason:
            yield self.unknown(f"what is read is unknown: {reason}")
            return
        for address in context.recording.components:
            name = uses.name_of(address)
            change = context.evidence.first_set(address)
            is_used = uses.is_read(name) or uses.may_library_read(name) or uses.may_library_write(name)
            if change is None or is_used or address in context.blocking.suppressed:
                continue
            yield self.finding(
                f"`{address}` is set, and no source of the application reads it",
                component=address,
                causes=[cause_from_change(context.evidence.last_write(address), f"`{address}` was set here")],
                hint="remove it, or read it where it is needed",
            )

    def concludes(self, context: Context, component: str | None) -> bool:
        """Whether everything that reads is known."""
        return context.uses.is_known and not context.uses.gap and context.uses.dynamic_read is None


class UserDataInState(UsageCheck):
    """## What it does

    Reports code that runs for a request and writes what it got from that request into the state of the application.
    Code that adds to the entry, as `app.state.total += 1` does, or writes below it, as into a dict of sessions, is not
    reported.

    ## Why it matters

    All requests share the application's state. While one user's request waits for something, another user's request
    overwrites the entry, and the first one goes on with the data of the second.

    ## Example

    ```python
    @app.post("/chat")
    async def chat(request: Request, message: Message):
        request.app.state.current_user = request.user
        return await answer(request, message)
    ```

    ## What to do

    Keep it in `request.state`, pass it as an argument, or keep it in an object that is created for each user.
    """

    code = "NC704"
    name = "user-data-in-state"
    security_severity = 6.5

    def judge_uses(self, context: Context) -> Iterable[Finding]:
        """One finding for each name and function."""
        found: dict[tuple[str, str], list[StateAccess]] = {}
        for name, accesses in context.uses.accesses.items():
            added_to = {_line(access.location) for access in accesses if access.kind in ("read", "guarded")}
            for access in accesses:
                if _shares_user_data(access) and _line(access.location) not in added_to:
                    found.setdefault((name, function_at(access.location)), []).append(access)
        for (name, function), writes in found.items():
            component = component_named(context, name)
            if component not in context.blocking.suppressed:
                yield self._finding(context, component, name, function, writes)

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """That clients met it: a user's id was in the entry that this line wrote."""
        return findings.of(ForeignData, component=finding.component)

    def _finding(
        self, context: Context, component: str, name: str, function: str, writes: list[StateAccess]
    ) -> Finding:
        lines = distinct_lines(access.location for access in writes)
        target = f"`app.state.{name}`" if name else "an entry of `app.state`"
        return self.finding_about(
            context,
            component,
            f"`{function}` writes `{writes[0].user_data}` into {target}, which all requests share",
            subject=function,
            location=lines[0],
            causes=other_lines(lines, f"`{name}` is written"),
            hint="keep it in `request.state`, or in an object that is created for each user",
        )


def _shares_user_data(access: StateAccess) -> bool:
    return access.kind == "write" and access.at_request and access.scope == "application" and bool(access.user_data)


def _line(location: Location) -> tuple[str, int]:
    return location.file, location.line


def _listed(names: Iterable[str]) -> str:
    quoted = [f"`{name}`" for name in dict.fromkeys(names)]
    return ", ".join(quoted[:5]) + (f" and {len(quoted) - 5} more" if len(quoted) > 5 else "")


CHECKS: tuple[Check, ...] = (
    ReadNeverSet(),
    SetNeverRead(),
    UserDataInState(),
)
