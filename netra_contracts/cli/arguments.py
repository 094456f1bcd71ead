"""Reads the arguments of a command without typer, so that the target starts before typer is imported.

Standard library only. What is not plain is left to typer, which reports what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netra_contracts.errors import Problem
from netra_contracts.settings.options import Options, options_of
from netra_contracts.settings.options.kinds import Command, Count, Option, TextList

#: The value of a parameter as typer passes it; None: not given. A list has one word for each time the option was given.
Value = str | float | bool | int | list[str] | None


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
        values[option.name] = _together(option, values[option.name], value)
    return values


def split_server(argv: list[str]) -> tuple[list[str], list[str]]:
    """The arguments of `run` itself, and the command line of the server, which follows the first `--`."""
    position = argv.index("--") if "--" in argv else len(argv)
    return argv[:position], argv[position + 1 :]


def _together(option: Option[Any], before: Value, value: Value) -> Value:
    """The value of an option that has been given again, or for the first time."""
    if isinstance(option, Count):
        return (before if isinstance(before, int) else 0) + 1
    if isinstance(option, TextList):
        return [*(before if isinstance(before, list) else []), *option.members_in(str(value))] or None
    return value


def from_words(command: Command, values: dict[str, Value]) -> dict[str, Value]:
    """The values of a command's arguments, given as words: numbers where an option wants one, and members of lists."""
    converted = dict(values)
    for option in options_of(command):
        value = values[option.name]
        if option.word_type is float:
            converted[option.name] = _number(value)
        elif isinstance(option, TextList) and isinstance(value, (list, tuple)):  # click gives a tuple
            converted[option.name] = [member for word in value for member in option.members_in(word)] or None
    return converted


def _number(value: Value) -> Value:
    """A word as a number; unchanged if it is not one. `float` alone would accept digits of other scripts."""
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
    number = _number(text)
    return number if isinstance(number, float) else None


def spell(option: Option[Any]) -> tuple[str, str]:
    """An option as messages about the command line name it: its flag, and its name without dashes."""
    flags = [flag for flag in (*option.flags, option.off_flag) if flag.startswith("--")]
    return (flags[0], flags[0].lstrip("-")) if flags else (option.metavar, option.name)


def validate(values: dict[str, Value]) -> tuple[Options, list[Problem]]:
    """The valid options of a command, and everything that is wrong with the others."""
    return Options.from_arguments(values, spell)
