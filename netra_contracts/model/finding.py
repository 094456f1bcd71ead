"""One broken rule, with the evidence that explains it."""

from __future__ import annotations

import hashlib

from netra_contracts.contracts.model import FrozenModel, Severity
from netra_contracts.declare import Phase
from netra_contracts.protocol.failures import StackSnapshot
from netra_contracts.protocol.location import Location


class Cause(FrozenModel):
    """One link of a cause chain: a recorded event that explains what stands before it."""

    message: str
    location: Location | None = None
    ms: float | None = None


class Finding(FrozenModel):
    """One broken rule.

    Attributes:
        code: of the check, e.g. `NC303`.
        component: address, or empty where no single component is at fault.
        subject: what else tells this finding from others of the same code and component, e.g. an attribute's path.
            Must not hold lines, times or other things that move.
        message: one or two sentences: what is wrong. Names are in backticks.
        causes: recorded events, nearest first.
        caused_by: fingerprint of the finding that this one follows from; empty for a root cause.
        impact: the contract's words on what a user loses.
        hint: what to do.
        stacks: where tasks and threads were, for a deadline or a death.
    """

    code: str
    severity: Severity
    message: str
    component: str = ""
    phase: Phase | None = None
    subject: str = ""
    location: Location | None = None
    causes: tuple[Cause, ...] = ()
    caused_by: str = ""
    impact: str = ""
    hint: str = ""
    docs: str = ""
    stacks: tuple[StackSnapshot, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Names this finding across runs: stable when lines move and messages are reworded."""
        named = f"{self.code}\0{self.component}\0{self.subject}"
        # Names that were not UTF-8 come with lone surrogates.
        return hashlib.sha256(named.encode(errors="backslashreplace")).hexdigest()[:16]


class NotRun(FrozenModel):
    """A check, or a part of one, that could not be run: never counted as passed."""

    code: str
    reason: str
    component: str = ""
    subject: str = ""


class Blocked(FrozenModel):
    """A contract that was not judged because what it depends on is broken. `by` is a component, or a stage."""

    component: str
    by: str
    reason: str
    phase: Phase | None = None
