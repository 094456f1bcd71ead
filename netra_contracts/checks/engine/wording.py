"""Places and times within the sentences of a report."""

from __future__ import annotations

from collections.abc import Mapping

from netra_contracts.protocol.location import Location
from netra_contracts.protocol.stages import StageName

#: When something happened, by the stage in which it did.
DURING: Mapping[StageName, str] = {
    "import": "while the target was imported",
    "build": "while the application was built",
    "startup": "during startup",
    "settle": "after startup",
    "isolation": "while instances for users were created",
    "live": "while clients were served",
    "shutdown": "during shutdown",
}


def short_location(location: Location | None) -> str:
    """`startup.py:41`, for a sentence; the whole path is shown where the report lists locations."""
    return "an unknown line" if location is None else f"{location.file.rpartition('/')[2]}:{location.line}"


def milliseconds(value: float) -> str:
    """`12 ms`, and two significant digits below ten."""
    return f"{value:.0f} ms" if abs(value) >= 10 else f"{value:.2g} ms"
