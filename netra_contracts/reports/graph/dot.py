"""The graph in the language of Graphviz. Dependants are to the right of what they depend on, as in the SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from netra_contracts.declare import Phase
from netra_contracts.reports.graph.model import Edge, EdgeKind, Graph, Node, Style
from netra_contracts.reports.graph.wording import class_name, edge_status, graph_notes, graph_title, node_status, short

_CELLS = 48
_BROKEN, _BLOCKED = '"#b3261e"', '"#7d4e00"'
_NODE_STYLES: Mapping[Style, str] = {
    "broken": f", color={_BROKEN}, penwidth=2.4",
    "known": f", color={_BLOCKED}, penwidth=1.4",
    "blocked": f', color={_BLOCKED}, style="rounded,dashed"',
    "not_run": ', style="rounded,dotted"',
    "unchecked": ', style="rounded,dotted"',
    "held": "",
}
_EDGE_STYLES: Mapping[Style, str] = {
    "broken": f", color={_BROKEN}, fontcolor={_BROKEN}, penwidth=2.4",
    "known": f", color={_BLOCKED}, fontcolor={_BLOCKED}, penwidth=1.4",
    "blocked": f", color={_BLOCKED}, fontcolor={_BLOCKED}, style=dashed",
    "not_run": ", style=dotted",
    "held": "",
}
_ENDS: Mapping[EdgeKind, str] = {"requires": "empty", "wires": "normal", "holds": "diamond"}


def render(graph: Graph) -> str:
    """Return a directed graph."""
    ids = {node.address: f"n{number}" for number, node in enumerate(graph.nodes)}
    notes = graph_notes(graph)
    lines = [
        "digraph {",
        f"  graph [rankdir=RL, tooltip={_quoted(graph_title(graph))}]",
        *([f"  graph [label={_quoted(*notes)}]"] if notes else []),
        '  node [shape=box, style=rounded, fontname="monospace", fontsize=11]',
        '  edge [fontname="monospace", fontsize=10]',
        *chain.from_iterable(_phase(graph, phase, ids) for phase in (None, *Phase)),
        *(f"  {ids[edge.component]} -> {ids[edge.other]} [{_edge(edge)}]" for edge in graph.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _quoted(*lines: str, cells: int = 1000) -> str:
    """Return lines as a string, in which `\\` begins an escape and `&` an entity."""
    text = "\n".join(short(line, cells) for line in lines if line)
    for special, escaped in (("&", "&amp;"), ("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        text = text.replace(special, escaped)
    return f'"{text}"'


def _phase(graph: Graph, phase: Phase | None, ids: Mapping[str, str]) -> Iterator[str]:
    """The nodes of one phase."""
    nodes = [f"{ids[node.address]} [{_node(node)}]" for node in graph.nodes if node.phase is phase]
    if phase is None:
        yield from (f"  {node}" for node in nodes)
    elif nodes:
        yield f"  subgraph cluster_{phase.value} {{"
        yield f'    label="{phase.value}"; fontname="sans-serif"; color="#8c959f"; style=dotted'
        yield from (f"    {node}" for node in nodes)
        yield "  }"


def _node(node: Node) -> str:
    label = _quoted(node.address, class_name(node.type), node_status(node), cells=_CELLS)
    return f"label={label}{_NODE_STYLES[node.style]}"


def _edge(edge: Edge) -> str:
    text = _quoted("  ".join(filter(None, (edge.attribute, edge_status(edge)))), cells=_CELLS)
    return f"label={text}, arrowhead={_ENDS[edge.kind]}{_EDGE_STYLES[edge.style]}"
