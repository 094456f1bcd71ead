"""FindingLocations and times within the sentences of a report."""

from __future__ import annotations

import re
from collections.abc import Mapping

from netra_contracts.protocol.location import Location
from netra_contracts.protocol.stages import StageName

#: An index in a path, which does not distinguish findings.
INDEX = re.compile(r"\[\d+\]")

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


def short_location(location: Location | None, beside: Location | None = None) -> str:
    """`startup.py:41`, for a sentence; the whole path is shown where the report lists locations.

    Args:
        location: the line.
        beside: another line in the same sentence. If its file is another one of the same name, the folder is shown.
    """
    if location is None:
        return "an unknown line"
    folders = location.file.split("/")
    ambiguous = beside is not None and beside.file != location.file and beside.file.split("/")[-1] == folders[-1]
    return f"{'/'.join(folders[-2 if ambiguous else -1 :])}:{location.line}"


def function_at(location: Location | None, function: str = "") -> str:
    """`startup.connect`: module and function of a line, for a subject, which stays when lines move.

    Args:
        location: the line; None: unknown.
        function: the name of the function, if it is known otherwise.

    Returns:
        The name; empty: it is unknown.
    """
    if location is None:
        return function
    *folders, file = location.file.split("/")
    module = file.rpartition(".")[0] or file
    module = folders[-1] if module == "__init__" and folders else module
    return ".".join(filter(None, (module, function or location.function)))


def milliseconds(value: float) -> str:
    """`12 ms`, and two significant digits below ten."""
    return f"{value:.0f} ms" if abs(value) >= 10 else f"{value:.2g} ms"
