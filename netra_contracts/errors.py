"""Errors for users of the command and of the Python interface."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from netra_contracts.protocol.names import nearest_name


class Problem(NamedTuple):
    """One thing that is wrong with the command, the configuration or the contracts.

    Attributes:
        message: a sentence that names the value.
        place: where the value came from, e.g. `pyproject.toml:12: tool.netra-contracts.components.pool`.
        hint: what to do, e.g. the nearest valid name. May be empty.
    """

    message: str
    place: str = ""
    hint: str = ""

    @property
    def line(self) -> str:
        """One line for people: where it came from, what is wrong, and what to do."""
        place = f"{self.place}: " if self.place else ""
        hint = f" ({self.hint})" if self.hint else ""
        return " ".join(f"{place}{self.message}{hint}".split())


#: How many problems are shown of one error: the first ones usually explain the others.
_MAX_PROBLEMS = 50


def lines_of_problems(problems: Sequence[Problem]) -> list[str]:
    """Each problem on a line; of many, the first ones."""
    lines = [problem.line for problem in problems[:_MAX_PROBLEMS]]
    more = len(problems) - _MAX_PROBLEMS
    return [*lines, f"... and {more:,} more problem{'s' if more > 1 else ''}"] if more > 0 else lines


class NetraContractsError(Exception):
    """Base of the errors that this package raises."""


class UsageError(NetraContractsError):
    """The command, the configuration or the contracts are invalid, or there is nothing to check. Exit status 2.

    Attributes:
        problems: everything that is wrong, at least one. Each message is one line: a name may contain any character.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(one._replace(message=" ".join(one.message.splitlines())) for one in problems)
        super().__init__("; ".join(f"{p.place}: {p.message}" if p.place else p.message for p in self.problems))


@contextlib.contextmanager
def collecting(problems: list[Problem], place: Callable[[], str] | None = None) -> Iterator[None]:
    """Add the problems of a usage error to a list, instead of raising it.

    Args:
        problems: the list.
        place: gives another place for all of them; called only if there are any.
    """
    try:
        yield
    except UsageError as error:
        problems.extend(problem._replace(place=place()) if place else problem for problem in error.problems)


class ToolError(NetraContractsError):
    """netra-contracts itself failed, e.g. a message of the probe cannot be decoded. Exit status 3."""


class TargetInterferenceError(ToolError):
    """The target's process has damaged what the tool needs to observe it, so that nothing is known. Exit status 3."""


class PluginExitError(NetraContractsError):
    """Code of a plugin raised what would end the command, e.g. `SystemExit`. The message names it."""


@contextlib.contextmanager
def exits_as_errors() -> Iterator[None]:
    """Raise what would end the command, e.g. `sys.exit(0)` in a plugin, as an error. `KeyboardInterrupt` passes.

    Raises:
        PluginExitError: in its place.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise PluginExitError(f"it raised {describe_exception(error)}") from error


def describe_exception(error: BaseException) -> str:
    """The class of an exception and its message, if it has one that can be read."""
    name = type(error).__name__
    try:
        message = str(error)
    except Exception as unreadable:  # noqa: BLE001 - code of a plugin
        message = f"its message cannot be read: {type(unreadable).__name__}"
    if isinstance(error, PluginExitError):
        return message
    return f"{name}: {message}" if message else name


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest name, e.g. `did you mean "wires"?`; empty if no name is near."""
    near = nearest_name(name, known)
    return f'did you mean "{near}"?' if near else ""


def display_path(path: str) -> str:
    """A path relative to the current folder, or unchanged if it is outside of it."""
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):  # the current folder does not exist, or the path is not valid
        return path
    return path if relative.startswith(os.pardir) else relative
