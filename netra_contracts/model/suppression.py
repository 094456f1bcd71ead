"""Known findings: the entries that suppress them, and which findings of a run they suppress."""

from __future__ import annotations

from datetime import date
from typing import Literal

from netra_contracts.contracts.model import FrozenModel
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.location import Location

#: Where an entry is declared: in the file of the baseline, or under `ignore` in the configuration.
SuppressionSource = Literal["baseline", "configuration"]


def in_utf8(name: str) -> str:
    """A name as a file can have it: of a name that was not valid UTF-8, the lone surrogates are escaped."""
    return name.encode("utf-8", "backslashreplace").decode()


class Suppression(FrozenModel):
    """One entry: findings that do not fail the run.

    Attributes:
        code: code of the findings; in the configuration also the beginning of codes.
        component: address of the component, empty for findings about none; null: any.
        subject: what distinguishes the finding from others of this code and component; null: any.
        target: name of the target; empty: the entry names none.
        function: the function that the finding was in when the entry was written, for readers only.
        reason: why the findings are accepted.
        until: the last day on which the entry applies; null: it does not expire.
        added: when the entry was written.
        source: where it is declared.
        location: its line.
    """

    code: str
    component: str | None = None
    subject: str | None = None
    target: str = ""
    function: str = ""
    reason: str = ""
    until: date | None = None
    added: date | None = None
    source: SuppressionSource = "configuration"
    location: Location | None = None

    def is_expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and self.until < today

    def applies_to(self, target: str) -> bool:
        """Whether it is about a target. One that names none is about each."""
        return self.target in ("", target)

    def describes(self, finding: Finding) -> bool:
        """Whether it means a finding, of a target that it applies to. An entry of the baseline has a whole code."""
        return (
            finding.code.startswith(self.code)
            and self.component in (None, in_utf8(finding.component))
            and self.subject in (None, in_utf8(finding.subject))
        )


class Suppressed(FrozenModel):
    """A known finding: an entry of the baseline or of the configuration suppresses it.

    Attributes:
        finding: the finding.
        source: where the entry is declared.
        reason: why the finding is accepted.
        until: the last day on which the entry applies; null: it does not expire.
        added: when the entry was written; null: not known, as in the configuration.
    """

    finding: Finding
    source: SuppressionSource
    reason: str
    until: date | None = None
    added: date | None = None


class StaleSuppression(FrozenModel):
    """An entry that no longer does anything.

    Attributes:
        suppression: the entry.
        expired: whether its last day is over.
        unmatched: whether its check came to a conclusion, and there is no such finding.
    """

    suppression: Suppression
    expired: bool = False
    unmatched: bool = False
