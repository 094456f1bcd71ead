"""The HTML page: what it contains, and that no text of a report becomes markup."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netra_contracts.contracts.model import Severity
from netra_contracts.model.impact import Impact
from netra_contracts.model.report import IsolationReport, Report
from netra_contracts.model.report_of_clients import ClientsReport, ScenarioReport
from netra_contracts.model.rule_text import RuleText
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.model.suppression import Suppressed
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.html.head import asset, style_sheet
from tests.unit.reports import sample_reports
from tests.unit.reports.html.pages import (
    CONSEQUENCE,
    IMPACTS,
    ROOT,
    by_class,
    draw,
    full,
    many,
    not_started,
    several,
    text_of,
    tree,
)

ELEMENTS = frozenset(
    (
        *("html", "head", "meta", "title", "link", "style", "body", "script", "header", "nav", "main", "section"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "span", "a", "b", "code", "pre", "mark"),
        *("ul", "ol", "li", "dl", "dt", "dd", "details", "summary"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td"),
        *("form", "label", "input", "fieldset", "legend", "select", "option", "button", "output"),
        *("svg", "symbol", "path", "use", "rect", "ellipse", "text", "g", "desc", "polygon"),
    )
)
SECTIONS = (
    *("impacts", "findings", "known", "not-run", "phases", "graph", "components", "timeline", "isolation", "events"),
    *("output", "sources", "codes"),
)


@pytest.fixture(scope="module")
def page() -> ET.Element:
    return tree(draw(full()))


TEXT = sample_reports.hostile_text
ADDRESSES = st.lists(TEXT, max_size=2).map(tuple)
IMPACT = st.builds(Impact, text=TEXT, severity=st.sampled_from(Severity), components=ADDRESSES, codes=ADDRESSES)
SCENARIO = st.builds(ScenarioReport, name=TEXT, skipped=TEXT)
CLIENTS = st.builds(ClientsReport, server=TEXT, skipped=TEXT, scenarios=st.tuples(SCENARIO))
ISOLATION = st.builds(IsolationReport, component=TEXT, type=TEXT, skipped=TEXT)
RULES = st.builds(RuleText, TEXT, TEXT, TEXT, TEXT, st.just("error"))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Reports in which every text is arbitrary."""
    report = draw(sample_reports.hostile_reports())
    related = {"requires": draw(ADDRESSES), "wires": dict([draw(st.tuples(TEXT, TEXT))])}
    return report.model_copy(
        update={
            "impacts": draw(st.tuples(IMPACT)),
            "isolation": draw(st.tuples(ISOLATION)),
            "clients": draw(CLIENTS),
            "components": tuple(component.model_copy(update=related) for component in report.components),
            "suppressed": tuple(
                Suppressed(finding=finding, source="baseline", reason=draw(TEXT)) for finding in report.findings
            ),
        }
    )


def runs() -> st.SearchStrategy[RunReport]:
    named = st.builds(NamedReport, name=TEXT, report=reports())
    error = st.builds(TargetError, name=TEXT, exit_code=st.sampled_from([2, 3]), problems=st.tuples(TEXT))
    of_several = st.builds(
        RunReport,
        reports=st.lists(named, max_size=2).map(tuple),
        errors=st.lists(error, max_size=1).map(tuple),
        several=st.just(True),
    )
    return reports().map(RunReport.of) | of_several


@settings(max_examples=25, deadline=None)
@given(runs(), RULES)
def test_text_of_a_report_never_becomes_markup(run: RunReport, rule: RuleText) -> None:
    written = RENDERERS["html"](run, RenderOptions(rules={"NC101": rule, "NC303": rule}, statistics=True))
    written.encode("utf-8")
    root = tree(written)
    assert {one.tag.removeprefix("{http://www.w3.org/2000/svg}") for one in root.iter()} <= ELEMENTS
    identifiers = [one.get("id") for one in root.iter() if one.get("id") is not None]
    assert len(identifiers) == len(set(identifiers))
    assert all(re.fullmatch(r"[\w-]+", str(id_)) for id_ in identifiers)
    for one in root.iter():
        assert not [name for name in one.attrib if name.startswith("on") or name == "style"]
        href = one.get("href", "#")
        assert href.startswith(("#", "https://", "data:image/svg+xml,%3Csvg")), href
    shown = [text_of(one) for one in root.iter() if one.tag not in ("script", "style")]
    assert all(char.isprintable() or char == "\n" for text in shown for char in text)


MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "</summary></details>",
]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_in_a_message_is_shown_as_text(text: str) -> None:
    finding = sample_reports.NC303.model_copy(update={"message": text, "docs": text, "component": text})
    root = tree(draw(sample_reports.failed().model_copy(update={"findings": (finding,)})))
    assert [text_of(one) for one in by_class(root, "message")] == [text]


@pytest.mark.parametrize("docs", ["javascript:alert(1)", "https://x/ onclick=1", "data:text/html,x", "//host/path"])
def test_documentation_that_is_not_a_web_address_is_not_a_link(docs: str) -> None:
    finding = sample_reports.NC303.model_copy(update={"docs": docs})
    root = tree(draw(sample_reports.failed().model_copy(update={"findings": (finding,)})))
    assert docs in text_of(root)
    assert [one.get("href") for one in root.iter("a") if one.get("href") == docs] == []


def test_page_has_every_section(page: ET.Element) -> None:
    sections = [str(one.get("id")) for one in page.iter("section")]
    assert sections == list(SECTIONS)
    linked = [str(one.get("href")) for nav in page.iter("nav") for one in nav.iter("a")]
    assert linked == [f"#{section}" for section in sections]


def test_findings_are_in_order_of_severity_with_consequences_inside(page: ET.Element) -> None:
    findings = [one for one in by_class(page, "finding") if one.get("data-code")]
    assert [one.get("data-code") for one in findings] == ["NC303", "NC504", "NC604", "NC202"]
    assert [one.get("data-code") for one in by_class(findings[0], "finding")] == ["NC303", "NC504"]
    assert "chat" in text_of(by_class(findings[0], "follows")[0])


def test_finding_has_its_evidence(page: ET.Element) -> None:
    first, _, warning, *_ = by_class(page, "finding")
    shown = text_of(first)
    for text in (
        "app/startup.py:41",
        "build the factory after the bridge",
        "Users stop seeing",
        "app.state.bridge = Bridge()",
    ):
        assert text in shown
    assert [text_of(mark) for mark in first.iter("mark")] == ["Factory(bridge)", "app.state.bridge = Bridge()"]
    for text in ("requests.get(URL)", "\u2026/requests/api.py:5", "MainThread", "https://wiki.example.org/startup"):
        assert text in text_of(warning)


def test_impacts_come_first_with_links_to_their_findings(page: ET.Element) -> None:
    section = next(one for one in page.iter("section") if one.get("id") == "impacts")
    assert [text_of(one) for one in by_class(section, "message")] == [impact.text for impact in IMPACTS]
    hrefs = [f"#f-{finding.fingerprint}" for finding in (ROOT, CONSEQUENCE, ROOT)]
    assert [one.get("href") for one in section.iter("a")] == hrefs
    assert "chat, history blocked by execution_engine_factory" in text_of(section)


def test_broken_dependency_is_in_the_picture_and_in_the_table(page: ET.Element) -> None:
    section = next(one for one in page.iter("section") if one.get("id") == "graph")
    (picture,) = by_class(section, "nc-graph")
    assert "1 broken" in text_of(picture)
    first = next(section.iter("tbody"))[0]
    holder, _, other, status = (text_of(cell).strip() for cell in first)
    assert holder == "execution_engine_factory._websocket_bridge"
    assert (other, status) == ("agent_websocket_bridge", "broken NC303")


def test_stage_fails_the_run_only_where_no_finding_says_why() -> None:
    explained = not_started().model_copy(update={"failed_by": ("NC102", "import")})
    assert "NC102 fails the run." in text_of(next(tree(draw(explained)).iter("header")))
    unexplained = explained.model_copy(update={"findings": (), "failed_by": ("import",)})
    assert "The import stage fails the run." in text_of(next(tree(draw(unexplained)).iter("header")))


def test_components_that_failed_are_listed_where_there_are_too_many() -> None:
    names = [f"component_{number}" for number in range(1500)]
    components = tuple(
        sample_reports.POOL.model_copy(update={"address": name, "status": "broken" if name.endswith("99") else "held"})
        for name in names
    )
    root = tree(draw(sample_reports.report(components=components, summary={"components": 1500})))
    section = next(one for one in root.iter("section") if one.get("id") == "components")
    listed = [text_of(next(one.iter("code"))) for one in next(section.iter("tbody"))]
    assert len(listed) == 1000
    assert {name for name in names if name.endswith("99")} <= set(listed)
    assert listed == sorted(listed, key=names.index)
    assert "and 500 more" in text_of(section)


