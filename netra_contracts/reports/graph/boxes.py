"""The boxes of a picture of a graph: their text, size and place, and the course of the lines between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from netra_contracts.reports.graph.layout import Item, Layout, layered, vertical
from netra_contracts.reports.graph.model import Graph, Node, Style
from netra_contracts.reports.graph.wording import class_name, edge_status, node_status, short

#: In pixels: the width of a character, the height of a line of text, and the distance of text from the border.
CELL, LINE, PADDING = 7.3, 17.0, 9.0
#: How far a line between boxes of one column goes to the right of it.
LOOP = 48.0
#: The margin of the picture.
MARGIN = 16.0
_COLUMN_SPACING, _ROW_SPACING, _HEADING = 72.0, 18.0, 30.0
#: Columns of text in a box at most.
_CELLS = 36
#: Columns of the name of an attribute, whatever else is in its line.
_LEAST_CELLS = 18
#: What is without dependencies fills at least this width.
_MIN_WIDTH = 860.0

Point = tuple[float, float]


class TextLine(NamedTuple):
    """One line in a box.

    Attributes:
        text: what it says, clean.
        role: what it is about: the name, the type, or a status.
        edge: number of the edge that starts here; None: none does.
    """

    text: str
    role: Style | str
    edge: int | None = None


class Box(NamedTuple):
    """The box of a node: its upper left corner, its size and its text."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[TextLine, ...]

    def middle_of(self, line: int) -> float:
        """The height at which a line of text is."""
        return self.y + PADDING + LINE * (line + 0.5)


class Heading(NamedTuple):
    """Text above boxes, with a rule of some width."""

    text: str
    x: float
    y: float
    width: float


class Picture(NamedTuple):
    """Where everything is.

    Attributes:
        boxes: of the nodes, in their order.
        paths: of the edges, in their order: from the component that depends on the other to that other.
        headings: of phases, and of what is without dependencies.
        width: of what is drawn, without the margin on the right.
        height: of what is drawn, without the margin below.
    """

    boxes: tuple[Box, ...]
    paths: tuple[tuple[Point, ...], ...]
    headings: tuple[Heading, ...]
    width: float
    height: float


def picture_of(graph: Graph) -> Picture:
    """Place the boxes and lines of a graph."""
    numbers = {node.address: number for number, node in enumerate(graph.nodes)}
    ends = [(numbers[edge.component], numbers[edge.other]) for edge in graph.edges]
    layout = layered([node.phase for node in graph.nodes], ends)
    texts = _texts(graph, ends)
    spans = list(_spans(layout, texts))
    headings = list(_phase_headings(layout, spans))
    tops = vertical(layout, {number: _height(lines) for number, lines in enumerate(texts)}, _ROW_SPACING)
    top = MARGIN + (_HEADING if headings else 0.0)
    boxes = {
        node: Box(spans[column][0], top + y, spans[column][1], _height(texts[node]), texts[node])
        for (column, node), y in tops.items()
        if node >= 0
    }
    heights = {item: top + y for item, y in tops.items()}
    paths = tuple(tuple(_course(line, number, spans, boxes, heights)) for number, line in enumerate(layout.lines))
    bottom, right = _extent(boxes)
    if any(points[0][0] == points[-1][0] == right for points in paths):
        right += LOOP
    if layout.isolated:
        if boxes:
            headings.append(
                Heading("without dependencies", MARGIN, bottom + _ROW_SPACING, max(right, _MIN_WIDTH) - MARGIN)
            )
        first = bottom + _ROW_SPACING + _HEADING if boxes else MARGIN
        boxes.update(_grid(layout.isolated, texts, first, max(right, _MIN_WIDTH)))
        bottom, right = _extent(boxes)[0], max(right, _extent(boxes)[1])
    return Picture(tuple(boxes[number] for number in range(len(texts))), paths, tuple(headings), right, bottom)


def _extent(boxes: Mapping[int, Box]) -> Point:
    """The lower and the right end of all boxes."""
    bottom = max((box.y + box.height for box in boxes.values()), default=MARGIN)
    return bottom, max((box.x + box.width for box in boxes.values()), default=MARGIN)


