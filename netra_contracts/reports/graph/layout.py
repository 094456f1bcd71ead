"""FindingLocations the nodes of a graph in columns, what depends on another to the right of it. Pure and deterministic.

Columns follow the phases and, within a phase, the longest path of dependencies. A dependency that skips columns passes
through a gap in each of them, so that its line crosses no box. Within a column, nodes are ordered by the average
position of their neighbours. The work grows with the number of nodes, edges and gaps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from netra_contracts.declare import Phase

#: Sweeps over all columns; later ones change little.
_SWEEPS = 6
#: More gaps than this are not made: lines may then pass behind boxes.
_MAX_GAPS = 2000

#: One end of a line: a node, or the gap that a line passes through. Column, and the number of the node; of a gap, the
#: number of the edge as a negative number less one: -1 for edge 0.
Item = tuple[int, int]


class Layout(NamedTuple):
    """Where nodes are.

    Attributes:
        columns: the items of each column, from top to bottom.
        lines: the items that the line of each edge passes through, from the dependency on.
        phases: the phase of each column; None: what is in it names no phase.
        isolated: nodes without edges, which are in no column.
    """

    columns: tuple[tuple[Item, ...], ...]
    lines: tuple[tuple[Item, ...], ...]
    phases: tuple[Phase | None, ...]
    isolated: tuple[int, ...]


def layered(phases: Sequence[Phase | None], edges: Sequence[tuple[int, int]]) -> Layout:
    """Place nodes.

    Args:
        phases: the phase of each node; None: it names none.
        edges: pairs of a node and another that it depends on.
    """
    needs = _acyclic(edges)
    order = _in_dependency_order(needs)
    bands = _bands(phases, needs, order)
    ranks = _ranks(bands, needs, order)
    lines = _lines(ranks, edges)
    columns: list[list[Item]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for node in sorted(ranks):
        columns[ranks[node]].append((ranks[node], node))
    for line in lines:
        for gap in line[1:-1]:
            columns[gap[0]].append(gap)
    _order(columns, lines)
    of_columns = {rank: bands[node] for node, rank in ranks.items()}
    return Layout(
        tuple(map(tuple, columns)),
        lines,
        tuple(of_columns[rank] for rank in range(len(columns))),
        tuple(node for node in range(len(phases)) if node not in ranks),
    )


def _acyclic(edges: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """What each node that has edges depends on, without what closes a cycle. Not recursive: paths may be long."""
    needs: dict[int, list[int]] = {}
    for node, other in dict.fromkeys(edges):
        needs.setdefault(node, []).append(other)
        needs.setdefault(other, [])
    kept: dict[int, list[int]] = {node: [] for node in needs}
    on_path: set[int] = set()
    done: set[int] = set()
    for start, others in needs.items():
        path = [] if start in done else [(start, iter(others))]
        on_path.add(start)
        while path:
            node, rest = path[-1]
            for other in rest:
                if other in done:
                    kept[node].append(other)
                elif other not in on_path:
                    kept[node].append(other)
                    on_path.add(other)
                    path.append((other, iter(needs[other])))
                    break
            else:
                done.add(node)
                path.pop()
    return kept


def _in_dependency_order(needs: Mapping[int, Sequence[int]]) -> list[int]:
    """The nodes, each after those it depends on."""
    waiting = {node: len(others) for node, others in needs.items()}
    dependants = _reversed(needs)
    order = [node for node, count in waiting.items() if not count]
    for node in order:  # grows meanwhile
        for dependant in dependants[node]:
            waiting[dependant] -= 1
            if not waiting[dependant]:
                order.append(dependant)
    return order


def _reversed(needs: Mapping[int, Sequence[int]]) -> Mapping[int, Sequence[int]]:
    dependants: dict[int, list[int]] = {node: [] for node in needs}
    for node, others in needs.items():
        for other in others:
            dependants[other].append(node)
    return dependants


def _bands(
    phases: Sequence[Phase | None], needs: Mapping[int, Sequence[int]], order: Sequence[int]
) -> Mapping[int, Phase | None]:
    """The phase in whose columns each node is: its own, else the last that it depends on, else the first after it."""
    bands = {node: phases[node] for node in order}
    dependants = _reversed(needs)
    for nodes, near, choose in ((order, needs, max), (reversed(order), dependants, min)):
        for node in nodes:
            known = [band for other in near[node] if (band := bands[other]) is not None]
            if bands[node] is None and known:
                bands[node] = choose(known)
    return bands


def _ranks(
    bands: Mapping[int, Phase | None], needs: Mapping[int, Sequence[int]], order: Sequence[int]
) -> Mapping[int, int]:
    """The column of each node: those of a band follow those of the band before it."""
    ranks: dict[int, int] = {}
    members: defaultdict[Phase | None, list[int]] = defaultdict(list)
    for node in order:
        members[bands[node]].append(node)
    first = 0
    for band in (None, *Phase):
        for node in members[band]:
            ranks[node] = max((ranks[other] + 1 for other in needs[node] if bands[other] == band), default=first)
        first = max((ranks[node] + 1 for node in members[band]), default=first)
    return ranks


def _lines(ranks: Mapping[int, int], edges: Sequence[tuple[int, int]]) -> tuple[tuple[Item, ...], ...]:
    """The line of each edge, from the dependency on, with a gap in each column that it crosses."""
    lines = []
    gaps = 0
    for number, (node, other) in enumerate(edges):
        start, end = ranks[other], ranks[node]
        crossed = range(start + 1, end) if start < end else range(start - 1, end, -1)
        if gaps + len(crossed) > _MAX_GAPS:
            crossed = range(0)
        gaps += len(crossed)
        lines.append(((start, other), *((column, -number - 1) for column in crossed), (end, node)))
    return tuple(lines)


def _neighbours(lines: Iterable[Sequence[Item]]) -> Mapping[Item, Sequence[Item]]:
    near: defaultdict[Item, list[Item]] = defaultdict(list)
    for line in lines:
        for one, other in pairwise(line):
            near[one].append(other)
            near[other].append(one)
    return near


def _order(columns: list[list[Item]], lines: Sequence[Sequence[Item]]) -> None:
    """Order each column by the average position of the neighbours on one side, from both sides in turn."""
    near = _neighbours(lines)
    positions = {item: position for column in columns for item, position in _centred(column).items()}
    for sweep in range(_SWEEPS):
        side = 1 if sweep % 2 == 0 else -1
        for column in columns[::side]:
            average = {}
            for item in column:
                places = [positions[other] for other in near[item] if (item[0] - other[0]) * side > 0]
                average[item] = sum(places) / len(places) if places else positions[item]
            column.sort(key=average.__getitem__)
            positions.update(_centred(column))


def _centred(column: Sequence[Item]) -> dict[Item, float]:
    middle = (len(column) - 1) / 2
    return {item: index - middle for index, item in enumerate(column)}


def vertical(layout: Layout, height_of: Mapping[int, float], spacing: float) -> Mapping[Item, float]:
    """The upper ends of all items, the least 0: near the middle of their neighbours, without overlaps.

    Args:
        layout: the columns.
        height_of: the height of each node. A gap has none.
        spacing: between two items of a column.
    """
    near = _neighbours(layout.lines)
    heights = {item: height_of.get(item[1], 0.0) for column in layout.columns for item in column}
    middles = {item: position * spacing * 4 for column in layout.columns for item, position in _centred(column).items()}
    for _ in range(_SWEEPS):
        for column in (*layout.columns, *reversed(layout.columns)):
            wanted = []
            for item in column:
                places = [middles[other] for other in near[item] if other[0] != item[0]]
                wanted.append(sum(places) / len(places) if places else middles[item])
            tops = _apart(
                [middle - heights[item] / 2 for middle, item in zip(wanted, column, strict=True)],
                [heights[item] + spacing for item in column],
            )
            middles.update((item, top + heights[item] / 2) for item, top in zip(column, tops, strict=True))
    tops_of = {item: middle - heights[item] / 2 for item, middle in middles.items()}
    least = min(tops_of.values(), default=0.0)
    return {item: top - least for item, top in tops_of.items()}


def _apart(wanted: Sequence[float], distances: Sequence[float]) -> list[float]:
    """The positions nearest to the wanted ones, each at least the distance of the one before it after that one.

    Isotonic regression: neighbours that would overlap move together, to the average of what they want.
    """
    offsets = [0.0, *accumulate(distances)][: len(wanted)]
    groups: list[tuple[float, int]] = []
    for place, offset in zip(wanted, offsets, strict=True):
        total, count = place - offset, 1
        while groups and groups[-1][0] / groups[-1][1] > total / count:
            before, more = groups.pop()
            total, count = total + before, count + more
        groups.append((total, count))
    spread = [total / count for total, count in groups for _ in range(count)]
    return [place + offset for place, offset in zip(spread, offsets, strict=True)]
