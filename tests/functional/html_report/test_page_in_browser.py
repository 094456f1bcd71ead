"""The HTML report in a real browser."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from netra_contracts.model.report import Report
from netra_contracts.model.run_report import RunReport
from tests.functional.html_report.browser import Tab
from tests.unit.reports import sample_reports
from tests.unit.reports.html import pages

pytestmark = pytest.mark.xdist_group("browser")

RUNS: dict[str, RunReport | Report] = {
    "full": pages.full(),
    "several": pages.several(),
    "not-started": pages.not_started(),
    "passed": sample_reports.report(),
    "long-names": pages.long_names(),
}
#: Findings that are on the page, by code; a closed consequence is, an element that the filter hides is not.
SHOWN = (
    "[...document.querySelectorAll('details.finding[data-code]')]"
    ".filter(f => f.getClientRects().length).map(f => f.dataset.code)"
)
COUNT = "document.querySelector('#filter output').textContent"
FOCUS = "document.activeElement.outerHTML.slice(0, 80)"
#: Texts whose contrast with their background is too low.
LOW_CONTRAST = """(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    const [a, b] = [numbers(getComputedStyle(element).color).slice(0, 3), ground(element)].map(luminance);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push([walker.currentNode.data.slice(0, 40), element.outerHTML.slice(0, 80), ratio]);
  }
  return low;
})()"""


def page_of(name: str, folder: Path) -> Path:
    """The file with the page of a run."""
    path = folder / f"{name}.html"
    if not path.exists():
        path.write_text(pages.draw(RUNS[name]), encoding="utf-8")
    return path


def test_page_has_no_errors_and_loads_nothing(tab: Tab, folder: Path) -> None:
    for name in RUNS:
        path = page_of(name, folder)
        tab.load(path)
        assert tab.problems() == [], name
        assert [url for url in tab.requests() if not url.startswith("data:image/svg+xml")] == [path.as_uri()]


def test_filter_shows_what_matches_and_announces_how_many(tab: Tab, folder: Path) -> None:
    tab.load(page_of("full", folder))
    assert tab.run("document.querySelector('#filter output').getAttribute('aria-live')") == "polite"
    tab.until(COUNT, "4 findings")
    tab.run("document.querySelector('#filter [name=text]').focus()")
    tab.type("Event LOOP startup")
    tab.until(COUNT, "1 of 4 findings")
    assert tab.run(SHOWN) == ["NC604"]
    tab.run("document.querySelector('#filter [name=text]').select()")
    tab.type("agent_thinking")
    tab.until(SHOWN, ["NC303", "NC504"])
    assert tab.run(COUNT) == "1 of 4 findings", "a consequence is shown in its root cause"
    tab.run("document.getElementById('filter').reset()")
    tab.run("document.querySelector('#filter [value=error]').click()")
    tab.until(COUNT, "2 of 4 findings")
    assert tab.run(SHOWN) == ["NC604", "NC202"]
    tab.run(
        "(c => { c.value = 'NC202'; c.dispatchEvent(new Event('input', {bubbles: true})) })"
        "(document.querySelector('#filter [name=code]'))"
    )
    tab.until(COUNT, "1 of 4 findings")
    tab.run("document.querySelector('[name=collapse]').click()")
    assert tab.run("document.querySelectorAll('details.finding[open]').length") == 2, "hidden ones are left alone"
    assert tab.problems() == []


def test_link_to_a_finding_opens_it_even_if_the_filter_hides_it(tab: Tab, folder: Path) -> None:
    id_ = f"f-{pages.CONSEQUENCE.fingerprint}"
    tab.load(page_of("full", folder), f"#{id_}")
    assert tab.run(f"document.getElementById('{id_}').open")
    tab.run("document.querySelector('[name=collapse]').click()")
    tab.run("document.querySelector('#filter [value=error]').click()")
    tab.until(COUNT, "2 of 4 findings")
    tab.run(f"location.hash = ''; location.hash = '{id_}'")
    tab.until(f"document.getElementById('{id_}').checkVisibility()", expected=True)


def test_filter_shows_the_targets_that_have_a_match(tab: Tab, folder: Path) -> None:
    tab.load(page_of("several", folder))
    targets = "[...document.querySelectorAll('section.target')].filter(t => t.checkVisibility()).map(t => t.id)"
    everything = ["e1-target", "t1-target", "t2-target", "t3-target"]
    tab.until(targets, everything)
    tab.run("document.querySelector('#filter [name=text]').focus()")
    tab.type("redis")
    tab.until(targets, ["e1-target", "t2-target"])
    tab.run("document.querySelector('nav a[href$=t1-timeline]').click()")
    tab.until(targets, ["e1-target", "t1-target", "t2-target"])
    tab.run("document.querySelector('#filter [name=text]').select()")
    tab.send("Input.dispatchKeyEvent", type="keyDown", key="Delete", code="Delete", windowsVirtualKeyCode=46)
    tab.until(targets, everything)


def test_link_of_a_finding_is_copied(tab: Tab, folder: Path) -> None:
    path = page_of("full", folder)
    tab.load(path)
    tab.send("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    tab.send("Page.bringToFront")
    link = f"document.querySelector('#f-{pages.ROOT.fingerprint} .link')"
    tab.run(f"{link}.click()")
    tab.until(f"{link}.textContent", "Copied")
    assert tab.run("navigator.clipboard.readText()") == f"{path.as_uri()}#f-{pages.ROOT.fingerprint}"


def test_page_is_complete_without_scripts(tab: Tab, folder: Path) -> None:
    tab.scripts(allowed=False)
    tab.load(page_of("full", folder))
    assert not tab.run("document.getElementById('filter').checkVisibility()")
    assert tab.run("document.querySelectorAll('details.finding[data-code]').length") == 4
    note = "document.querySelector('.finding.note')"
    assert not tab.run(f"{note}.open")
    tab.run(f"{note}.querySelector('summary').click()")
    assert tab.run(f"{note}.open && {note}.querySelector('.body').checkVisibility()")


def test_page_is_complete_where_a_server_forbids_scripts_and_styles(tab: Tab, folder: Path) -> None:
    content = page_of("full", folder).read_bytes()

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            # The policy of Jenkins for what a build has archived.
            self.send_header(
                "Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; style-src 'self';"
            )
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the name is that of the base class
            """Requests are not logged."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        tab.load(f"http://127.0.0.1:{server.server_port}/report.html")
        server.shutdown()
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)", "it has no style"
    hidden = "[...document.querySelectorAll('main section > *')].filter(e => !e.checkVisibility())"
    assert tab.run(f"{hidden}.map(e => e.id)") == ["filter"]
    note = "document.querySelector('.finding.note')"
    tab.run(f"{note}.querySelector('summary').click()")
    assert tab.run(f"{note}.querySelector('.body').checkVisibility()")


