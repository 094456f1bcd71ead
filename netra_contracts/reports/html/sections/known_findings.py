"""Known findings, and how many findings each code has."""

from __future__ import annotations

from netra_contracts.model.suppression import Suppressed
from netra_contracts.reports import statistics
from netra_contracts.reports.html.context import Section, TargetPage
from netra_contracts.reports.html.elements import Markup, element, prose, wrapped
from netra_contracts.reports.html.parts import row, table
from netra_contracts.reports.html.sections.finding_card import draw_card


def draw(page: TargetPage) -> Section | None:
    """Return the suppressed findings, each with the reason why it is accepted."""
    suppressed = page.report.suppressed
    if not suppressed:
        return None
    cards = [
        draw_card(
            page,
            entry.finding,
            page.level + 1,
            f"{page.prefix}known-{position}",
            opened=False,
            known=element("span", _accepted(entry), class_="where"),
        )
        for position, entry in enumerate(suppressed, 1)
    ]
    return Section("known", "Known findings", wrapped("div", cards), len(suppressed))


def _accepted(entry: Suppressed) -> Markup:
    """Why a finding is accepted: `known since 2026-02-01, until 2027-03-01: the reason`."""
    since = f" since {entry.added}" if entry.added is not None else f" in the {entry.source}"
    until = f", until {entry.until}" if entry.until is not None else ""
    return prose(f"known{since}{until}: {entry.reason}")


def draw_statistics(page: TargetPage) -> Section | None:
    """Return how many findings each code has, if it was asked for."""
    counts = statistics.counts_by_code([page.report]) if page.options.statistics else []
    if not counts:
        return None
    columns = [title.capitalize() for title in statistics.TITLES]
    rows = [row(each.code, f"{each.new:,}", f"{each.known:,}", f"{each.fixed:,}") for each in counts]
    return Section("statistics", "Findings by code", table("Findings by code", columns, rows, "figures"))
