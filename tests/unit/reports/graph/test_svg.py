"""The graph as SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from netra_contracts.reports.graph import svg
from netra_contracts.reports.graph.boxes import CELL
from netra_contracts.reports.graph.model import Graph, Node, focused
from tests.unit.reports.graph import sample_graphs
from tests.unit.reports.graph.sample_graphs import SHOP

SVG = "{http://www.w3.org/2000/svg}"


def drawn(graph: Graph, **options: object) -> ET.Element:
    return ET.fromstring(svg.render(graph, **options))  # type: ignore[arg-type]  # noqa: S314 - our own


def texts(element: ET.Element) -> list[str]:
    return [text.text or "" for text in element.iter(f"{SVG}text")]


def test_picture_has_the_names_types_statuses_and_codes() -> None:
    shown = texts(drawn(SHOP))
    assert {"engine", "Engine", "✗ broken, NC302, NC303", "_bridge  ✗ NC303", "requires pool  ✗ NC302"} <= set(shown)
    assert {"✗ broken, missing, NC201", "requires cache  ‖ blocked", "· no contract", "_pool"} <= set(shown)
    assert {"initialization", "configuration", "integration", "readiness"} <= set(shown)


def test_finding_about_a_component_whose_contract_is_not_broken_is_marked() -> None:
    nodes = (Node("pool", status="held", codes=("NC802",)), Node("cache", codes=("NC304",)), Node("free"))
    shown = texts(drawn(Graph("", nodes, ())))
    assert {"! held, NC802", "! no contract, NC304", "· no contract"} <= set(shown)


def test_picture_has_a_title_and_a_description_for_those_who_do_not_see_it() -> None:
    root = drawn(SHOP, prefix="shop")
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}" == "shop-title shop-desc"
    assert title.text == "Components of shop.main:create_app and their dependencies"
    assert description.text == (
        "7 components, 6 dependencies: 3 broken, 1 blocked. engine._bridge must be bridge: broken (NC303). "
        "engine requires pool: broken (NC302). mailer[0].pool holds pool: broken (NC304)."
    )


def test_status_is_more_than_a_colour() -> None:
    rules = dict(re.findall(r"\.nc-graph \.nc-edge\.nc-(\w+) \{([^}]*)\}", svg.STYLE))
    strokes = {status: re.sub(r"stroke: [^;]*;", "", rule) for status, rule in rules.items()}
    assert len(set(strokes.values())) == len(strokes) == 4
    crosses = [one for one in drawn(SHOP).iter(f"{SVG}path") if one.get("class") == "nc-cross"]
    assert len(crosses) == len([edge for edge in SHOP.edges if edge.status == "broken"]) + 1  # in the legend


def test_colours_have_fallbacks_for_programs_that_know_no_variables() -> None:
    variables = re.findall(r"([\w-]+): (\S+); \1: var\(--nc-\w+\)", svg.STYLE)
    assert len(variables) == svg.STYLE.count("var(") > 20
    assert [colour for _, colour in variables if not re.fullmatch("#[0-9a-f]{6}", colour)] == []


def test_legend_explains_only_what_is_drawn() -> None:
    held = SHOP._replace(edges=SHOP.edges[:1])
    words = [text for text in texts(drawn(held)) if text.startswith(("requires:", "wires:", "holds:", "blocked"))]
    assert words == ["wires: the attribute must be that very object"]


def test_picture_states_what_was_left_out_and_that_the_target_did_not_start() -> None:
    graph = focused(sample_graphs.star(1000))._replace(started=False)
    notes = texts(drawn(graph))[-2:]
    assert notes == [
        "Not drawn: 850 components and 850 dependencies. What is broken comes first.",
        "The target did not start: what startup did not reach is missing or blocked.",
    ]


def test_graph_without_components_says_so() -> None:
    assert texts(drawn(Graph("shop:app", (), ()))) == ["No components are known."]


def test_ids_of_two_pictures_in_one_page_differ() -> None:
    ids = [element.get("id") for prefix in ("a", "b") for element in drawn(SHOP, prefix=prefix).iter()]
    named = [name for name in ids if name is not None]
    assert len(named) == len(set(named)) == 2 * (2 + len(SHOP.nodes))


def test_style_sheet_may_be_left_to_the_page() -> None:
    assert [drawn(SHOP, style=style).find(f"{SVG}style") is not None for style in (True, False)] == [True, False]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_enough_contrast(scheme: int) -> None:
    colours = dict(re.findall(r"--nc-(\w+): (#\w{6})", svg.STYLE.split("@media")[scheme]))
    texts_on_boxes = [(colours[name], colours["box"]) for name in ("fg", "dim", "held", "broken", "blocked")]
    texts_on_page = [(colours[name], colours["bg"]) for name in ("fg", "dim")]
    assert [pair for pair in (*texts_on_boxes, *texts_on_page) if contrast(*pair) < 4.5] == []
    assert [name for name in ("line", "broken", "blocked") if contrast(colours[name], colours["bg"]) < 3] == []


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@settings(max_examples=20)
@given(sample_graphs.graphs())
def test_any_graph_is_well_formed_deterministic_and_whole(graph: Graph) -> None:
    text = svg.render(graph)
    assert svg.render(graph) == text
    root = ET.fromstring(text.encode())  # noqa: S314 - our own
    groups = [element for element in root if element.tag == f"{SVG}g"]
    boxes = [group for group in groups if group.get("id")]
    assert (len(boxes), len(groups) - len(boxes)) == (len(graph.nodes), len(graph.edges))
    for box in boxes:
        (rect,) = box.iter(f"{SVG}rect")
        right = float(rect.get("x", "")) + float(rect.get("width", ""))
        ends = [float(line.get("x", "")) + length(line) for line in box.iter(f"{SVG}text")]
        assert max(ends) <= right
    assert not [element.tag for element in root.iter() if element.tag.endswith(("script", "a", "foreignObject"))]
    assert not [name for element in root.iter() for name in element.attrib if name.startswith(("on", "style", "href"))]


def length(line: ET.Element) -> float:
    """The width of a line of text, in pixels: that which it is fitted to, or that of its characters."""
    return float(line.get("textLength", CELL * len(line.text or "")))


def test_size_of_a_picture_is_limited() -> None:
    assert len(svg.render(focused(sample_graphs.star(10_000)))) < 300_000
