"""Reads the arguments of a command without typer, so that the target starts before typer is imported.

Standard library only. What is not plain is left to typer, which reports what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netra_contracts.errors import Problem
from netra_contracts.settings.option_kinds import Command, Count, Option
from netra_contracts.settings.options import Options, options_of

#: The value of a parameter as typer passes it; None: not given.
Value = str | float | bool | int | None


def defaults(command: Command) -> dict[str, Value]:
    """The target and all options of a command, none given."""
    return {"target": None, **{option.name: option.absent for option in options_of(command)}}


def read(command: Command, argv: list[str]) -> dict[str, Value] | None:
    """The values of a command's arguments, as typer would pass them; None if typer has to read them."""
    by_flag = {flag: option for option in options_of(command) for flag in (*option.flags, option.off_flag) if flag}
    values = defaults(command)
    words = iter(argv)
    for word in words:
        flag, equals, given = word.partition("=") if word.startswith("--") else (word, "", "")
        option = by_flag.get(flag)
        if option is None:
            if word.startswith("-") or values["target"] is not None:
                return None
            values["target"] = word
            continue
        value = _value(option, flag, given if equals else None, words)
        if value is None:
            return None
        values[option.name] = int(values[option.name] or 0) + 1 if isinstance(option, Count) else value
    return values


def with_numbers(command: Command, values: dict[str, Value]) -> dict[str, Value]:
    """The values of a command's arguments with texts that are numbers as numbers, where an option wants one."""
    numeric = {option.name for option in options_of(command) if option.word_type is float}
    return {name: _number(value) if name in numeric else value for name, value in values.items()}


def _number(value: Value) -> Value:
    try:
        return float(value) if isinstance(value, str) and value.isascii() else value
    except ValueError:
        return value


def _value(option: Option[Any], flag: str, given: str | None, words: Iterator[str]) -> Value:
    """The value that a flag sets, taken from the next word where one is needed; None if it is not plain."""
    if option.word_type is None:
        return None if given is not None else flag != option.off_flag
    text = given if given is not None else next(words, None)
    if text is None or (given is None and text.startswith("-")):
        return None
    if option.word_type is str:
        return text
    if not text.isascii():
        return None  # Python's float() accepts digits of other scripts, typer does not
    try:
        return float(text)
    except ValueError:
        return None


def spell(option: Option[Any]) -> tuple[str, str]:
    """An option as messages about the command line name it: its flag, and its name without dashes."""
    flags = [flag for flag in (*option.flags, option.off_flag) if flag.startswith("--")]
    return (flags[0], flags[0].lstrip("-")) if flags else (option.metavar, option.name)


def validate(values: dict[str, Value]) -> tuple[Options, list[Problem]]:
    """The valid options of a command, and everything that is wrong with the others."""
    return Options.from_arguments(values, spell)
