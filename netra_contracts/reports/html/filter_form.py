"""The controls that filter the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from netra_contracts.model.finding import Finding
from netra_contracts.reports.html.elements import Markup, element
from netra_contracts.reports.wording import plural

_SEVERITIES = ("error", "warning", "note")


def draw_filter(found: Sequence[Finding]) -> Markup | None:
    """Return the controls, hidden: the script shows them, since without it they would do nothing."""
    if len(found) < 2:
        return None
    return element(
        "form",
        _text(),
        _severities(Counter(finding.severity.value for finding in found)),
        _codes(Counter(finding.code for finding in found)),
        element("button", "Expand all", type="button", name="expand"),
        element("button", "Collapse all", type="button", name="collapse"),
        element("output", aria_live="polite", name="shown"),
        id="filter",
        hidden=True,
        role="search",
        aria_label="Findings",
    )


def _text() -> Markup:
    title = "Filter findings"
    field = element("input", type="search", name="text", placeholder=title, autocomplete="off")
    return element("label", element("span", title, class_="unseen"), field)


def _severities(counts: Counter[str]) -> Markup | None:
    if len(counts) < 2:
        return None
    boxes = [
        element(
            "label",
            element("input", type="checkbox", name="severity", value=name, checked=True),
            f" {plural(counts[name], name)}",
        )
        for name in _SEVERITIES
        if counts[name]
    ]
    return element("fieldset", element("legend", "Severity", class_="unseen"), boxes)


def _codes(counts: Counter[str]) -> Markup | None:
    if len(counts) < 2:
        return None
    options = [element("option", f"{code} ({count:,})", value=code) for code, count in sorted(counts.items())]
    choice = element("select", element("option", "All codes", value=""), options, name="code")
    return element("label", element("span", "Code", class_="unseen"), choice)
