"""The graph as Mermaid, which GitHub, GitLab and many editors draw in Markdown.

Dependants are to the right of what they depend on, as in the SVG. GitHub draws up to 500 edges and 50,000 characters
(`maxEdges` and `maxTextSize` of Mermaid's configuration).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from netra_contracts.declare import Phase
from netra_contracts.reports.graph.model import Edge, Graph, Node, Style, focused
from netra_contracts.reports.graph.wording import (
    class_name,
    edge_status,
    graph_description,
    graph_title,
    node_status,
    short,
)
from netra_contracts.reports.wording import clean

_MAX_LENGTH = 50_000
_CELLS = 48
#: Characters that mean something in quoted text or, as `%%{`, anywhere.
_SPECIAL = re.compile(r"[\"#<>&`%\\{}]")
_ARROWS: Mapping[Style, str] = {"broken": "==>", "blocked": "-.->", "not_run": "-.->"}
#: Legible on the white and on the dark background of GitHub.
_STYLES = {
    "broken": "stroke:#d1242f,stroke-width:3px",
    "known": "stroke:#9a6700,stroke-width:2px",
    "blocked": "stroke:#9a6700,stroke-dasharray:6 3",
}


def render(graph: Graph) -> str:
    """Return a flowchart. A text longer than GitHub draws is one of fewer components."""
    text = _flowchart(graph)
    while len(text) > _MAX_LENGTH and len(graph.nodes) > 1:
        graph = focused(graph, max_nodes=len(graph.nodes) // 2)
        text = _flowchart(graph)
    return text


def _flowchart(graph: Graph) -> str:
    ids = {node.address: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = [
        "flowchart RL",
        f"  accTitle: {_plain(graph_title(graph))}",
        f"  accDescr: {_plain(graph_description(graph))}",
        *chain.from_iterable(_phase(graph, phase, ids) for phase in (None, *Phase)),
        *(f"  {ids[edge.component]} {_arrow(edge)} {ids[edge.other]}" for edge in graph.edges),
        *_styles(graph, ids),
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Return a text of one line, which ends at `;` and begins a comment at `%%`."""
    return re.sub(r"[;%{}#]", " ", clean(text))


def _label(*lines: str) -> str:
    """Return lines as quoted text."""
    cleaned = (short(line, _CELLS).replace("$$", "$ $") for line in lines if line)  # `$$` begins a formula
    return f'"{"<br>".join(_SPECIAL.sub(lambda found: f"#{ord(found[0])};", line) for line in cleaned)}"'


def _phase(graph: Graph, phase: Phase | None, ids: Mapping[str, str]) -> Iterator[str]:
    """The nodes of one phase."""
    nodes = [f"{ids[node.address]}[{_node(node)}]" for node in graph.nodes if node.phase is phase]
    if phase is None:
        yield from (f"  {node}" for node in nodes)
    elif nodes:
        yield f"  subgraph {phase.value}"
        yield from (f"    {node}" for node in nodes)
        yield "  end"


def _node(node: Node) -> str:
    return _label(node.address, class_name(node.type), node_status(node))


def _arrow(edge: Edge) -> str:
    text = "  ".join(filter(None, (edge.attribute, edge_status(edge))))
    return _ARROWS.get(edge.style, "-->") + (f"|{_label(text)}|" if text else "")


def _styles(graph: Graph, ids: Mapping[str, str]) -> Iterator[str]:
    for style, rules in _STYLES.items():
        nodes = [ids[node.address] for node in graph.nodes if node.style == style]
        edges = [str(number) for number, edge in enumerate(graph.edges) if edge.style == style]
        if nodes:
            yield f"  classDef {style} {rules}"
            yield f"  class {','.join(nodes)} {style}"
        if edges:
            yield f"  linkStyle {','.join(edges)} {rules}"
