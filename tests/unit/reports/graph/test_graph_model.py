"""From a report to nodes and edges, and which of them are drawn."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings

from netra_contracts.checks.engine.judgement import judge
from netra_contracts.checks.engine.report_builder import build_report
from netra_contracts.checks.engine.suppression import Suppressions
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Dependency, Finding
from netra_contracts.model.report import ComponentReport, Report
from netra_contracts.model.suppression import Suppressed, Suppression
from netra_contracts.pipeline.judging import JudgeOptions, judge_recording
from netra_contracts.protocol.observed.app_states import StaleReference
from netra_contracts.reports.graph import render, svg
from netra_contracts.reports.graph.model import (
    MAX_EDGES,
    MAX_NODES,
    Edge,
    EdgeRow,
    Graph,
    Node,
    edge_rows,
    focused,
    graph_of,
)
from netra_contracts.reports.graph.wording import edge_status
from tests.unit.checks.evidence import Startup, contract, fault, raised
from tests.unit.reports import sample_reports
from tests.unit.reports.graph import sample_graphs

BRIDGE = contract("bridge", "configuration")
ENGINE = contract("engine", "integration", requires=("pool",), wires={"_bridge": "bridge"})
POOL = contract("pool", "initialization", type="shop:Pool")


def reported(startup: Startup) -> Report:
    recording = startup.recording()
    return build_report(recording, judge(recording), fail_level="error", tool_version="1.2.3")


def started(*names: str) -> Startup:
    """A startup that sets these components, in this order."""
    startup = Startup(POOL, BRIDGE, ENGINE)
    for line, name in enumerate(names, 1):
        startup.sets(name, line)
    return startup


def edges(graph: Graph) -> dict[tuple[str, str], tuple[str, str, tuple[str, ...]]]:
    return {
        (f"{edge.component}.{edge.attribute}".rstrip("."), edge.other): (edge.kind, edge.status, edge.codes)
        for edge in graph.edges
    }


def test_edges_are_the_requires_and_wires_of_contracts() -> None:
    graph = graph_of(reported(started("pool", "bridge", "engine", "free")))
    assert [(node.address, node.status) for node in graph.nodes] == [
        ("pool", "held"),
        ("bridge", "held"),
        ("engine", "held"),
        ("free", "unchecked"),
    ]
    assert edges(graph) == {
        ("engine._bridge", "bridge"): ("wires", "held", ()),
        ("engine", "pool"): ("requires", "held", ()),
    }
    assert (graph.target, graph.started) == ("shop.main:app", True)


def test_broken_wire_is_marked_and_the_other_dependency_is_not() -> None:
    startup = started("pool", "bridge", "engine").answers("same", "engine", "_bridge", holds=False)
    graph = graph_of(reported(startup))
    assert edges(graph) == {
        ("engine._bridge", "bridge"): ("wires", "broken", ("NC303",)),
        ("engine", "pool"): ("requires", "held", ()),
    }
    assert {node.address: node.codes for node in graph.nodes if node.codes} == {"engine": ("NC303",)}


def test_broken_wire_of_a_known_finding_is_still_broken_and_marked_as_known() -> None:
    startup = started("pool", "bridge", "engine").answers("same", "engine", "_bridge", holds=False)
    recording = startup.recording()
    entry = Suppression(code="NC303", component="engine", subject="_bridge", reason="known")
    known = graph_of(judge_recording(recording, JudgeOptions(suppressions=Suppressions((entry,), date(2026, 1, 1)))))
    new = graph_of(reported(startup))
    assert known == new._replace(
        nodes=tuple(node._replace(known=node.address == "engine") for node in new.nodes),
        edges=tuple(edge._replace(known=edge.attribute == "_bridge") for edge in new.edges),
    )
    assert [node.style for node in known.nodes] == ["held", "held", "known"]
    assert edge_rows(known)[0].known
    for form in ("mermaid", "dot", "svg"):
        text = render(known, form)
        assert "broken (known)" in text
        assert "NC303 (known)" in text
        assert re.search("b3261e|d1242f|nc-broken", text.partition("</style>")[2] or text) is None


def test_new_finding_about_a_known_dependency_is_not_known() -> None:
    wire = Dependency(component="engine", other="bridge", attribute="_bridge")
    first, second = (
        Finding(code=code, severity=Severity.ERROR, message="", component="engine", dependencies=(wire,))
        for code in ("NC303", "NC304")
    )
    suppressed = (Suppressed(finding=first, source="baseline", reason="known"),)
    components = (ComponentReport(address="engine", status="broken"), ComponentReport(address="bridge", status="held"))
    graph = graph_of(sample_reports.report(components=components, findings=(second,), suppressed=suppressed))
    assert [(edge.style, edge.codes) for edge in graph.edges] == [("broken", ("NC304", "NC303"))]
    assert graph.nodes[0].style == "broken"
    lost = graph_of(sample_reports.report(components=components[1:], suppressed=suppressed))
    assert [(node.address, node.style) for node in lost.nodes] == [("bridge", "held"), ("engine", "known")]


def test_dependency_on_a_known_broken_component_is_blocked_and_known() -> None:
    components = (
        ComponentReport(address="pool", present=False, status="broken", known=True),
        ComponentReport(address="engine", status="blocked", known=True, requires=("pool",)),
    )
    (edge,) = graph_of(sample_reports.report(components=components)).edges
    assert (edge.style, edge_status(edge)) == ("blocked", "\u2016 blocked (known)")


@pytest.mark.parametrize(("phase", "code"), [("integration", "NC302"), ("initialization", "NC301")])
def test_wrong_order_marks_the_dependency(phase: str, code: str) -> None:
    startup = Startup(contract("pool", phase), contract("engine", "integration", requires=("pool",)))
    graph = graph_of(reported(startup.sets("engine", 1).sets("pool", 2)))
    assert edges(graph) == {("engine", "pool"): ("requires", "broken", (code,))}


def test_stale_reference_without_a_contract_is_an_edge_of_its_own() -> None:
    startup = Startup().sets("bridge", 1, version="first").sets("engine", 2).sets("bridge", 3, version="second")
    startup.sees(stale_references=(StaleReference("engine", "bridge", "bridge", "first", "shop:Bridge"),))
    assert edges(graph_of(reported(startup))) == {("engine.bridge", "bridge"): ("holds", "broken", ("NC304",))}


def test_dependencies_on_a_missing_component_are_blocked() -> None:
    graph = graph_of(reported(started("bridge", "engine")))
    assert edges(graph)["engine", "pool"] == ("requires", "blocked", ())
    assert edges(graph)["engine._bridge", "bridge"] == ("wires", "not_run", ())
    pool = next(node for node in graph.nodes if node.address == "pool")
    assert pool == Node("pool", "shop:Pool", POOL.phase, "broken", "missing", ("NC201",))


def test_required_component_without_a_contract_that_is_never_set_is_a_node() -> None:
    startup = Startup(contract("engine", requires=("nowhere",))).sets("engine", 1)
    node = next(node for node in graph_of(reported(startup)).nodes if node.address == "nowhere")
    assert (node.status, node.state, node.codes) == ("broken", "missing", ("NC201",))


def test_target_that_did_not_start_has_the_graph_of_its_contracts() -> None:
    startup = started("pool").fails("startup", fault("raised", raised("ValueError", "no", 3)))
    graph = graph_of(reported(startup))
    assert not graph.started
    assert [node.address for node in graph.nodes] == ["pool", "bridge", "engine"]
    assert set(edges(graph)) == {("engine._bridge", "bridge"), ("engine", "pool")}
    assert "held" not in {edge.status for edge in graph.edges}


def test_table_has_broken_dependencies_first_in_words() -> None:
    rows = edge_rows(sample_graphs.SHOP)
    assert rows[0] == EdgeRow("engine._bridge", "must be", "bridge", "broken", "NC303")
    assert rows[2] == EdgeRow("mailer[0].pool", "holds", "pool", "broken", "NC304")
    assert [row.status for row in rows] == ["broken"] * 3 + ["blocked", "not_run", "held"]


def test_graph_that_is_small_enough_is_drawn_whole() -> None:
    assert focused(sample_graphs.SHOP) == sample_graphs.SHOP
    assert focused(sample_graphs.chain(MAX_NODES)) == sample_graphs.chain(MAX_NODES)


def test_large_graph_is_reduced_to_broken_components_and_their_neighbours() -> None:
    whole = sample_graphs.chain(1000)
    broken = whole.edges[499]._replace(status="broken", codes=("NC302",))
    graph = focused(whole._replace(edges=(*whole.edges[:499], broken, *whole.edges[500:])))
    assert [node.address for node in graph.nodes] == ["c498", "c499", "c500", "c501"]
    assert (len(graph.edges), graph.omitted_nodes, graph.omitted_edges) == (3, 996, 996)


@pytest.mark.parametrize("graph", [sample_graphs.star(10_000), sample_graphs.chain(10_000)], ids=["star", "chain"])
def test_no_more_is_drawn_than_is_legible(graph: Graph) -> None:
    drawn = focused(graph)
    assert 0 < len(drawn.nodes) <= MAX_NODES
    assert len(drawn.nodes) + drawn.omitted_nodes == len(graph.nodes)
    assert len(drawn.edges) + drawn.omitted_edges == len(graph.edges)
    broken = [edge for edge in graph.edges if edge.status == "broken"]
    assert [edge for edge in drawn.edges if edge.status == "broken"] == broken


def test_broken_dependencies_are_kept_if_there_are_too_many() -> None:
    names = [f"c{number}" for number in range(40)]
    pairs: list[dict[str, Any]] = [{"component": a, "other": b} for a in names for b in names if a != b]
    held = [Edge(**pair, kind="requires") for pair in pairs]
    graph = Graph("", tuple(map(Node, names)), (*held[:-1], held[-1]._replace(status="broken")))
    drawn = focused(graph)
    assert (len(drawn.edges), drawn.edges[-1].status) == (MAX_EDGES, "broken")
    assert drawn.omitted_edges == len(pairs) - MAX_EDGES


def calls(function: Callable[[], object]) -> int:
    """How many functions are called, those written in C included."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


