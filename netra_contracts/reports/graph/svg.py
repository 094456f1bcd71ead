"""The graph as SVG: without scripts, ids of its own, and colours for light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise

from rich.cells import cell_len

from netra_contracts.reports.graph.boxes import (
    CELL,
    LOOP,
    MARGIN,
    PADDING,
    Box,
    Heading,
    Picture,
    Point,
    TextLine,
    picture_of,
)
from netra_contracts.reports.graph.model import Edge, EdgeKind, Graph, Node, Style
from netra_contracts.reports.graph.wording import (
    WORDS,
    edge_sentence,
    graph_description,
    graph_notes,
    graph_title,
    node_status,
    with_known,
)
from netra_contracts.reports.wording import clean

_LIGHT = {
    "bg": "#ffffff",
    "box": "#f6f8fa",
    "fg": "#1f2328",
    "dim": "#59636e",
    "line": "#6e7781",
    "held": "#116329",
    "broken": "#b3261e",
    "blocked": "#7d4e00",
}
_DARK = {
    "bg": "#0d1117",
    "box": "#161b22",
    "fg": "#e6edf3",
    "dim": "#9198a1",
    "line": "#8b949e",
    "held": "#4ac26b",
    "broken": "#ff7b72",
    "blocked": "#e3b341",
}
_RULES = """
.nc-graph text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  fill: var(--nc-fg); white-space: pre; }
.nc-graph .nc-words { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--nc-dim); }
.nc-graph .nc-name { font-weight: 600; }
.nc-graph .nc-type, .nc-graph .nc-not_run, .nc-graph .nc-unchecked { fill: var(--nc-dim); }
.nc-graph text.nc-held { fill: var(--nc-held); }
.nc-graph text.nc-broken { fill: var(--nc-broken); font-weight: 600; }
.nc-graph text.nc-known, .nc-graph text.nc-blocked { fill: var(--nc-blocked); }
.nc-graph .nc-page { fill: var(--nc-bg); }
.nc-graph .nc-rule { stroke: var(--nc-line); stroke-width: 0.6; }
.nc-graph .nc-box { fill: var(--nc-box); stroke: var(--nc-line); }
.nc-graph .nc-box.nc-broken { stroke: var(--nc-broken); stroke-width: 2.4; }
.nc-graph .nc-box.nc-known { stroke: var(--nc-blocked); stroke-width: 1.4; }
.nc-graph .nc-box.nc-blocked { stroke: var(--nc-blocked); stroke-width: 1.4; stroke-dasharray: 6 3; }
.nc-graph .nc-box.nc-not_run, .nc-graph .nc-box.nc-unchecked { stroke-dasharray: 1.5 3; }
.nc-graph .nc-edge, .nc-graph .nc-end { stroke: var(--nc-line); stroke-width: 1.3; }
.nc-graph .nc-edge { fill: none; }
.nc-graph .nc-edge.nc-known { stroke: var(--nc-blocked); stroke-width: 1.6; }
.nc-graph .nc-edge.nc-blocked { stroke: var(--nc-blocked); stroke-width: 1.6; stroke-dasharray: 6 3; }
.nc-graph .nc-edge.nc-not_run { stroke-dasharray: 1.5 3; }
.nc-graph .nc-edge.nc-broken { stroke: var(--nc-broken); stroke-width: 2.4; }
.nc-graph .nc-end.nc-known, .nc-graph .nc-end.nc-blocked { stroke: var(--nc-blocked); }
.nc-graph .nc-end.nc-broken, .nc-graph .nc-cross { stroke: var(--nc-broken); stroke-width: 2; }
.nc-graph .nc-cross.nc-known { stroke: var(--nc-blocked); }
.nc-graph .nc-requires { fill: var(--nc-bg); }
.nc-graph .nc-wires, .nc-graph .nc-holds { fill: var(--nc-line); }
.nc-graph .nc-wires.nc-known, .nc-graph .nc-holds.nc-known, .nc-graph .nc-wires.nc-blocked { fill: var(--nc-blocked); }
.nc-graph .nc-wires.nc-broken, .nc-graph .nc-holds.nc-broken { fill: var(--nc-broken); }
.nc-graph .nc-disc { fill: var(--nc-bg); }
"""


def _variables(colours: Mapping[str, str]) -> str:
    return f".nc-graph {{ {' '.join(f'--nc-{name}: {colour};' for name, colour in colours.items())} }}"


def _with_fallbacks(rules: str) -> str:
    """Return rules whose colours have a light one before them, for programs that know no variables, such as librsvg."""
    return re.sub(r"([\w-]+): (var\(--nc-(\w+)\))", lambda found: f"{found[1]}: {_LIGHT[found[3]]}; {found[0]}", rules)


#: Goes into the picture or, for several pictures in a page, once into its style sheet. All names begin with `nc-`.
STYLE = f"""
{_variables(_LIGHT)}
@media screen and (prefers-color-scheme: dark) {{ {_variables(_DARK)} }}
{_with_fallbacks(_RULES).strip()}
"""

#: The shape of the end of a line, by its kind: points relative to its tip, to the right of it.
_ENDS: Mapping[EdgeKind, Sequence[Point]] = {
    "requires": ((0, 0), (9, -5), (9, 5)),
    "wires": ((0, 0), (9, -5), (9, 5)),
    "holds": ((0, 0), (6, -5), (12, 0), (6, 5)),
}
_KINDS: Mapping[EdgeKind, str] = {
    "requires": "requires: that component must be set first",
    "wires": "wires: the attribute must be that very object",
    "holds": "holds: seen in the application, no contract says so",
}
_STYLES: Sequence[Style] = ("broken", "known", "blocked", "not_run")
_LEGEND_LINE = 20.0
_MIN_WIDTH = 460.0


def render(graph: Graph, *, prefix: str = "graph", style: bool = True) -> str:
    """Return the picture of a graph.

    Args:
        graph: what is drawn, all of it: see `focused`.
        prefix: of all ids, so that several pictures in one page differ. Letters, digits and `-`.
        style: whether the picture has its style sheet; without, the page must have `STYLE`.
    """
    picture = picture_of(graph)
    legend = [*_legend(graph, picture.height + 2 * MARGIN)]
    notes = graph_notes(graph)
    top = picture.height + 2 * MARGIN + _LEGEND_LINE * len(legend)
    height = top + _LEGEND_LINE * len(notes) + MARGIN
    width = max(picture.width + MARGIN, _MIN_WIDTH)
    size = f'viewBox="0 0 {_number(width)} {_number(height)}" width="{_number(width)}" height="{_number(height)}"'
    ids = f"{escape(prefix)}-title {escape(prefix)}-desc"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nc-graph" role="img" aria-labelledby="{ids}" {size}>',
        f'<title id="{escape(prefix)}-title">{_text(graph_title(graph))}</title>',
        f'<desc id="{escape(prefix)}-desc">{_text(graph_description(graph))}</desc>',
        *([f"<style>{STYLE}</style>"] if style else []),
        f'<rect class="nc-page" width="{_number(width)}" height="{_number(height)}"/>',
        *(_heading(heading) for heading in picture.headings),
        *_edges(graph, picture),
        *(
            _box(f"{escape(prefix)}-{number}", node, box)
            for number, (node, box) in enumerate(zip(graph.nodes, picture.boxes, strict=True))
        ),
        *legend,
        *(_words(note, MARGIN, top + _LEGEND_LINE * (number + 0.7)) for number, note in enumerate(notes)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(text: str) -> str:
    """Return a text as XML."""
    return escape(clean(text), quote=False)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _heading(heading: Heading) -> str:
    x, y, end = _number(heading.x), _number(heading.y + 18), _number(heading.x + heading.width)
    rule = f'<path class="nc-rule" d="M{x} {y}H{end}"/>'
    return f"{_words(heading.text, heading.x, heading.y + 12)}{rule}"


def _words(text: str, x: float, y: float) -> str:
    return f'<text class="nc-words" x="{_number(x)}" y="{_number(y)}">{_text(text)}</text>'


def _box(name: str, node: Node, box: Box) -> str:
    phase = f"phase {node.phase.value}" if node.phase else "no phase"
    title = "\n".join(_text(line) for line in (node.address, node.type, f"{node_status(node)}; {phase}") if line)
    rect = (
        f'<rect class="nc-box nc-{node.style}" x="{_number(box.x)}" y="{_number(box.y)}" '
        f'width="{_number(box.width)}" height="{_number(box.height)}" rx="5"/>'
    )
    lines = "".join(_line(box, number, line) for number, line in enumerate(box.lines))
    return f'<g id="{name}"><title>{title}</title>{rect}{lines}</g>'


def _line(box: Box, number: int, line: TextLine) -> str:
    # Fonts disagree on the width of other scripts: such a text is fitted to the cells that were counted for it.
    fitted = "" if line.text.isascii() else f' textLength="{_number(cell_len(line.text) * CELL)}"'
    x, y = _number(box.x + PADDING), _number(box.middle_of(number) + 4)
    return f'<text class="nc-{line.role}" x="{x}" y="{y}"{fitted}>{_text(line.text)}</text>'


def _edges(graph: Graph, picture: Picture) -> Iterator[str]:
    """The lines, those that are broken above the others."""
    drawn = [*zip(graph.edges, picture.paths, strict=True)]
    for edge, points in sorted(drawn, key=lambda one: one[0].style == "broken"):
        kind = f"nc-{edge.style} nc-{edge.kind}"
        (before, _), tip = points[-2], points[-1]
        shape = _end(edge.kind, tip, -1 if before < tip[0] else 1)
        yield (
            f"<g><title>{_text(edge_sentence(edge))}</title>"
            f'<path class="nc-edge nc-{edge.style}" d="{_curves(points)}"/>'
            f'<polygon class="nc-end {kind}" points="{_points(shape)}"/>{_cross(edge, points)}</g>'
        )


def _curves(points: Sequence[Point]) -> str:
    """A line that leaves and enters each point horizontally."""
    x, y = points[0]
    parts = [f"M{_number(x)} {_number(y)}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        first, second = _controls(x0, x1)
        parts.append(f"C{_points([(first, y0), (second, y1), (x1, y1)])}")
    return "".join(parts)


def _controls(x0: float, x1: float) -> tuple[float, float]:
    if x0 == x1:  # within one column: around the right side
        return x0 + LOOP, x1 + LOOP
    return (x0 + x1) / 2, (x0 + x1) / 2


def _end(kind: EdgeKind, tip: Point, side: int) -> Sequence[Point]:
    return [(tip[0] + side * x, tip[1] + y) for x, y in _ENDS[kind]]


def _cross(edge: Edge, points: Sequence[Point]) -> str:
    """A cross on a broken line, between the first two columns that it connects."""
    if edge.status != "broken":
        return ""
    (x0, y0), (x1, y1) = points[0], points[1]
    first, second = _controls(x0, x1)
    x, y = (x0 + 3 * first + 3 * second + x1) / 8, (y0 + y1) / 2
    known = " nc-known" if edge.style == "known" else ""
    strokes = f"M{_number(x - 4)} {_number(y - 4)}l8 8m0 -8l-8 8"
    disc = f'<rect class="nc-disc" x="{_number(x - 7)}" y="{_number(y - 7)}" width="14" height="14" rx="7"/>'
    return f'{disc}<path class="nc-cross{known}" d="{strokes}"/>'


def _legend(graph: Graph, y: float) -> Iterator[str]:
    """What ends and strokes of lines mean, of those that are drawn."""
    for kind in _ENDS:
        if any(edge.kind == kind for edge in graph.edges):
            points = ((MARGIN + 38, y), (MARGIN, y))
            sample = f'<path class="nc-edge" d="{_curves(points)}"/>'
            end = f'<polygon class="nc-end nc-{kind}" points="{_points(_end(kind, points[1], 1))}"/>'
            yield f"{sample}{end}{_words(_KINDS[kind], MARGIN + 48, y + 4)}"
            y += _LEGEND_LINE
    for style in _STYLES:
        edge = next((edge for edge in graph.edges if edge.style == style), None)
        if edge is not None:
            words = with_known(WORDS[edge.status], known=style == "known")
            points = ((MARGIN + 38, y), (MARGIN, y))
            sample = f'<path class="nc-edge nc-{style}" d="{_curves(points)}"/>{_cross(edge, points)}'
            yield f"{sample}{_words(words, MARGIN + 48, y + 4)}"
            y += _LEGEND_LINE
