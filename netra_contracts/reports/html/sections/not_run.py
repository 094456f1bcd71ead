"""Checks that could not run."""

from __future__ import annotations

from collections.abc import Sequence

from netra_contracts.model.report import NOT_RUN
from netra_contracts.reports.grouping import merge_not_run
from netra_contracts.reports.html.context import Section, TargetPage
from netra_contracts.reports.html.elements import Markup, element, joined, prose
from netra_contracts.reports.html.parts import badge, items


def draw(page: TargetPage) -> Section | None:
    """Return the checks that could not run, with the reasons: first those that contracts ask for."""
    not_run = page.report.not_run
    if not not_run:
        return None
    required = merge_not_run([entry for entry in not_run if entry.required])
    others = merge_not_run([entry for entry in not_run if not entry.required])
    fail = ", which fails the run (strict)" if NOT_RUN in page.report.failed_by else ""
    parts = [
        _list(f"Contracts ask for these checks{fail}:", required),
        _list("Other checks:" if required else "", others),
    ]
    return Section("not-run", "Not run", joined(parts), len(not_run))


def _list(title: str, entries: Sequence[str]) -> Markup | None:
    if not entries:
        return None
    listed = items([[badge("not_run", ""), " ", prose(entry)] for entry in entries], "plain")
    return joined([element("p", title) if title else None, listed])