def test_places_that_read_a_component_are_shown() -> None:
    component = sample_reports.POOL.model_copy(update={"read_places": 14, "guarded_places": 2})
    page = draw(sample_reports.report(components=(component,), summary={"components": 1}))
    assert "read in 14 places, 2 guarded" in text_of(tree(page))


def test_known_findings_are_listed_separately_with_their_reasons(page: ET.Element) -> None:
    section = next(one for one in page.iter("section") if one.get("id") == "known")
    (card,) = by_class(section, "finding")
    assert card.get("data-code") is None
    assert "known since 2026-11-02, until 2027-03-01: moved to a thread in the next release" in text_of(card)
    assert "oldest 28 days, 0 fixed, 4 new" in text_of(next(page.iter("header")))


def test_codes_of_the_page_are_explained(page: ET.Element) -> None:
    (rule,) = by_class(page, "rule")
    assert [text_of(one) for one in rule.iter("h3")] == ["What it does", "Example"]
    assert [text_of(one) for one in rule.iter("p")] == ["Reports an attribute. It is None."]
    assert [text_of(one) for one in rule.iter("pre")] == ["x = '<b>'\n"]
    assert f"#{rule.get('id')}" in [one.get("href") for one in by_class(page, "finding")[0].iter("a")]


def test_links_inside_the_page_lead_to_elements() -> None:
    for run in (full(), several(), not_started()):
        root = tree(draw(run))
        identifiers = {one.get("id") for one in root.iter()}
        links = {str(one.get("href"))[1:] for one in root.iter() if str(one.get("href")).startswith("#")}
        assert links <= identifiers


@pytest.mark.parametrize("run", [full(), several(), not_started(), sample_reports.report()])
def test_headings_are_in_order(run: RunReport | Report) -> None:
    levels = [int(one.tag[1]) for one in tree(draw(run)).iter() if re.fullmatch(r"h\d", one.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def test_targets_without_a_report_are_shown() -> None:
    root = tree(draw(several()))
    overview = next(one for one in root.iter("section") if one.get("id") == "overview")
    rows = [text_of(row) for table in overview.iter("tbody") for row in table]
    assert [next(name for name in ("mail", "chat", "billing", "search") if name in row) for row in rows] == [
        *("mail", "chat", "billing", "search")
    ]
    assert "mail.toml is not valid TOML: line 3" in text_of(root)
    assert "1 could not be checked, 1 could not start, 1 failed, 1 passed" in text_of(next(root.iter("header")))


def test_same_findings_of_two_targets_have_different_links() -> None:
    report = full()
    named = tuple(NamedReport(name=name, report=report) for name in ("chat", "billing"))
    root = tree(draw(RunReport(reports=named, several=True)))
    identifiers = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(identifiers) == len(set(identifiers))


def test_run_without_any_report_is_shown() -> None:
    error = TargetError(name="mail", exit_code=3, problems=("the probe failed",))
    assert "the probe failed" in text_of(tree(draw(RunReport(reports=(), errors=(error,), several=True))))


def test_policy_allows_only_what_is_in_the_page(page: ET.Element) -> None:
    (policy,) = (str(one.get("content")) for one in page.iter("meta") if one.get("http-equiv"))
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for text in (style_sheet(), asset("page.js")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_page_loads_nothing() -> None:
    written = draw(full())
    assert re.findall(r"@import|url\(|\bsrc=|<link(?! rel=\"icon\" href=\"data:)", written) == []


def test_script_is_small() -> None:
    assert len(asset("page.js")) < 10_000


def test_page_is_deterministic() -> None:
    assert draw(several()) == draw(several())


def test_size_of_a_page_grows_with_its_findings_only() -> None:
    each = (len(draw(many(300))) - len(draw(many(100)))) / 200
    assert each < 6_000


def test_format_does_not_import_the_table() -> None:
    program = (
        "import sys; import netra_contracts.reports.html;"
        "assert not {'netra_contracts.reports.table', 'rich.console', 'typer'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
