"""The links to the sections of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netra_contracts.model.report import Verdict
from netra_contracts.model.run_report import RunReport, TargetError
from netra_contracts.reports.html.context import DrawnTarget, Section
from netra_contracts.reports.html.elements import Markup, element
from netra_contracts.reports.html.verdict import verdict_icon

#: Of more targets than these, the navigation lists the targets alone.
_MAX_FULL = 3


def draw_navigation(targets: Sequence[DrawnTarget], run: RunReport, *, codes: bool) -> Markup:
    """Return the links: to the sections of one target; of several, to each target and, of a few, its sections.

    Args:
        targets: with their sections.
        run: what they are of.
        codes: whether the page explains codes.
    """
    if run.several:
        full = len(targets) <= _MAX_FULL
        links = [element("li", element("a", "Overview", href="#overview"))]
        links += [_error(error, position) for position, error in enumerate(run.errors, 1)]
        links += [_target(target, full=full) for target in targets]
    else:
        links = _sections("", targets[0].sections)
    links += [element("li", element("a", "What the codes mean", href="#codes"))] if codes else []
    return element("nav", element("ul", links), aria_label="Sections")


def _sections(prefix: str, sections: Iterable[Section]) -> list[Markup]:
    return [element("li", _section(prefix, section)) for section in sections]


def _section(prefix: str, section: Section) -> Markup:
    count = element("span", f" {section.count:,}", class_="count") if section.count is not None else None
    return element("a", section.title, count, href=f"#{prefix}{section.key}")


def _target(target: DrawnTarget, *, full: bool) -> Markup:
    page = target.page
    link = element("a", verdict_icon(page.report.verdict), " ", page.named.title, href=f"#{page.prefix}target")
    return element("li", link, element("ul", _sections(page.prefix, target.sections)) if full else None)


def _error(error: TargetError, position: int) -> Markup:
    return element("li", element("a", verdict_icon(Verdict.NOT_STARTED), " ", error.name, href=f"#e{position}-target"))
