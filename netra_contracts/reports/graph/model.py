"""Nodes and edges of the graph: components and the dependencies between them. Renderers draw this value only."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from netra_contracts.declare import Phase
from netra_contracts.model.finding import Dependency, Finding
from netra_contracts.model.report import ComponentReport, Report

#: Status of a component's contract; `unchecked`: it has none.
NodeStatus = Literal["held", "broken", "blocked", "not_run", "unchecked"]
#: `requires`, `wires`: the contract says so. `holds`: seen in the running application, of a component without such a
#: contract.
EdgeKind = Literal["requires", "wires", "holds"]
#: `broken`: a finding is about this dependency. `blocked`: it was not checked, because the other component is broken or
#: blocked. `not_run`: it could not be checked.
EdgeStatus = Literal["held", "broken", "blocked", "not_run"]
#: How something is drawn. `known`: it is broken, and known findings alone say so, which do not fail the run.
Style = Literal["held", "broken", "known", "blocked", "not_run", "unchecked"]

#: More components than this are not legible in one picture.
MAX_NODES = 150
#: GitHub draws no Mermaid graph of more than 500 edges.
MAX_EDGES = 400


class Node(NamedTuple):
    """A component.

    Attributes:
        address: its address.
        type: name of its type, or of the type that its contract requires; empty: unknown.
        phase: phase of its contract.
        status: of its contract.
        state: whether it is in the state at the end of startup, and whether it is None there.
        codes: of the findings about it, each once.
        known: whether known findings alone are why it is broken or blocked, or are about it.
    """

    address: str
    type: str = ""
    phase: Phase | None = None
    status: NodeStatus = "unchecked"
    state: Literal["set", "none", "missing"] = "set"
    codes: tuple[str, ...] = ()
    known: bool = False

    @property
    def style(self) -> Style:
        """How it is drawn."""
        return "known" if self.known and self.status == "broken" else self.status


class Edge(NamedTuple):
    """A dependency of one component on another.

    Attributes:
        component: address of the component that depends on the other.
        other: address of the other component.
        kind: how it depends on it.
        attribute: path of the attribute that is, or must be, the other component; empty for `requires`.
        status: whether the dependency is as the contract says.
        codes: of the findings about this dependency, each once.
        known: whether known findings alone are why it is broken or blocked.
    """

    component: str
    other: str
    kind: EdgeKind
    attribute: str = ""
    status: EdgeStatus = "held"
    codes: tuple[str, ...] = ()
    known: bool = False

    @property
    def style(self) -> Style:
        """How it is drawn."""
        return "known" if self.known and self.status == "broken" else self.status


class Graph(NamedTuple):
    """Components and their dependencies.

    Attributes:
        target: what the user named.
        nodes: in the order in which they were set, then those that were not; each address once.
        edges: in the order of their components; each component and other is the address of a node.
        omitted_nodes: number of components that were left out.
        omitted_edges: number of dependencies that were left out.
        started: whether the target started: otherwise what its startup did not reach is unknown.
    """

    target: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    omitted_nodes: int = 0
    omitted_edges: int = 0
    started: bool = True


def graph_of(report: Report) -> Graph:
    """The whole graph of a report. What is broken is broken, also where a baseline accepts it: then it is known."""
    findings = (*report.findings, *(known.finding for known in report.suppressed))
    codes: dict[str, dict[str, None]] = {}
    for finding in findings:
        codes.setdefault(finding.component, {})[finding.code] = None
    new = {finding.component for finding in report.findings}
    nodes = {
        component.address: _node(component, tuple(codes.get(component.address, ())), new)
        for component in report.components
    }
    edges = _edges(report.components, findings)
    for address in dict.fromkeys(name for edge in edges for name in (edge.component, edge.other)):
        if address not in nodes:  # required, without a contract of its own, and never set
            found = tuple(codes.get(address, ()))
            status: NodeStatus = "broken" if found else "unchecked"
            known = bool(found) and address not in new
            nodes[address] = Node(address, status=status, state="missing", codes=found, known=known)
    info = report.target.info
    failing = {_Dependency.of(one) for finding in report.findings for one in finding.dependencies}
    return Graph(
        info.spec or info.module,
        tuple(nodes.values()),
        tuple(_with_status(edge, nodes, failing) for edge in edges),
        started=report.startup.outcome in ("ok", "unsupported"),
    )


def _node(component: ComponentReport, codes: tuple[str, ...], new: Container[str]) -> Node:
    is_known = component.known or (bool(codes) and component.status != "broken" and component.address not in new)
    return Node(
        component.address,
        component.type or component.declared,
        component.phase,
        component.status,
        "missing" if not component.present else "none" if component.is_none else "set",
        codes,
        is_known,
    )


class _Dependency(NamedTuple):
    """What findings and edges are about. Without an attribute, a finding is about all dependencies of the pair."""

    component: str
    other: str
    attribute: str

    @classmethod
    def of(cls, one: Dependency) -> _Dependency:
        return cls(one.component, one.other, one.attribute)


def _edges(components: Iterable[ComponentReport], findings: Iterable[Finding]) -> list[Edge]:
    """The dependencies that contracts declare, and those that findings are about."""
    broken: dict[_Dependency, dict[str, None]] = {}
    for finding in findings:
        for one in finding.dependencies:
            broken.setdefault(_Dependency.of(one), {})[finding.code] = None
    declared = [edge for component in components for edge in _declared(component, broken)]
    known = {(edge.component, edge.other, edge.attribute) for edge in declared}
    pairs = {(edge.component, edge.other) for edge in declared}
    observed = [
        Edge(component, other, "holds", attribute, codes=tuple(codes))
        for (component, other, attribute), codes in broken.items()
        if (component, other, attribute) not in known and (attribute or (component, other) not in pairs)
    ]
    return declared + observed


def _declared(component: ComponentReport, broken: Mapping[_Dependency, Iterable[str]]) -> Iterator[Edge]:
    """The dependencies of one contract. A finding without an attribute is about all dependencies of the pair."""
    address = component.address
    identities = [*component.wires.items(), *([("", component.same_as)] if component.same_as else [])]
    wired = {other for _, other in identities}
    for attribute, other in identities:
        about = (_Dependency(address, other, attribute), _Dependency(address, other, ""))
        codes = dict.fromkeys(code for one in about for code in broken.get(one, ()))
        yield Edge(address, other, "wires", attribute, codes=tuple(codes))
    for other in dict.fromkeys(component.requires):
        if other not in wired:  # the wire says more
            yield Edge(address, other, "requires", codes=tuple(broken.get(_Dependency(address, other, ""), ())))


def _with_status(edge: Edge, nodes: Mapping[str, Node], failing: Container[_Dependency]) -> Edge:
    """An edge with its status; `failing` are the dependencies that findings are about which are not known."""
    status = _status(edge, nodes)
    component, other, attribute = edge.component, edge.other, edge.attribute
    about = (_Dependency(component, other, attribute), _Dependency(component, other, ""))
    is_known = not any(one in failing for one in about) if status == "broken" else nodes[other].known
    return edge._replace(status=status, known=is_known and status in ("broken", "blocked"))


def _status(edge: Edge, nodes: Mapping[str, Node]) -> EdgeStatus:
    if edge.codes:
        return "broken"
    holder, other = nodes[edge.component], nodes[edge.other]
    is_absent = other.state != "set" and other.status != "held"
    if is_absent or (holder.status == "blocked" and other.status in ("broken", "blocked")):
        return "blocked"
    unseen = holder.state != "set" and holder.status != "held"
    return "not_run" if unseen or holder.status in ("blocked", "not_run") else "held"


def focused(graph: Graph, max_nodes: int = MAX_NODES, max_edges: int = MAX_EDGES) -> Graph:
    """A graph that can be drawn: all of it, or the neighbourhood of what is broken if it is larger.

    Args:
        graph: the whole graph.
        max_nodes: how many components it may have at most.
        max_edges: how many dependencies it may have at most. Broken ones are kept first.
    """
    nodes, edges = graph.nodes, graph.edges
    if len(nodes) > max_nodes:
        kept = _neighbourhood(graph, max_nodes)
        nodes = tuple(node for node in nodes if node.address in kept)
        edges = tuple(edge for edge in edges if edge.component in kept and edge.other in kept)
    if len(edges) > max_edges:
        ranked = sorted(range(len(edges)), key=lambda position: _rank(edges[position]))
        edges = tuple(edges[position] for position in sorted(ranked[:max_edges]))
    return graph._replace(
        nodes=nodes,
        edges=edges,
        omitted_nodes=graph.omitted_nodes + len(graph.nodes) - len(nodes),
        omitted_edges=graph.omitted_edges + len(graph.edges) - len(edges),
    )


_EDGES_FIRST: Sequence[EdgeStatus] = ("broken", "blocked", "not_run", "held")
_NODES_FIRST: Sequence[NodeStatus] = ("broken", "not_run", "blocked", "held", "unchecked")


def _rank(edge: Edge) -> tuple[int, bool]:
    """The order of edges: what fails the run comes before what is known."""
    return _EDGES_FIRST.index(edge.status), edge.known


def _neighbourhood(graph: Graph, most: int) -> set[str]:
    """The components of broken dependencies, broken components, and what these depend on or what depends on them.

    Without anything broken, the first components, those that have contracts before others.
    """
    seeds: list[str] = []
    for style in ("broken", "known"):
        seeds += [name for edge in graph.edges if edge.style == style for name in (edge.component, edge.other)]
        seeds += [node.address for node in graph.nodes if node.style == style]
    kept = dict.fromkeys(seeds)
    around = [
        name
        for edge in graph.edges
        for mine, name in ((edge.component, edge.other), (edge.other, edge.component))
        if mine in kept
    ]
    kept.update(dict.fromkeys(around))
    if not kept:
        kept = dict.fromkeys(
            node.address for node in sorted(graph.nodes, key=lambda node: _NODES_FIRST.index(node.status))
        )
    return set(list(kept)[:most])


class EdgeRow(NamedTuple):
    """One row of the table beside a graph, as text.

    Attributes:
        component: address of the component that depends on the other; with the path of the attribute, if there is one.
        relation: `requires`, `must be` or `holds`.
        other: address of the other component.
        status: status of the dependency.
        codes: codes of the findings about it, separated by commas.
        known: whether known findings alone are why it is broken or blocked.
    """

    component: str
    relation: str
    other: str
    status: EdgeStatus
    codes: str
    known: bool = False


RELATIONS: Mapping[EdgeKind, str] = {"requires": "requires", "wires": "must be", "holds": "holds"}


def edge_rows(graph: Graph) -> tuple[EdgeRow, ...]:
    """The dependencies of a graph as a table, the broken ones first."""
    return tuple(
        EdgeRow(holder(edge), RELATIONS[edge.kind], edge.other, edge.status, ", ".join(edge.codes), edge.known)
        for edge in sorted(graph.edges, key=_rank)
    )


def holder(edge: Edge) -> str:
    """The component of a dependency with its attribute: `engine._bridge`, `engine[0].bridge`."""
    dot = "" if not edge.attribute or edge.attribute.startswith("[") else "."
    return f"{edge.component}{dot}{edge.attribute}"
