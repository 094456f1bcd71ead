"""Checks, renderers and contract packs from other distributions, found by their entry points.

One that cannot be loaded is one line with the name of its distribution; it never takes the tool down. A registry is
made for each run: nothing is kept in the process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from importlib_metadata import EntryPoint, entry_points

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.declare import AppStateContract
from netra_contracts.reports import RENDERERS, Renderer

CHECKS_GROUP = "netra_contracts.checks"
REPORTS_GROUP = "netra_contracts.reports"
CONTRACTS_GROUP = "netra_contracts.contracts"

#: Families of codes that this package keeps for itself.
_RESERVED = "NC"


#: A pack of contracts, named `pack:NAME` where contracts are named: a function that gives them.
Pack = Callable[[], Iterable[AppStateContract | ComponentContract]]


class Plugins(NamedTuple):
    """What there is, ours and others', and what could not be loaded."""

    checks: Sequence[Check]
    renderers: Mapping[str, Renderer]
    packs: Mapping[str, Pack]
    problems: Sequence[str]


def load_plugins(found: Iterable[EntryPoint] | None = None) -> Plugins:
    """Load all plugins.

    Args:
        found: entry points to load; None: those of the installed distributions.
    """
    points = list(_installed() if found is None else found)
    problems: list[str] = []
    checks = list(CHECKS)
    renderers = dict(RENDERERS)
    packs: dict[str, Pack] = {}
    for point in points:
        try:
            _add(point, checks, renderers, packs)
        except Exception as error:  # noqa: BLE001 - a plugin's import may raise anything
            problems.append(f"{_distribution(point)}: {point.group} `{point.name}`: {type(error).__name__}: {error}")
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
    registry: dict[str, Any] = renderers if point.group == REPORTS_GROUP else packs
    if point.name in registry:
        raise ValueError(f"there is a `{point.name}` already")
    registry[point.name] = loaded


def _check(loaded: Any, known: Sequence[Check]) -> Check:
    check = loaded() if isinstance(loaded, type) else loaded
    if not isinstance(check, Check):
        raise TypeError("it is no netra_contracts.checks.engine.check.Check")
    if check.code.startswith(_RESERVED):
        raise ValueError(f"its code {check.code} begins with {_RESERVED}, which is kept for netra-contracts")
    if any(other.code == check.code for other in known):
        raise ValueError(f"there is a check {check.code} already")
    return check
