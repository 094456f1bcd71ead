"""One broken rule, with the evidence that explains it."""

from __future__ import annotations

import hashlib

from netra_contracts.contracts.model import FrozenModel, Severity
from netra_contracts.declare import Phase
from netra_contracts.protocol.failures import StackSnapshot
from netra_contracts.protocol.location import Location


class Cause(FrozenModel):
    """One link of a cause chain: a recorded fact that explains the previous link, or the finding.

    Attributes:
        ms: when it happened, in milliseconds since the probe began; None: at no single moment.
    """

    message: str
    location: Location | None = None
    ms: float | None = None


class Finding(FrozenModel):
    """One broken rule.

    Attributes:
        code: of the check, e.g. `NC303`.
        component: address; empty if the fault is not in a single component.
        subject: distinguishes this finding from others with the same code and component, e.g. an attribute's path.
            Must not contain line numbers, times, or anything else that differs between runs.
        message: one or two sentences that say what is wrong. Names are in backticks.
        causes: recorded facts, nearest first.
        caused_by: fingerprint of the finding of which this one is a consequence; empty for a root cause.
        impact: what a user loses, in the words of the contract.
        hint: what to do.
        stacks: of tasks and threads, if a deadline passed or the process died.
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
        """Identifies this finding across runs. Does not change with line numbers and with the wording of messages."""
        named = f"{self.code}\0{self.component}\0{self.subject}"
        # Names that were not valid UTF-8 contain lone surrogates.
        return hashlib.sha256(named.encode(errors="backslashreplace")).hexdigest()[:16]


class NotRun(FrozenModel):
    """A check, or a part of one, that could not run. It does not count as passed."""

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