def large(count: int) -> Report:
    """A report of components that each require one other and are wired to another, every tenth wrongly."""
    components = [
        ComponentReport(
            address=f"c{number}",
            requires=(f"c{number // 2}",) if number else (),
            wires={"_other": f"c{number // 3}"} if number else {},
            status="broken" if number % 10 == 9 else "held",
        )
        for number in range(count)
    ]
    findings = [
        Finding(
            code="NC303",
            severity=Severity.ERROR,
            message="",
            component=component.address,
            dependencies=(
                Dependency(component=component.address, other=component.wires["_other"], attribute="_other"),
            ),
        )
        for component in components[9::10]
    ]
    return sample_reports.report(components=tuple(components), findings=tuple(findings))


def test_work_grows_with_the_number_of_components_and_not_with_their_pairs() -> None:
    few, many = (calls(partial(drawn, large(count))) for count in (500, 2000))
    assert many < 4 * few


def drawn(report: Report) -> str:
    return svg.render(focused(graph_of(report)))


@settings(max_examples=20)
@given(sample_reports.hostile_reports())
def test_any_report_has_a_graph_in_every_format(report: Report) -> None:
    graph = graph_of(report)
    addresses = [node.address for node in graph.nodes]
    assert len(addresses) == len(set(addresses))
    assert {name for edge in graph.edges for name in (edge.component, edge.other)} <= set(addresses)
    assert all(render(graph, form) for form in ("mermaid", "dot", "svg"))
