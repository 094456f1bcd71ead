"""The layout of the journal: state changes as text, for a process that ends without sending an observation."""

from __future__ import annotations

from collections.abc import Iterator

from .record import record

# Separators that text does not contain: ASCII's "unit" and "record" separator.
_FIELD, _ENTRY = "\x1f", "\x1e"


@record(frozen=True)
class JournalEntry:
    """One state change in the journal; all fields are text.

    Attributes:
        ns: nanoseconds since the probe began.
        state: the id of the dict that holds the entries of the state; see `StageStarted.states`.
        key: the name of the entry.
        file: of the line that did it; empty: unknown.
    """

    seq: str
    ns: str
    operation: str
    state: str
    key: str
    type: str
    version: str
    file: str
    line: str
    function: str
    stage: str


_FIELDS = len(JournalEntry.__match_args__)


def format_entry(
    seq: int,
    ns: int,
    operation: str,
    state: int,
    key: str,
    type_name: str,
    version: str,
    file: str,
    line: int,
    function: str,
    stage: str,
) -> str:
    """One entry as text, its fields in the order of `JournalEntry`. Not generic: it is called for each state change."""
    return (
        f"{seq}{_FIELD}{ns}{_FIELD}{operation}{_FIELD}{state}{_FIELD}{key}{_FIELD}{type_name}{_FIELD}{version}{_FIELD}"
        f"{file}{_FIELD}{line}{_FIELD}{function}{_FIELD}{stage}{_ENTRY}"
    )


def read_entries(journal: str) -> Iterator[JournalEntry]:
    """The complete entries of a journal."""
    for entry in journal.split(_ENTRY):
        fields = entry.split(_FIELD)
        if len(fields) == _FIELDS:
            yield JournalEntry(*fields)
