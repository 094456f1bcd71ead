"""The end of a target: what it printed, and how target, interpreter and contracts were found."""

from __future__ import annotations

from netra_contracts.reports.html.context import Section, TargetPage
from netra_contracts.reports.html.elements import Markup, element, joined, prose
from netra_contracts.reports.html.parts import items
from netra_contracts.reports.wording import clean, plural, printed


def draw_output(page: TargetPage) -> Section | None:
    """Return the last lines that the target printed."""
    output = page.report.output
    if not output:
        return None
    text = element("pre", [(printed(line), Markup("\n")) for line in output], class_="output")
    summary = element("summary", f"Last {plural(len(output), 'line')}")
    return Section("output", "Output of the target", element("details", summary, text, open=len(output) <= 40))


def draw_sources(page: TargetPage) -> Section | None:
    """Return how target, interpreter and contracts were found."""
    report = page.report
    steps = [*report.target.resolved, report.target.info.how, *report.target.contracts_from]
    folder = page.options.cwd.rstrip("/")
    shown = [step.replace(f"{folder}/", "") if folder else step for step in steps if step]
    facts = items([prose(step) for step in shown])
    version = element("p", f"netra-contracts {clean(report.tool_version)}", class_="muted")
    return Section("sources", "Target and contracts", joined([facts if shown else None, version]))
