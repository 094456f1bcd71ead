"""The graph as Mermaid and as DOT."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netra_contracts.reports.graph import dot, mermaid, render
from netra_contracts.reports.graph.model import MAX_EDGES, Edge, Graph, Node, focused
from tests.unit.reports.graph import sample_graphs
from tests.unit.reports.graph.sample_graphs import SHOP
from tests.unit.reports.sample_reports import hostile_text

#: Names that end a text, or that mean something in one of the languages.
_SYNTAX = [
    '"]; click n0 "javascript:alert(1)"',
    '%%{init: {"theme": "dark"}}%%',
    "`**x**`",
    "end",
    "n0 --> n1",
    "$$x^2$$",
    "<script>alert(1)</script>",
    "a|b",
    "\\",
    "\\N\\G\\l",
    "&lt;#quot;",
    "---",
    "{{x}}",
    ":::broken",
]
names = st.one_of(hostile_text, st.sampled_from(_SYNTAX))

# One line of each language, with its texts in quotes; a quote within a text would end it early.
_MERMAID = re.compile(
    r"flowchart RL|  (?:accTitle|accDescr): [^;#%{}]*|  subgraph \w+|  end"
    r'|  (?:  )?n\d+\["[^"]*"\]|  n\d+ (?:-->|==>|-\.->)(?:\|"[^"]*"\|)? n\d+'
    r"|  classDef \w+ [\w:#,. -]+|  class [\w,]+ \w+|  linkStyle [\d,]+ [\w:#,. -]+"
)
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ATTRIBUTES = rf"\[\w+=(?:{_QUOTED}|[\w.]+)(?:, \w+=(?:{_QUOTED}|[\w.]+))*\]"
_DOT = re.compile(
    rf"digraph \{{|  (?:graph|node|edge) {_ATTRIBUTES}|  subgraph cluster_\w+ \{{|(?:  )?\}}"
    rf"|    label={_QUOTED}; [^\n]*|  (?:  )?n\d+ {_ATTRIBUTES}|  n\d+ -> n\d+ {_ATTRIBUTES}"
)


def test_mermaid_has_phases_statuses_and_broken_edges() -> None:
    lines = mermaid.render(SHOP).splitlines()
    assert lines[0] == "flowchart RL"
    assert lines[lines.index("  subgraph integration") :][:3] == [
        "  subgraph integration",
        '    n3["engine<br>Engine<br>✗ broken, NC302, NC303"]',
        '    n4["search<br>Search<br>‖ blocked"]',
    ]
    assert '  n5["mailer<br>Mailer<br>· no contract"]' in lines
    assert {'  n2 -->|"_pool"| n0', '  n3 ==>|"_bridge  ✗ NC303"| n2', '  n4 -.->|"‖ blocked"| n1'} <= set(lines)
    assert {"  class n1,n3 broken", "  linkStyle 1,2,4 stroke:#d1242f,stroke-width:3px"} <= set(lines)


def test_dot_has_phases_statuses_and_broken_edges() -> None:
    text = dot.render(SHOP)
    assert '  subgraph cluster_integration {\n    label="integration";' in text
    assert '    n3 [label="engine\\nEngine\\n✗ broken, NC302, NC303", color="#b3261e", penwidth=2.4]\n' in text
    assert '  n2 -> n0 [label="_pool", arrowhead=normal]\n' in text
    assert '  n4 -> n1 [label="‖ blocked", arrowhead=empty, color="#7d4e00"' in text


@pytest.mark.parametrize(
    ("form", "sign"), [("mermaid", "#8214; blocked"), ("dot", "&#8214; blocked"), ("svg", "&#8214; blocked")]
)
def test_characters_that_cannot_be_written_are_written_by_their_numbers(form: str, sign: str) -> None:
    text = render(SHOP, form, unicode=False)
    assert text.isascii()
    assert sign in text


@settings(max_examples=25)
@given(sample_graphs.graphs(names))
def test_no_name_changes_the_syntax(graph: Graph) -> None:
    for form, grammar in (("mermaid", _MERMAID), ("dot", _DOT)):
        lines = render(graph, form).splitlines()
        assert [line for line in lines if grammar.fullmatch(line) is None] == []
        assert render(graph, form).splitlines() == lines
        numbers = set(re.findall(r"^ +(n\d+) ?\[", "\n".join(lines), re.MULTILINE))
        assert numbers == {f"n{number}" for number in range(len(graph.nodes))}


def test_mermaid_begins_no_formula_and_no_directive() -> None:
    graph = Graph("%%{init}%%", tuple(Node(name, name) for name in _SYNTAX), ())
    assert not re.search(r"\$\$|%%|`|<script", mermaid.render(graph))


def test_mermaid_is_not_longer_than_github_draws() -> None:
    name = '"' * 500
    nodes = tuple(Node(f"{number}{name}", name, None, "held") for number in range(150))
    edges = tuple(Edge(nodes[number].address, nodes[0].address, "wires", name) for number in range(1, 150))
    graph = Graph("shop:app", nodes, edges)
    assert len(mermaid.render(graph)) <= 50_000
    assert "What is broken comes first" in mermaid.render(graph)


def test_mermaid_has_fewer_edges_than_github_refuses() -> None:
    text = mermaid.render(focused(sample_graphs.star(10_000)))
    assert 0 < len(re.findall(r"^  n\d+ [-=]", text, re.MULTILINE)) <= MAX_EDGES < 500


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_every_node_and_edge() -> None:
    nodes = (*SHOP.nodes, *(Node(name, name) for name in _SYNTAX))
    edges = (*SHOP.edges, *(Edge(name, "pool", "wires", name, "broken", ("NC303",)) for name in _SYNTAX))
    done = subprocess.run(
        ["dot", "-Tplain"],
        input=dot.render(Graph("shop:app", nodes, edges)),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    kinds = [line.partition(" ")[0] for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert (kinds.count("node"), kinds.count("edge")) == (len(nodes), len(edges))
