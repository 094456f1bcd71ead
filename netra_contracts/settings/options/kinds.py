"""The kinds of options: how a value of each is written, validated and described. Standard library only."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

from netra_contracts.contracts.values import InvalidValue, quoted, wrong_type
from netra_contracts.errors import did_you_mean

if TYPE_CHECKING:
    from netra_contracts.settings.options import Options

T = TypeVar("T")
#: A command that has options.
Command = Literal["check", "init", "run", "graph", "diff", "usage", "score"]
#: About four months, in seconds: more overflows the timers of the operating system.
MAX_SECONDS = 1e7
_LARGEST_FLOAT = sys.float_info.max
_DOTTED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"


class Option(Generic[T]):
    """One option of `Options`, declared as an attribute; on an instance the attribute is the value.

    Args:
        description: what it does, in one or two sentences; the default is added to it.
        default: its value if it is not given.
        default_text: the default as the help shows it; empty: it is not shown.
        flags: on the command line. None: `--` and the name; empty: it has none.
        off_flag: the flag that sets a switch to false.
        metavar: what the help shows in the place of the value.
        panel: the group of the help that shows it.
        commands: the commands that have it.
        key: whether the configuration file has it.
        argument: whether `netra_contracts.check` has it.
        probe_field: the field of the protocol's `LaunchRequest` that passes it to the probe.
        needs_target: whether it has no meaning where no target is started, as all of the panel `Target`.
        per_target: whether each of several targets can have its own value in the configuration file: it describes the
            target or what is checked, not the run or its output. Default: all have, but those of the panel `Output`.
    """

    #: What is valid, for messages.
    expected = "a string"
    #: Type of the word after the flag; None: the flag takes none.
    word_type: type | None = str
    #: Its value on the command line if it is not given.
    absent: Any = None

    def __init__(
        self,
        description: str,
        *,
        default: T,
        default_text: str = "",
        flags: tuple[str, ...] | None = None,
        off_flag: str = "",
        metavar: str = "",
        panel: str = "",
        commands: tuple[Command, ...] = ("check", "run"),
        key: bool = True,
        argument: bool = True,
        probe_field: str = "",
        needs_target: bool = False,
        per_target: bool | None = None,
    ) -> None:
        self.name = ""
        self.default = default
        self.flags = flags or ()
        self.off_flag = off_flag
        self.metavar = metavar
        self.panel = panel
        self.commands = commands
        self.has_key = key
        self.has_argument = argument
        self.probe_field = probe_field
        self.needs_target = needs_target or panel == "Target"
        self.per_target = (panel != "Output") if per_target is None else per_target
        self.help = f"{description} Default: {default_text}." if default_text else description
        self._has_default_flag = flags is None

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        if self._has_default_flag:
            self.flags = (f"--{self.key}",)

    @overload
    def __get__(self, options: None, owner: type) -> Self: ...
    @overload
    def __get__(self, options: Options, owner: type) -> T: ...
    def __get__(self, options: Options | None, owner: type) -> Self | T:
        return self if options is None else options.given.get(self.name, self.default)

    @property
    def key(self) -> str:
        """Its name in the configuration file, and in its flag."""
        return self.name.replace("_", "-")

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        """Everything that is wrong with a value as TOML has it.

        Args:
            value: what was written.
            subject: what the user calls the option.
        """
        if not isinstance(value, str):
            yield wrong_type(subject, self.expected, value)
        elif not value:
            yield InvalidValue(f"{subject} must not be empty", "leave it out, or set a value")

    def schema(self) -> dict[str, Any]:
        """JSON Schema of its key."""
        return {"type": "string", "minLength": 1}

    def convert(self, value: Any) -> T:
        """A valid value, as the option has it."""
        converted: T = value
        return converted

    def from_argument(self, value: object) -> object:
        """A value of the command line or of a Python argument, as TOML would have it."""
        return value


class Text(Option[str | None]):
    """A text."""


class PathText(Text):
    """The path of a file or a folder, relative to the current folder, or to that of the configuration file."""

    def from_argument(self, value: object) -> object:
        return os.fspath(value) if isinstance(value, os.PathLike) else value


class Choice(Option[str | None]):
    """One of several words, in any case."""

    def __init__(self, description: str, choices: tuple[str, ...], *, default: str | None = None, **more: Any) -> None:
        described = f"{description}: {', '.join(choices[:-1])} or {choices[-1]}."
        super().__init__(described, default=default, default_text=default or "", **more)
        self.choices = choices

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.choices)}

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        if not isinstance(value, str):
            yield wrong_type(subject, f"one of {', '.join(self.choices)}", value)
        elif value.lower() not in self.choices:
            hint = did_you_mean(value.lower(), self.choices) or f"use one of {', '.join(self.choices)}"
            yield InvalidValue(f"there is no {subject.replace('-', ' ').replace('_', ' ')} {quoted(value)}", hint)

    def convert(self, value: Any) -> str:
        return str(value).lower()

    def from_argument(self, value: object) -> object:
        return getattr(value, "value", value)  # `Phase` is an enumeration


class Switch(Option[bool | None]):
    """True or false; None: not given."""

    expected = "true or false"
    word_type = None

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        if not isinstance(value, bool):
            yield wrong_type(subject, self.expected, value)


class Count(Option[int]):
    """The number of times that a flag was given."""

    word_type = None
    absent = 0

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        if not isinstance(value, int):
            yield wrong_type(subject, "a whole number", value)


class WholeNumber(Option[int | None]):
    """A whole number of at least 1."""

    expected = "a whole number"
    word_type = float

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1}

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
            yield wrong_type(subject, self.expected, value)
        elif value < 1:
            yield InvalidValue(f"{subject} must be at least 1, not {value:g}")

    def convert(self, value: Any) -> int:
        return int(min(value, sys.maxsize))


class Percentage(Option[float | None]):
    """A number from 0 to 100."""

    expected = "a number from 0 to 100"
    word_type = float

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": 0, "maximum": 100}

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield wrong_type(subject, self.expected, value)
        elif not 0 <= value <= 100:
            yield InvalidValue(f"{subject} must be {self.expected}, not {value:g}")

    def convert(self, value: Any) -> float:
        return float(value)


class _Duration(Option[T]):
    """A number of seconds."""

    expected = "a number"
    word_type = float
    _allows_zero = False

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield wrong_type(subject, self.expected, value)
        elif isinstance(value, int) and abs(value) > _LARGEST_FLOAT:
            yield InvalidValue(f"{subject} is too large")
        elif not -_LARGEST_FLOAT <= value <= _LARGEST_FLOAT:
            yield wrong_type(subject, "a finite number", value)
        elif value < 0 or (value == 0 and not self._allows_zero):
            limit = "at least" if self._allows_zero else "more than"
            yield InvalidValue(f"{subject} must be {limit} 0, not {value:g}")

    def convert(self, value: Any) -> T:
        seconds: Any = min(float(value), MAX_SECONDS)
        return seconds  # type: ignore[no-any-return]  # a float, which both kinds are

    def from_argument(self, value: object) -> object:
        return MAX_SECONDS if value == float("inf") else value


class Deadline(_Duration[float]):
    """How long something may take, in seconds."""

    def __init__(self, description: str, *, default: float, **more: Any) -> None:
        super().__init__(description, default=default, default_text=f"{default:g}", metavar="SECONDS", **more)

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "exclusiveMinimum": 0}


class Seconds(_Duration[float | None]):
    """A number of seconds that may be 0."""

    _allows_zero = True

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": 0}


class TextList(Option[tuple[str, ...]]):
    """A list of texts; if `allows_text`, a single text is a list with one member.

    Args:
        pattern: what each member must match in full.
        mismatch: the message about a member that does not, after the member.
        correction: what to write instead.
        allows_text: whether a single text is valid, too.
        separator: of the members in one word of the command line; empty: one word is one member.
        more: see `Option`.
    """

    expected = "a list"

    def __init__(
        self,
        description: str,
        *,
        pattern: str,
        mismatch: str,
        correction: str,
        allows_text: bool = False,
        separator: str = "",
        upper: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(description, default=(), **more)
        self._pattern, self._mismatch, self._correction = pattern, mismatch, correction
        self._allows_text, self._separator, self._upper = allows_text, separator, upper

    def schema(self) -> dict[str, Any]:
        members = {"type": "array", "items": {"type": "string"}}
        return {"anyOf": [{"type": "string"}, members]} if self._allows_text else members

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        members = [value] if self._allows_text and isinstance(value, str) else value
        if not isinstance(members, list):
            yield wrong_type(subject, self.expected, value)
            return
        for index, member in enumerate(members):
            path = () if members is not value else (index,)
            if not isinstance(member, str):
                yield wrong_type(f"{subject}[{index}]", "a string", member, path)
            elif re.fullmatch(self._pattern, self._normal(member)) is None:
                yield InvalidValue(f"{quoted(member)} {self._mismatch}", self._correction, path)

    def _normal(self, member: str) -> str:
        return member.strip().upper() if self._upper else member

    def convert(self, value: Any) -> tuple[str, ...]:
        return tuple(self._normal(member) for member in ([value] if isinstance(value, str) else value))

    def members_in(self, word: str) -> list[str]:
        """The members in one word of the command line."""
        return word.split(self._separator) if self._separator and word else [word] if word else []

    def from_argument(self, value: object) -> object:
        if isinstance(value, str):
            return self.members_in(value)
        if isinstance(value, os.PathLike):
            return [os.fspath(value)]
        if not isinstance(value, Iterable):
            return value
        return [os.fspath(member) if isinstance(member, os.PathLike) else member for member in value]


def modules(description: str, **more: Any) -> TextList:
    """An option for modules, by import path."""
    return TextList(
        description,
        pattern=_DOTTED,
        mismatch="is not a module",
        correction="write the import path of a module, e.g. myapp.checks",
        **more,
    )


def references(description: str, **more: Any) -> TextList:
    """An option for contracts by reference."""
    return TextList(
        description,
        pattern=rf"(?s:.+)\.toml|{_DOTTED}(?::{_DOTTED})?|pack:.+",
        mismatch="names no contracts",
        correction="write module:attr, the path of a TOML file, or pack:NAME",
        allows_text=True,
        **more,
    )


def report_files(description: str, **more: Any) -> TextList:
    """An option for reports in files: FORMAT=FILE. Which formats exist is known only once plugins are loaded."""
    return TextList(
        description,
        pattern=r"(?s:[^=]+=.+)",
        mismatch="is not a format and a file",
        correction="write FORMAT=FILE, e.g. json=report.json",
        metavar="FORMAT=FILE",
        **more,
    )


class Variables(Option[Mapping[str, str]]):
    """Environment variables."""

    expected = "a table"

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "string"}}

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        if not isinstance(value, dict):
            yield wrong_type(subject, self.expected, value)
            return
        for name, text in value.items():
            if not isinstance(text, str):
                yield wrong_type(name, "a string", text, (name,))
            elif problem := variable_problem(name, text):
                yield InvalidValue(problem, path=(name,))


def variable_problem(name: str, value: str) -> str:
    """Why the operating system would refuse an environment variable, as a sentence; empty if it would not."""
    if not name or "=" in name or "\0" in name:
        return f'"{name}" is not a valid name for an environment variable'
    return f"the value of {name} contains a NUL character" if "\0" in value else ""
