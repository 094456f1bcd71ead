"""What the tool says when it cannot do its work. No styling: the command line draws these."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from netra_contracts.protocol.names import nearest_name


class Problem(NamedTuple):
    """One thing that is wrong with what the user wrote.

    Attributes:
        message: a sentence that names the value.
        place: where the value came from, e.g. `pyproject.toml:12: tool.netra-contracts.components.pool`.
        hint: what to do, e.g. the nearest valid name. May be empty.
    """

    message: str
    place: str = ""
    hint: str = ""


class NetraContractsError(Exception):
    """Base of the errors that this package raises."""


class UsageError(NetraContractsError):
    """The command, the configuration or the contracts are wrong, or there is nothing to check. Exit status 2.

    Attributes:
        problems: everything that is wrong, at least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.place}: {p.message}" if p.place else p.message for p in self.problems))


class ToolError(NetraContractsError):
    """The tool itself failed, e.g. the probe sent something the host cannot read. Exit status 3."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names what the user may have meant: `did you mean "wires"?`, or an empty string."""
    near = nearest_name(name, known)
    return f'did you mean "{near}"?' if near else ""


def display_path(path: str) -> str:
    """A path as one would write it from the current folder; in full where it lies outside."""
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):  # the current folder is gone, or the path is none
        return path
    return path if relative.startswith(os.pardir) else relative
