"""Where nodes and lines are."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from netra_contracts.declare import Phase
from netra_contracts.reports.graph.boxes import LOOP, Box, Point, picture_of
from netra_contracts.reports.graph.layout import Layout, layered, vertical
from netra_contracts.reports.graph.model import Edge, Graph, Node
from tests.unit.reports.graph import sample_graphs

A, B, C, D = range(4)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[list[Phase | None], list[tuple[int, int]]]:
    """Phases of nodes and pairs of these."""
    count = draw(st.integers(1, 14))
    node = st.integers(0, count - 1)
    phases = draw(st.lists(st.none() | st.sampled_from(Phase), min_size=count, max_size=count))
    return phases, draw(st.lists(st.tuples(node, node), max_size=25))


def columns(layout: Layout) -> list[list[int]]:
    """The nodes in each column, without gaps."""
    return [sorted(node for _, node in column if node >= 0) for column in layout.columns]


def test_nodes_are_in_columns_by_the_longest_path() -> None:
    assert columns(layered([None] * 4, [(B, A), (C, B), (C, A), (D, A)])) == [[A], [B, D], [C]]


def test_columns_of_a_phase_follow_those_of_the_phase_before() -> None:
    phases = [Phase.INITIALIZATION, Phase.INITIALIZATION, Phase.READINESS, Phase.CONFIGURATION]
    layout = layered(phases, [(B, A), (C, A), (D, A)])
    assert columns(layout) == [[A], [B], [D], [C]]
    assert layout.phases == (Phase.INITIALIZATION, Phase.INITIALIZATION, Phase.CONFIGURATION, Phase.READINESS)


def test_node_without_a_phase_is_beside_its_dependency() -> None:
    phases = [Phase.CONFIGURATION, None, None, Phase.READINESS]
    assert columns(layered(phases, [(B, A), (D, C)])) == [[A], [B], [C], [D]]


def test_dependency_on_a_later_phase_goes_to_the_right() -> None:
    layout = layered([Phase.READINESS, Phase.INITIALIZATION], [(B, A)])
    assert columns(layout) == [[B], [A]]
    assert layout.lines == (((1, A), (0, B)),)


def test_cycle_has_as_many_columns_as_nodes() -> None:
    assert columns(layered([None] * 3, [(A, B), (B, C), (C, A)])) == [[C], [B], [A]]


def test_line_passes_through_a_gap_in_each_column_between() -> None:
    layout = layered([None] * 3, [(B, A), (C, B), (C, A)])
    assert layout.lines[2] == ((0, A), (1, -3), (2, C))
    assert set(layout.columns[1]) == {(1, B), (1, -3)}


def test_crossing_lines_are_avoided_by_order() -> None:
    (_, second) = layered([None] * 4, [(C, B), (D, A)]).columns
    (first, _) = layered([None] * 4, [(C, B), (D, A)]).columns
    pairs = {C: B, D: A}
    assert [pairs[node] for _, node in second] == [node for _, node in first]


def test_path_of_ten_thousand_nodes_is_placed() -> None:
    layout = layered([None] * 10_000, [(number, number - 1) for number in range(1, 10_000)])
    assert len(layout.columns) == 10_000


@settings(max_examples=40)
@given(shapes())
def test_each_node_has_one_position(shape: tuple[list[Phase | None], list[tuple[int, int]]]) -> None:
    phases, edges = shape
    layout = layered(phases, edges)
    placed = [node for column in columns(layout) for node in column]
    assert sorted([*placed, *layout.isolated]) == list(range(len(phases)))
    assert all(columns(layout))
    assert [(line[-1][1], line[0][1]) for line in layout.lines] == edges


@settings(max_examples=40)
@given(shapes())
def test_phases_are_in_order_from_left_to_right(shape: tuple[list[Phase | None], list[tuple[int, int]]]) -> None:
    layout = layered(*shape)
    named = [phase for phase in layout.phases if phase is not None]
    assert named == sorted(named)


@settings(max_examples=40)
@given(shapes())
def test_items_of_a_column_do_not_overlap(shape: tuple[list[Phase | None], list[tuple[int, int]]]) -> None:
    layout = layered(*shape)
    heights = {node: 20.0 + 7 * node for node in range(len(shape[0]))}
    tops = vertical(layout, heights, 10)
    assert min(tops.values(), default=0) == 0
    for column in layout.columns:
        for upper, lower in pairwise(column):
            assert tops[lower] >= tops[upper] + heights.get(upper[1], 0) + 10 - 1e-6


@settings(max_examples=20)
@given(sample_graphs.graphs())
def test_boxes_do_not_overlap_and_lines_avoid_other_boxes(graph: Graph) -> None:
    picture = picture_of(graph)
    assert len(picture.boxes) == len(graph.nodes)
    for number, box in enumerate(picture.boxes):
        assert 0 <= box.x <= box.x + box.width <= picture.width
        assert 0 <= box.y <= box.y + box.height <= picture.height
        assert not [other for other in picture.boxes[number + 1 :] if _overlap(box, other)]
    boxes = dict(zip((node.address for node in graph.nodes), picture.boxes, strict=True))
    for edge, points in zip(graph.edges, picture.paths, strict=True):
        for (x, y), box in ((points[0], boxes[edge.component]), (points[-1], boxes[edge.other])):
            assert x in (box.x, box.x + box.width)
            assert box.y < y < box.y + box.height
        assert not [box for point in points[1:-1] for box in picture.boxes if _is_in(point, box)]


def test_line_within_the_last_column_is_inside_the_picture() -> None:
    graph = Graph("", (Node("pool"),), (Edge("pool", "pool", "requires"),))
    picture = picture_of(graph)
    assert picture.width >= max(x for x, _ in picture.paths[0]) + LOOP


def _overlap(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return not beside and one.y < other.y + other.height and other.y < one.y + one.height


def _is_in(point: Point, box: Box) -> bool:
    return box.x <= point[0] <= box.x + box.width and box.y <= point[1] <= box.y + box.height
