"""The lines of keys in a TOML text, and positions as messages name them."""

from __future__ import annotations

import bisect
import copy
import functools
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from netra_contracts.errors import display_path
from netra_contracts.protocol.location import Location

Step = str | int
Path = tuple[Step, ...]

#: The longest key that messages name in full, in characters.
_MAX_KEY = 200

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""(?:"{1,2}(?!"))?|\'\'\'.*?\'\'\'(?:'{1,2}(?!'))?|"(?:[^"\\]|\\.)*"|'[^']*\'''', re.DOTALL
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


class SourceLocator(Protocol):
    """Names the positions of keys for messages."""

    def of(self, path: Path) -> str:
        """A position as messages name it."""
        ...

    def line(self, path: Path) -> int:
        """The line, from 1; 0 if it is not known."""
        ...

    def name(self, key: str) -> str:
        """A key as the user spells it, given as TOML spells it."""
        ...


class TomlPositions:
    """Positions in a configuration file: `pyproject.toml:12: tool.netra-contracts.components.pool`.

    Args:
        path: of the file.
        text: of the file.
        prefix: dotted name of the table that holds our keys, e.g. `tool.netra-contracts`; empty: the whole file.
    """

    def __init__(self, path: str, text: str, prefix: str = "") -> None:
        self._file, self._path = display_path(path), path
        self._prefix: Path = tuple(prefix.split(".")) if prefix else ()
        self._lines = lines_of(text)
        self._target: Path = ()
        self._is_own: Callable[[Path], bool] = bool

    def below(self, path: Path) -> TomlPositions:
        """The positions of keys in a table of the configuration, by their path in this table."""
        below = copy.copy(self)
        below._prefix = (*self._prefix, *path)
        return below

    def of_target(self, path: Path, is_own: Callable[[Path], bool]) -> TomlPositions:
        """The positions of the keys that apply to one of several targets.

        Args:
            path: of the target's table.
            is_own: whether a key is in this table; the others are outside of it.
        """
        positions = copy.copy(self)
        positions._target, positions._is_own = path, is_own
        return positions

    def ending(self, path: Path, line: int) -> Path:
        """The key on a line whose path ends with `path`, e.g. in one of several targets; `path` if there is none."""
        start = len(self._prefix)
        return next(
            (key[start:] for key, at in self._lines.items() if at == line and key[start:][-len(path) :] == path), path
        )

    def _whole(self, path: Path) -> Path:
        """The path from the root of the file."""
        own = not path or self._is_own(path)
        return (*self._prefix, *(self._target if own else ()), *path)

    def line(self, path: Path) -> int:
        """The line of a key, or of the nearest enclosing one; 0 if it is not known."""
        whole = self._whole(path)
        return next((self._lines[whole[:end]] for end in range(len(whole), 0, -1) if whole[:end] in self._lines), 0)

    def of(self, path: Path) -> str:
        """A position as messages name it."""
        line = self.line(path)
        where = f"{self._file}:{line}" if line else self._file
        whole = dotted(self._whole(path))
        return f"{where}: {whole}" if whole else where

    def name(self, key: str) -> str:
        """The key itself."""
        return key

    def location(self, path: Path) -> Location:
        """The line as a location."""
        return Location(self._path, self.line(path) or 1)


def dotted(path: Sequence[Step]) -> str:
    """A path as TOML writes keys, indices in brackets: `components."lifespan:pool".methods[1]`. Long keys are cut."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if len(step) <= _MAX_KEY else f"{step[:_MAX_KEY]}..."
            key = name if _BARE.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
            text += f".{key}" if text else key
    return " ".join(text.splitlines())


@functools.lru_cache(maxsize=4)  # of a file with many targets the same lines are asked for again and again
def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1, of each key and of each member of an array.

    Args:
        text: of a TOML document; it must be valid.
    """
    return _Scanner(text).scan()


class _Scanner:
    """Walks through a valid TOML text. tomllib does not report the lines of keys."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._ends = [match.start() for match in re.finditer("\n", self._text)]
        self._found: dict[Path, int] = {}
        self._tables: Counter[Path] = Counter()

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(_SPACE)
        before = -1
        while before < self._at < len(self._text):  # an unexpected text ends the scan: messages then lack lines
            before = self._at
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._assignment(table)
            self._skip(_SPACE)
        return self._found

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        self._at = self._at if match is None else match.end()
        return "" if match is None else match[0]

    def _skip_token(self, token: str) -> bool:
        """Skip a punctuation token and the space after it, if it is next; return whether it was."""
        if not self._text.startswith(token, self._at):
            return False
        self._at += len(token)
        self._skip(_SPACE)
        return True

    def _note(self, path: Path, at: int) -> None:
        self._found.setdefault(path, bisect.bisect_left(self._ends, at) + 1)

    def _header(self) -> Path:
        start = self._at
        is_array = self._skip_token("[[")
        if not is_array:
            self._skip_token("[")
        path = self._resolved(self._key())
        self._skip_token("]]" if is_array else "]")
        if is_array:
            self._note(path, start)
            self._tables[path] += 1
            path = (*path, self._tables[path] - 1)
        self._note(path, start)
        return path

    def _resolved(self, keys: Sequence[str]) -> Path:
        """The path of a header's keys; within an array of tables it is that of the last table."""
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if path in self._tables and position < len(keys) - 1:
                path = (*path, self._tables[path] - 1)
        return path

    def _key(self) -> list[str]:
        """A dotted key."""
        keys = []
        while True:
            written = self._skip(_KEY)
            keys.append(_unquoted(written))
            self._skip(_SPACE)
            if not self._skip_token("."):
                return keys

    def _assignment(self, table: Path) -> None:
        start = self._at
        path = table
        for key in self._key():
            path = (*path, key)
            self._note(path, start)
        self._skip_token("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._skip(_STRING):
            return
        if self._skip_token("["):
            index = 0
            while self._at < len(self._text) and not self._skip_token("]"):
                self._note((*path, index), self._at)
                self._value((*path, index))
                self._skip(_SPACE)
                self._skip_token(",")
                index += 1
        elif self._skip_token("{"):
            while self._at < len(self._text) and not self._skip_token("}"):
                self._assignment(path)
                self._skip(_SPACE)
                self._skip_token(",")
        else:
            self._skip(_SCALAR)


def _unquoted(key: str) -> str:
    if key.startswith('"'):
        return str(tomllib.loads(f"key = {key}")["key"])  # tomllib knows the escapes
    return key.strip("'")
