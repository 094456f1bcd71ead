"""The document: head, navigation, and the sections of each target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from netra_contracts.model.report import Verdict
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.headline import WORDS
from netra_contracts.reports.html import verdict
from netra_contracts.reports.html.context import DrawnTarget, Section, TargetPage, heading
from netra_contracts.reports.html.elements import Child, Markup, element, joined, wrapped
from netra_contracts.reports.html.embedded import embed
from netra_contracts.reports.html.filter_form import draw_filter
from netra_contracts.reports.html.head import asset, draw_head
from netra_contracts.reports.html.navigation import draw_navigation
from netra_contracts.reports.html.overview import draw_errors, draw_overview
from netra_contracts.reports.html.parts import symbols
from netra_contracts.reports.html.sections import (
    about,
    codes,
    components,
    findings,
    graph,
    impacts,
    isolation_and_events,
    known_findings,
    module_objects,
    not_run,
    timeline,
)
from netra_contracts.reports.wording import plural

#: In the order of the page: what is broken comes first.
_SECTIONS: Sequence[Callable[[TargetPage], Section | None]] = (
    impacts.draw,
    findings.draw,
    known_findings.draw,
    known_findings.draw_statistics,
    not_run.draw,
    components.draw_phases,
    graph.draw,
    components.draw_components,
    module_objects.draw,
    timeline.draw,
    isolation_and_events.draw_isolation,
    isolation_and_events.draw_events,
    about.draw_output,
    about.draw_sources,
)


def document(run: RunReport, options: RenderOptions) -> str:
    """Return the page."""
    explained = codes.explained_codes(run, options.rules)
    targets = [_drawn(page) for page in _pages(run, options, explained)]
    title = plural(len(run.reports) + len(run.errors), "target") if run.several else run.reports[0].title
    top, content = _several(run, targets, title) if run.several else _single(targets[0], title)
    main = wrapped("main", content, codes.draw(explained, options.rules), id="main", tabindex=-1)
    body = wrapped(
        "body",
        element("a", "Skip to the report", href="#main", class_="skip"),
        symbols(),
        element("header", top, class_=f"top {'passed' if run.exit_code == 0 else 'failed'}"),
        wrapped("div", draw_navigation(targets, run, codes=bool(explained)), main, class_="page"),
        embed(run),
        element("script", Markup(asset("page.js"))),
    )
    return joined((Markup("<!DOCTYPE html>\n"), wrapped("html", draw_head(run, title), body, lang="en"), Markup("\n")))


def _pages(run: RunReport, options: RenderOptions, explained: Collection[str]) -> list[TargetPage]:
    fingerprints: dict[int, dict[int, str]] = {id(named): {} for named in run.reports}
    for target, finding, fingerprint in run.findings():
        fingerprints[id(target)][id(finding)] = fingerprint
    pages = [TargetPage(named, options, fingerprints[id(named)], explained) for named in run.reports]
    if not run.several:
        return pages
    return [replace(page, prefix=f"t{position}-", level=3) for position, page in enumerate(pages, 1)]


def _drawn(page: TargetPage) -> DrawnTarget:
    return DrawnTarget(page, tuple(section for draw in _SECTIONS if (section := draw(page)) is not None))


def _single(target: DrawnTarget, title: str) -> tuple[Child, Child]:
    """The head and the content of the page of one target."""
    return (_titled(1, target.page, title), verdict.draw(target.page)), _sections(target)


def _several(run: RunReport, targets: Sequence[DrawnTarget], title: str) -> tuple[Child, Child]:
    """The head and the content of the page of several targets."""
    top = (heading(1, title), element("p", _counts(run), class_="muted"))
    pages = [target.page for target in targets]
    shown = [_target(target) for target in targets]
    return top, (
        draw_overview(run, pages),
        draw_errors(run),
        draw_filter([found.finding for found in run.findings()]),
        shown,
    )


def _counts(run: RunReport) -> str:
    """`2 failed, 1 could not start, 3 passed`."""
    verdicts = Counter(named.report.verdict for named in run.reports)
    counts = [(verdicts[verdict_], WORDS[verdict_].lower()) for verdict_ in reversed(Verdict)]
    counts.insert(0, (len(run.errors), "could not be checked"))
    return ", ".join(f"{count:,} {word}" for count, word in counts if count)


def _sections(target: DrawnTarget) -> list[Child]:
    return [_section(target.page, section) for section in target.sections]


def _section(page: TargetPage, section: Section) -> Child:
    count = element("span", f" {section.count:,}", class_="count") if section.count is not None else None
    id_ = page.prefix + section.key
    title = heading(page.level, section.title, count, id_=f"{id_}-title")
    # Two targets have sections with the same titles.
    names = f"{id_}-title" if page.alone else f"{page.prefix}target-title {id_}-title"
    return wrapped("section", title, section.body, id=id_, aria_labelledby=names)


def _target(target: DrawnTarget) -> Child:
    page = target.page
    id_ = f"{page.prefix}target"
    title = _titled(2, page, page.named.title, f"{id_}-title")
    content = (title, verdict.draw(page), _sections(target))
    return wrapped("section", content, id=id_, class_="target", aria_labelledby=f"{id_}-title")


def _titled(level: int, page: TargetPage, title: str, id_: str | None = None) -> Markup:
    """The name of a target after its verdict."""
    return heading(level, verdict.verdict_badge(page.report.verdict), " ", element("span", title), id_=id_)
