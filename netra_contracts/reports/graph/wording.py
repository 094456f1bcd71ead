"""Text in pictures of graphs: names that are clean and short enough, and the words for statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from rich.cells import cell_len

from netra_contracts.reports.graph.model import RELATIONS, Edge, Graph, Node, NodeStatus, holder
from netra_contracts.reports.headline import format_broken
from netra_contracts.reports.wording import clean, plural

#: What precedes a status, so that a status is more than a colour.
SYMBOLS: Mapping[NodeStatus, str] = {"held": "✓", "broken": "✗", "blocked": "‖", "not_run": "?", "unchecked": "·"}
#: Statuses in pictures and tables.
WORDS: Mapping[NodeStatus, str] = {
    "held": "held",
    "broken": "broken",
    "blocked": "blocked",
    "not_run": "not run",
    "unchecked": "no contract",
}
_STATES = {"set": "", "none": "None", "missing": "missing"}
_ELLIPSIS = "…"
#: Broken dependencies that the description of a picture names.
_NAMED = 10


def short(text: str, cells: int) -> str:
    """Return a clean text of at most `cells` columns, cut in the middle: names often differ at their ends."""
    text = clean(text)
    if cell_len(text) <= cells:
        return text
    available = cells - cell_len(_ELLIPSIS)
    return _head(text, available - available // 2) + _ELLIPSIS + _head(text[::-1], available // 2)[::-1]


def _head(text: str, cells: int) -> str:
    return text[: sum(total <= cells for total in accumulate(map(cell_len, text)))]


def class_name(type_name: str) -> str:
    """Return `Pool` for `app.ws:Pool`, and for a union of types `Pool | None`."""
    return " | ".join(part.strip().rpartition(":")[2].rpartition(".")[2] for part in type_name.split("|"))


def node_status(node: Node) -> str:
    """Return `✗ broken, missing, NC201`, and `! no contract, NC304` of a component whose contract is not broken.

    What known findings alone break is `✗ broken (known), NC201`.
    """
    symbol = "!" if node.codes and node.status in ("held", "unchecked") else SYMBOLS[node.status]
    words = [with_known(WORDS[node.status], known=node.known), _STATES[node.state], _listed(node.codes)]
    return f"{symbol} {', '.join(filter(None, words))}"


def edge_status(edge: Edge) -> str:
    """Return `✗ NC303`, `✗ NC303 (known)` or `‖ blocked`; empty for a dependency that holds."""
    if edge.status == "held":
        return ""
    return f"{SYMBOLS[edge.status]} {with_known(_listed(edge.codes) or WORDS[edge.status], known=edge.known)}"


def with_known(words: str, *, known: bool) -> str:
    """Return `broken (known)` of what known findings alone say."""
    return f"{words} (known)" if known else words


def _listed(codes: Sequence[str]) -> str:
    return ", ".join([*codes[:3], *(["..."] if codes[3:] else [])])


def omission(graph: Graph) -> str:
    """Return how many components and dependencies a graph lacks; empty: none."""
    left_out = [
        plural(graph.omitted_nodes, "component") if graph.omitted_nodes else "",
        (f"{graph.omitted_edges:,} " + ("dependency" if graph.omitted_edges == 1 else "dependencies"))
        if graph.omitted_edges
        else "",
    ]
    return " and ".join(filter(None, left_out))


def graph_title(graph: Graph) -> str:
    return f"Components of {graph.target} and their dependencies" if graph.target else "Components and dependencies"


def graph_description(graph: Graph) -> str:
    """The description of the picture for screen readers."""
    broken = [edge for edge in graph.edges if edge.status == "broken"]
    known = sum(edge.known for edge in broken)
    blocked = sum(edge.status == "blocked" for edge in graph.edges)
    edges = f"{len(graph.edges):,} {'dependency' if len(graph.edges) == 1 else 'dependencies'}"
    counts = (
        f"{plural(len(graph.nodes), 'component')}, {edges}: {format_broken(len(broken), known)}, {blocked:,} blocked."
    )
    named = [f"{edge_sentence(edge)}." for edge in broken[:_NAMED]]
    more = len(broken) - len(named)
    return " ".join([counts, *named, *([f"And {more:,} more."] if more else []), *graph_notes(graph)])


def edge_sentence(edge: Edge) -> str:
    notes = ", ".join([*(["known"] if edge.known else []), *edge.codes])
    return f"{holder(edge)} {RELATIONS[edge.kind]} {edge.other}: {WORDS[edge.status]}{f' ({notes})' if notes else ''}"


def graph_notes(graph: Graph) -> list[str]:
    omitted = omission(graph)
    notes = [] if graph.nodes else ["No components are known."]
    if omitted:
        notes.append(f"Not drawn: {omitted}. What is broken comes first.")
    if not graph.started:
        notes.append("The target did not start: what startup did not reach is missing or blocked.")
    return notes
