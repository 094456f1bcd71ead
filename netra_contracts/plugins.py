"""Plugins: checks, renderers and packs of contracts from other distributions, found by their entry points.

A plugin that cannot be loaded is reported in one line with the name of its distribution; the others are loaded. The
registries are built for each run, so nothing is kept in the process.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from importlib_metadata import EntryPoint, entry_points

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.declare import AppStateContract
from netra_contracts.errors import describe_exception, exits_as_errors
from netra_contracts.reports import CI_FORMAT, RENDERERS, Renderer, for_each_target

CHECKS_GROUP = "netra_contracts.checks"
REPORTS_GROUP = "netra_contracts.reports"
CONTRACTS_GROUP = "netra_contracts.contracts"

#: Codes of plugins must not begin with this.
_RESERVED_PREFIX = "NC"


#: A function that returns contracts. Users name it as `pack:NAME`.
Pack = Callable[[], Iterable[AppStateContract | ComponentContract]]


class Plugins(NamedTuple):
    """What is available, built in or from plugins.

    Attributes:
        checks: in the order of their codes.
        renderers: by the name of the format.
        packs: by name.
        problems: one line for each plugin that could not be loaded.
    """

    checks: Sequence[Check]
    renderers: Mapping[str, Renderer]
    packs: Mapping[str, Pack]
    problems: Sequence[str]


def load_plugins(found: Iterable[EntryPoint] | None = None) -> Plugins:
    """Load all plugins.

    Args:
        found: entry points; None: those of the installed distributions.
    """
    points = list(_installed() if found is None else found)
    problems: list[str] = []
    checks = list(CHECKS)
    renderers = dict(RENDERERS)
    packs: dict[str, Pack] = {}
    for point in points:
        try:
            # Importing a plugin may print, and stdout is for what the command writes.
            with exits_as_errors(), contextlib.redirect_stdout(sys.stderr):
                _add(point, checks, renderers, packs)
        except Exception as error:  # noqa: BLE001 - importing a plugin may raise anything
            problems.append(f"{_distribution(point)}: {point.group} `{point.name}`: {describe_exception(error)}")
    return Plugins(tuple(sorted(checks, key=lambda check: check.code)), renderers, packs, tuple(problems))


def _installed() -> list[EntryPoint]:
    points = entry_points()
    return [point for group in (CHECKS_GROUP, REPORTS_GROUP, CONTRACTS_GROUP) for point in points.select(group=group)]


def _distribution(point: EntryPoint) -> str:
    dist = getattr(point, "dist", None)
    return f"{dist.name} {dist.version}" if dist is not None else "a plugin"


def _add(
    point: EntryPoint,
    checks: list[Check],
    renderers: dict[str, Renderer],
    packs: dict[str, Pack],
) -> None:
    loaded: Any = point.load()
    if point.group == CHECKS_GROUP:
        checks.append(_check(loaded, checks))
        return
    if not callable(loaded):
        raise TypeError(f"{point.value} is not callable")
    known: Mapping[str, object] = renderers if point.group == REPORTS_GROUP else packs
    if point.name in known or (point.group == REPORTS_GROUP and point.name == CI_FORMAT):
        raise ValueError(f"`{point.name}` exists already")
    if point.group == REPORTS_GROUP:
        renderers[point.name] = for_each_target(loaded)
    else:
        packs[point.name] = loaded


def _check(loaded: Any, known: Sequence[Check]) -> Check:
    check = loaded() if isinstance(loaded, type) else loaded
    if not isinstance(check, Check):
        raise TypeError("it is not a netra_contracts.checks.engine.check.Check")
    if check.code.startswith(_RESERVED_PREFIX):
        raise ValueError(f"its code {check.code} begins with {_RESERVED_PREFIX}, which is reserved for netra-contracts")
    if any(other.code == check.code for other in known):
        raise ValueError(f"a check {check.code} exists already")
    return check
