"""The options of a run, their values, and how they are read.

From the declarations derive the parameters of the commands and the early reading of their arguments, the keys of the
configuration file with their JSON Schema, the validation of all of these and of the arguments of
`netra_contracts.check`, what is sent to the probe, and the tables in the documentation. Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from netra_contracts.contracts.values import InvalidValue
from netra_contracts.errors import Problem
from netra_contracts.settings.options.declared import BASELINE_FILE, DeclaredOptions
from netra_contracts.settings.options.kinds import Command, Option

__all__ = [
    "BASELINE_FILE",
    "CONTRACT_TABLES",
    "KEYS",
    "TABLES",
    "TARGET_KEYS",
    "Options",
    "has_unknown_keys",
    "options_of",
    "read_table",
]


class Options(DeclaredOptions):
    """The options that were given, and the defaults of the others.

    Args:
        given: valid values, by name, of the options that were given.
    """

    declared: ClassVar[Mapping[str, Option[Any]]]

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        self.given: Mapping[str, Any] = dict(given or {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Options) and self.given == other.given

    __hash__ = None  # type: ignore[assignment]  # its values need not be hashable

    def __repr__(self) -> str:
        return f"Options({self.given!r})"

    def over(self, other: Options) -> Options:
        """These options, and those of `other` that are not given here."""
        return Options({**other.given, **self.given})

    @classmethod
    def from_arguments(
        cls, values: Mapping[str, object], spell: Callable[[Option[Any]], tuple[str, str]]
    ) -> tuple[Options, list[Problem]]:
        """Options from the command line or from Python arguments. None and empty values count as not given.

        Args:
            values: by name.
            spell: the place of an option and its name, as messages have them: `("--settle", "settle")`.

        Returns:
            The valid options, and everything that is wrong with the others.
        """
        given: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, value in values.items():
            option = cls.declared[name]
            if value is None or value == option.absent or (value == "" and name != "target"):
                continue
            written = option.from_argument(value)
            if written == []:
                continue
            place, subject = spell(option)
            wrong = [Problem(str(error), place, error.hint) for error in option.problems(written, subject)]
            problems.extend(wrong)
            if not wrong:
                given[name] = option.convert(written)
        return cls(given), problems


Options.declared = {name: member for name, member in vars(DeclaredOptions).items() if isinstance(member, Option)}

#: The options that the configuration file has, by key.
KEYS: Mapping[str, Option[Any]] = {option.key: option for option in Options.declared.values() if option.has_key}
#: Those that each of several targets can have.
TARGET_KEYS: Mapping[str, Option[Any]] = {key: option for key, option in KEYS.items() if option.per_target}
#: The tables of contracts of a configuration file, which each of several targets can have.
CONTRACT_TABLES = ("components", "events")
#: The other keys of the configuration file: its tables.
TABLES = (*CONTRACT_TABLES, "targets")


def options_of(command: Command) -> tuple[Option[Any], ...]:
    """The options of a command that have flags, in the order of its help."""
    options = (option for option in Options.declared.values() if command in option.commands)
    return tuple(option for option in options if option.flags or option.off_flag)


def read_table(table: Mapping[str, Any]) -> tuple[Options, list[tuple[str, InvalidValue]]]:
    """The options of a configuration file.

    Args:
        table: the whole configuration; its tables of contracts are ignored.

    Returns:
        The options, and what is wrong: for each problem its key and the error. Unknown keys are not reported here.
    """
    given: dict[str, Any] = {}
    problems: list[tuple[str, InvalidValue]] = []
    for key, value in table.items():
        option = KEYS.get(key)
        if option is None:
            continue
        wrong = list(option.problems(value, key))
        problems.extend((key, error) for error in wrong)
        if not wrong:
            given[option.name] = option.convert(value)
    return Options(given), problems


def has_unknown_keys(table: Mapping[str, Any]) -> bool:
    """Whether a configuration file has keys that do not exist."""
    return not table.keys() <= {*KEYS, *TABLES}