def test_page_can_be_used_with_the_keyboard(tab: Tab, folder: Path) -> None:
    tab.load(page_of("full", folder))
    tab.press("Tab")
    assert "Skip to the report" in tab.run(FOCUS)
    assert tab.run("document.activeElement.getBoundingClientRect().left") >= 0
    tab.press("Enter", "\r")
    tab.until("document.activeElement.id", "main")
    order: list[str] = []
    while order[-1:] != ["collapse"] and len(order) < 20:
        tab.press("Tab")
        order.append(tab.run("document.activeElement.name || document.activeElement.localName"))
        assert tab.run("getComputedStyle(document.activeElement).outlineStyle") != "none", order
    links = ["a"] * 3  # of what users lose
    assert order == [*links, "text", "severity", "severity", "severity", "code", "expand", "collapse"]
    tab.press("Tab")
    assert tab.run("document.activeElement.localName") == "summary"
    assert tab.run("document.activeElement.parentElement.open")
    tab.press("Enter", "\r")
    tab.until("document.activeElement.parentElement.open", expected=False)


def test_everything_is_open_in_print_without_scripts(tab: Tab, folder: Path) -> None:
    tab.scripts(allowed=False)
    tab.load(page_of("full", folder))
    closed = "[...document.querySelectorAll('details:not([open]) > :not(summary)')]"
    assert tab.run(f"{closed}.length") > 2
    assert not tab.run(f"{closed}.some(e => e.checkVisibility({{contentVisibilityAuto: true}}))")
    tab.media("print")
    assert tab.run(f"{closed}.every(e => e.checkVisibility() && e.getBoundingClientRect().height > 0)")
    assert not tab.run("[...document.querySelectorAll('nav, #filter, .link')].some(e => e.checkVisibility())")
    assert tab.run(LOW_CONTRAST) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_page_is_never_wider_than_the_window(tab: Tab, folder: Path, width: int) -> None:
    tab.size(width)
    for name in RUNS:
        tab.load(page_of(name, folder))
        assert tab.run("document.documentElement.scrollWidth") <= width, name
        cut = "[...document.querySelectorAll('main *, header *')].filter(e => !e.closest('svg, .unseen') && "
        assert tab.run(f"{cut} e.getBoundingClientRect().right > {width}).map(e => e.outerHTML.slice(0, 90))") == [], (
            name
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_in_both_schemes(tab: Tab, folder: Path, scheme: str) -> None:
    tab.media(prefers_color_scheme=scheme)
    for name in ("full", "several"):
        tab.load(page_of(name, folder))
        dark = tab.run("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
        assert dark == (scheme == "dark")
        assert tab.run(LOW_CONTRAST) == []


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_page_has_no_animation(tab: Tab, folder: Path, motion: str) -> None:
    tab.media(prefers_reduced_motion=motion)
    tab.load(page_of("full", folder))
    assert tab.run("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert tab.run("document.getAnimations().length") == 0
    moving = "s => s.transitionDuration !== '0s' || s.animationName !== 'none'"
    assert not tab.run(f"[...document.querySelectorAll('*')].map(e => getComputedStyle(e)).some({moving})")


def test_every_control_has_an_accessible_name(tab: Tab, folder: Path) -> None:
    for name in ("full", "several"):
        tab.load(page_of(name, folder))
        nodes = tab.send("Accessibility.getFullAXTree")["nodes"]
        shown = [node for node in nodes if not node["ignored"]]
        roles = {node["role"]["value"] for node in shown}
        assert roles >= {"banner", "navigation", "main", "search", "table", "heading", "list"}
        named = (
            "link",
            "button",
            "searchbox",
            "combobox",
            "checkbox",
            "heading",
            "image",
            "table",
            "navigation",
            "region",
        )
        unnamed = [node for node in shown if node["role"]["value"] in named and not node["name"]["value"].strip()]
        assert unnamed == []


@pytest.mark.slow
def test_ten_thousand_findings_can_be_filtered(tab: Tab, folder: Path) -> None:
    path = folder / "many.html"
    path.write_text(pages.draw(pages.many(10_000)), encoding="utf-8")
    tab.load(path)
    tab.until(COUNT, "10,000 findings")
    tab.run("scrollTo(0, 400000)")
    tab.run("document.querySelector('#filter [name=text]').focus({preventScroll: true})")
    tab.type("component_77 ")
    tab.until(COUNT, "111 of 10,000 findings")
    assert tab.run("document.getElementById('filter').getBoundingClientRect().top") >= 0, "it stays in view"
    assert tab.run(f"{SHOWN}.length") == 111
    assert tab.problems() == []
