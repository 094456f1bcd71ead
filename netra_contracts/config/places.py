"""Lines of keys in a TOML text, so that a fault can be shown where it was written."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*\[{1,2}([^\]#]+)\]{1,2}")
_KEY = re.compile(r'^\s*((?:"[^"]*"|\'[^\']*\'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|\'[^\']*\'|[\w-]+))*)\s*=')
_STEP = re.compile(r'"([^"]*)"|\'([^\']*)\'|([\w-]+)')


def _steps(text: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _STEP.findall(text))


class Lines:
    """Knows on which line each key of a TOML text stands. Keys inside inline tables stand where the table does."""

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(text.splitlines(), start=1):
            header = _HEADER.match(line)
            key = None if header else _KEY.match(line)
            if header:
                table = _steps(header[1])
                self._lines.setdefault(table, number)
            elif key:
                self._lines.setdefault((*table, *_steps(key[1])), number)

    def of(self, path: Sequence[str]) -> int | None:
        """The line of a key, or of the nearest table around it."""
        steps = tuple(path)
        while steps:
            if steps in self._lines:
                return self._lines[steps]
            steps = steps[:-1]
        return None
