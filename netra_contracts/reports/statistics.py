"""How many findings each code has: new ones, known ones, and entries that no longer match one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from netra_contracts.model.report import Report

TITLES = ("code", "new", "known", "fixed")


class CodeCounts(NamedTuple):
    """The counts of one code.

    Attributes:
        code: of a check; of an entry in the configuration also the beginning of codes.
        new: findings that are not suppressed.
        known: findings that are.
        fixed: entries that match no finding any more.
    """

    code: str
    new: int
    known: int
    fixed: int


def counts_by_code(reports: Iterable[Report]) -> list[CodeCounts]:
    """Return the counts of each code, the most frequent first."""
    new: Counter[str] = Counter()
    known: Counter[str] = Counter()
    fixed: Counter[str] = Counter()
    for report in reports:
        new.update(finding.code for finding in report.findings)
        known.update(entry.finding.code for entry in report.suppressed)
        fixed.update(entry.suppression.code for entry in report.stale if entry.unmatched)
    counts = [CodeCounts(code, new[code], known[code], fixed[code]) for code in {*new, *known, *fixed}]
    return sorted(counts, key=lambda each: (-each.new - each.known - each.fixed, each.code))


def lines(reports: Iterable[Report]) -> list[str]:
    """Return the counts as aligned lines under their titles; a single line if there are none."""
    rows = [TITLES, *(tuple(map(str, each)) for each in counts_by_code(reports))]
    return _aligned(rows) if len(rows) > 1 else ["no findings"]


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [code.ljust(widths[0]), *(count.rjust(width) for count, width in zip(counts, widths[1:], strict=True))]
        )
        for code, *counts in rows
    ]
