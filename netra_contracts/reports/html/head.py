"""The head of the document: title, content security policy, style."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib.resources import files

from netra_contracts.model.run_report import RunReport
from netra_contracts.reports.graph.svg import STYLE
from netra_contracts.reports.headline import WORDS
from netra_contracts.reports.html.elements import Markup, element


@functools.cache
def asset(name: str) -> str:
    """Return a style sheet or script of this package."""
    return (files("netra_contracts.reports.html") / "assets" / name).read_text(encoding="utf-8")


def style_sheet() -> str:
    """Return the style of the page and of its pictures."""
    return STYLE + asset("page.css")


def draw_head(run: RunReport, title: str) -> Markup:
    """Return the head. The policy allows the style and the script of this package, and nothing from elsewhere."""
    style, script = style_sheet(), asset("page.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="generator", content="netra-contracts"),
        element("title", f"{_word(run)}: {title} - netra-contracts"),
        element("link", rel="icon", href=_icon(passed=run.exit_code == 0)),
        element("style", Markup(style)),
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _word(run: RunReport) -> str:
    if run.several:
        return "Passed" if run.exit_code == 0 else "Failed"
    return WORDS[run.reports[0].report.verdict].capitalize()


def _icon(*, passed: bool) -> str:
    """A picture for the tab of the browser, a check mark or a cross, so that the browser asks for none."""
    colour, shape = ("1a7f37", "M9 17l5 5 10-11") if passed else ("b3261e", "M10 10l12 12M22 10 10 22")
    return (
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
        f"%3Ccircle cx='16' cy='16' r='15' fill='%23{colour}'/%3E"
        f"%3Cpath d='{shape}' fill='none' stroke='white' stroke-width='4'/%3E%3C/svg%3E"
    )