def _texts(graph: Graph, ends: Sequence[tuple[int, int]]) -> list[tuple[TextLine, ...]]:
    """The lines of each box."""
    starting: defaultdict[int, list[int]] = defaultdict(list)
    for number, (node, _) in enumerate(ends):
        starting[node].append(number)
    return [(*_node_lines(node), *_edge_lines(graph, starting[number])) for number, node in enumerate(graph.nodes)]


def _node_lines(node: Node) -> Iterator[TextLine]:
    yield TextLine(short(node.address, _CELLS), "name")
    if node.type:
        yield TextLine(short(class_name(node.type), _CELLS), "type")
    yield TextLine(short(node_status(node), _CELLS), node.style)


def _edge_lines(graph: Graph, edges: Sequence[int]) -> Iterator[TextLine]:
    """The attributes that are, or must be, other components; of what is only required, what is wrong."""
    for number in edges:
        edge = graph.edges[number]
        status = edge_status(edge)
        if edge.attribute or status:
            label = edge.attribute or f"requires {edge.other}"
            available = max(_CELLS - cell_len(status) - 2, _LEAST_CELLS) if status else _CELLS
            text = "  ".join(filter(None, (short(label, available), status)))
            yield TextLine(text, edge.style, number)


def _height(lines: Sequence[TextLine]) -> float:
    return len(lines) * LINE + 2 * PADDING


def _width(lines: Sequence[TextLine]) -> float:
    return max(cell_len(line.text) for line in lines) * CELL + 2 * PADDING


def _spans(layout: Layout, texts: Sequence[Sequence[TextLine]]) -> Iterator[tuple[float, float]]:
    """The left end and the width of each column."""
    x = MARGIN
    for column in layout.columns:
        width = max(_width(texts[node]) for _, node in column if node >= 0)
        yield x, width
        x += width + _COLUMN_SPACING


def _phase_headings(layout: Layout, spans: Sequence[tuple[float, float]]) -> Iterator[Heading]:
    """One heading for the neighbouring columns of a phase."""
    for column, phase in enumerate(layout.phases):
        if phase is not None and (column == 0 or layout.phases[column - 1] != phase):
            last = max(other for other, name in enumerate(layout.phases) if name == phase)
            x = spans[column][0]
            yield Heading(phase.value, x, MARGIN, spans[last][0] + spans[last][1] - x)


def _grid(
    nodes: Sequence[int], texts: Sequence[tuple[TextLine, ...]], top: float, right: float
) -> Iterator[tuple[int, Box]]:
    """Boxes of the same width in rows."""
    width = max(_width(texts[node]) for node in nodes)
    x, y, deepest = MARGIN, top, 0.0
    for node in nodes:
        if x > MARGIN and x + width > right:
            x, y, deepest = MARGIN, y + deepest + _ROW_SPACING, 0.0
        yield node, Box(x, y, width, _height(texts[node]), texts[node])
        deepest = max(deepest, _height(texts[node]))
        x += width + _ROW_SPACING


def _course(
    line: Sequence[Item],
    edge: int,
    spans: Sequence[tuple[float, float]],
    boxes: Mapping[int, Box],
    heights: Mapping[Item, float],
) -> Iterator[Point]:
    """The points that a line passes through. It leaves and enters boxes and gaps at their left and right sides."""
    *steps, (last, other) = reversed(line)
    (first, node), *gaps = steps
    following = gaps[0][0] if gaps else last
    box = boxes[node]
    start = next((number for number, text in enumerate(box.lines) if text.edge == edge), 0)
    yield _side(spans[first], following >= first), box.middle_of(start)
    for gap in gaps:
        forward = last > first
        y = heights[gap]
        yield _side(spans[gap[0]], not forward), y
        yield _side(spans[gap[0]], forward), y
    before = gaps[-1][0] if gaps else first
    end = boxes[other].y + boxes[other].height / 2
    yield _side(spans[last], before >= last), end + (LINE if node == other else 0.0)


def _side(span: tuple[float, float], right: bool) -> float:
    return span[0] + (span[1] if right else 0.0)
