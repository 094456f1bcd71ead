"""One broken rule, with the evidence that explains it."""

from __future__ import annotations

import hashlib

from netra_contracts.contracts.model import FrozenModel, Severity
from netra_contracts.declare import Phase
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import StackSnapshot


class SourceLine(FrozenModel):
    """One line of source, with the part of it that is meant.

    Attributes:
        text: the line without its end, with credentials masked.
        start: first character of the part, from 0.
        end: character after the part.
    """

    text: str
    start: int
    end: int


class Cause(FrozenModel):
    """One recorded fact that explains the finding or the cause before it.

    Attributes:
        message: what happened.
        location: line of the application.
        ms: when it happened, since the start of the probe.
        source: the source of that line; null: unknown, or not shown.
        trace: for an exception, the lines of its traceback, outermost first.
    """

    message: str
    location: Location | None = None
    ms: float | None = None
    source: SourceLine | None = None
    trace: tuple[Location, ...] = ()


class Dependency(FrozenModel):
    """A dependency of one component on another.

    Attributes:
        component: address of the component that depends on the other.
        other: address of the other component.
        attribute: path of the attribute that is, or must be, the other component; empty: the whole component depends on
            it.
    """

    component: str
    other: str
    attribute: str = ""


class Finding(FrozenModel):
    """One broken rule.

    Attributes:
        code: code of the check, e.g. `NC303`.
        severity: error, warning or note.
        message: what is wrong, in one or two sentences with names in backticks.
        component: address of the component; empty if no single component is at fault.
        phase: phase of the contract.
        subject: what distinguishes this finding from others of the same code and component, e.g. the path of an
            attribute. It has no lines, times or other text that changes between runs.
        location: line of the application.
        source: the source of that line; null: unknown, or not shown.
        calls: for an exception, the application's lines in its traceback, outermost first: the calls that led to it.
        trace: for an exception, all lines of its traceback, outermost first.
        causes: recorded facts, nearest first.
        caused_by: fingerprint of the finding that this one follows from; empty for a root cause.
        impact: what a user loses, as the contract says.
        hint: what to do.
        docs: where to read more, as the contract says.
        stacks: stacks of tasks and threads, for a missed deadline or a crash.
        dependencies: broken dependencies between components, if the finding is about these.
    """

    code: str
    severity: Severity
    message: str
    component: str = ""
    phase: Phase | None = None
    subject: str = ""
    location: Location | None = None
    source: SourceLine | None = None
    calls: tuple[Location, ...] = ()
    trace: tuple[Location, ...] = ()
    causes: tuple[Cause, ...] = ()
    caused_by: str = ""
    impact: str = ""
    hint: str = ""
    docs: str = ""
    stacks: tuple[StackSnapshot, ...] = ()
    dependencies: tuple[Dependency, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Identifies this finding across runs: stable when lines move and messages are reworded."""
        named = f"{self.code}\0{self.component}\0{self.subject}"
        # Names that were not valid UTF-8 contain lone surrogates.
        return hashlib.sha256(named.encode(errors="backslashreplace")).hexdigest()[:16]


class NotRun(FrozenModel):
    """A check, or a part of one, that could not run. It does not count as passed.

    Attributes:
        code: code of the check.
        reason: why it could not run.
        component: address of the component; empty if it is about none.
        subject: part of the check.
        required: whether a contract of the run asks for it and nobody left it out: then `--strict` fails the run.
    """

    code: str
    reason: str
    component: str = ""
    subject: str = ""
    required: bool = False


class Blocked(FrozenModel):
    """A contract that cannot hold because what it depends on is broken, or a stage failed.

    Attributes:
        component: address of the component.
        by: component that is broken, or stage that failed.
        reason: why it is blocked.
        phase: phase of the contract.
        finding: fingerprint of the finding on that component or stage; empty if its code is not selected.
        severity: severity of the contract.
        impact: what a user loses, as the contract says.
    """

    component: str
    by: str
    reason: str
    phase: Phase | None = None
    finding: str = ""
    severity: Severity = Severity.ERROR
    impact: str = ""
