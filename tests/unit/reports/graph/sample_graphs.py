"""Graphs for the tests of pictures: one with every status, and strategies for arbitrary ones."""

from __future__ import annotations

from hypothesis import strategies as st

from netra_contracts.declare import Phase
from netra_contracts.reports.graph.model import Edge, Graph, Node
from tests.unit.reports.sample_reports import hostile_text

SHOP = Graph(
    "shop.main:create_app",
    (
        Node("pool", "shop.db:Pool", Phase.INITIALIZATION, "held"),
        Node("cache", "shop.cache:Cache", Phase.CONFIGURATION, "broken", "missing", ("NC201",)),
        Node("bridge", "shop.ws:Bridge", Phase.CONFIGURATION, "held"),
        Node("engine", "shop.engine:Engine", Phase.INTEGRATION, "broken", codes=("NC302", "NC303")),
        Node("search", "shop.search:Search", Phase.INTEGRATION, "blocked"),
        Node("mailer", "shop.mail:Mailer"),
        Node("metrics", "", Phase.READINESS, "not_run"),
    ),
    (
        Edge("bridge", "pool", "wires", "_pool"),
        Edge("engine", "bridge", "wires", "_bridge", "broken", ("NC303",)),
        Edge("engine", "pool", "requires", "", "broken", ("NC302",)),
        Edge("search", "cache", "requires", "", "blocked"),
        Edge("mailer", "pool", "holds", "[0].pool", "broken", ("NC304",)),
        Edge("metrics", "engine", "requires", "", "not_run"),
    ),
)


@st.composite
def graphs(draw: st.DrawFn, names: st.SearchStrategy[str] = hostile_text, most: int = 14) -> Graph:
    """Graphs of any shape, cycles and dependencies of a component on itself included."""
    addresses = draw(st.lists(names, min_size=1, max_size=most, unique=True))
    codes = st.lists(st.sampled_from(["NC201", "NC303", "NC304"]), max_size=3, unique=True).map(tuple)
    nodes = tuple(
        draw(
            st.builds(
                Node,
                st.just(address),
                names,
                st.none() | st.sampled_from(Phase),
                st.sampled_from(["held", "broken", "blocked", "not_run", "unchecked"]),
                st.sampled_from(["set", "none", "missing"]),
                codes,
            )
        )
        for address in addresses
    )
    edges = st.builds(
        Edge,
        st.sampled_from(addresses),
        st.sampled_from(addresses),
        st.sampled_from(["requires", "wires", "holds"]),
        names,
        st.sampled_from(["held", "broken", "blocked", "not_run"]),
        codes,
    )
    return Graph(draw(names), nodes, tuple(draw(st.lists(edges, max_size=20))), started=draw(st.booleans()))


def chain(count: int) -> Graph:
    """Components that each require the one before."""
    nodes = tuple(Node(f"c{number}", "shop:Thing", None, "held") for number in range(count))
    edges = tuple(Edge(f"c{number}", f"c{number - 1}", "requires") for number in range(1, count))
    return Graph("shop:app", nodes, edges)


def star(count: int) -> Graph:
    """Components that all require the first, of which the last is broken."""
    nodes = tuple(Node(f"c{number}", "shop:Thing", None, "held") for number in range(count))
    edges = [Edge(f"c{number}", "c0", "requires") for number in range(1, count)]
    edges[-1] = edges[-1]._replace(status="broken", codes=("NC302",))
    return Graph("shop:app", nodes, tuple(edges))
