"""Places and times within the sentences of a report."""

from __future__ import annotations

from netra_contracts.protocol.location import Location


def short_location(location: Location | None) -> str:
    """`startup.py:41`, for a sentence; the whole path is shown where the report lists locations."""
    return "an unknown line" if location is None else f"{location.file.rpartition('/')[2]}:{location.line}"


def milliseconds(value: float) -> str:
    """`12 ms`, and two significant digits below ten."""
    return f"{value:.0f} ms" if abs(value) >= 10 else f"{value:.2g} ms"
