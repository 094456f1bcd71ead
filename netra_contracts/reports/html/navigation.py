"""The links to the sections of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netra_contracts.reports.html.context import DrawnTarget, Section
from netra_contracts.reports.html.elements import Markup, element
from netra_contracts.reports.html.verdict import verdict_icon


def draw_navigation(targets: Sequence[DrawnTarget], *, several: bool) -> Markup:
    """Return the links: to the sections of one target; of several, to each target and its sections."""
    if several:
        links = [element("li", element("a", "Overview", href="#overview")), *map(_target, targets)]
    else:
        links = _sections("", targets[0].sections)
    return element("nav", element("ul", links), aria_label="Sections")


def _sections(prefix: str, sections: Iterable[Section]) -> list[Markup]:
    return [element("li", _section(prefix, section)) for section in sections]


def _section(prefix: str, section: Section) -> Markup:
    count = element("span", f" {section.count:,}", class_="count") if section.count is not None else None
    return element("a", section.title, count, href=f"#{prefix}{section.key}")


def _target(target: DrawnTarget) -> Markup:
    page = target.page
    link = element("a", verdict_icon(page.report.verdict), page.named.title, href=f"#{page.prefix}target")
    inner = element("ul", _sections(page.prefix, target.sections))
    return element("li", link, inner)
