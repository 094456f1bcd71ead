"""What the codes of the page mean: the text of `netra-contracts explain`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from netra_contracts.model.rule_text import RuleText
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.html.context import heading
from netra_contracts.reports.html.elements import Child, Markup, element, prose, wrapped

_CODE = re.compile(r"\w+", re.ASCII)
#: A block of code; else a heading, else a paragraph.
_BLOCK = re.compile(r"^```\w*\n(.*?)^```$|^#+ ([^\n]+)$|((?:^(?!```|#)[^\n]+\n?)+)", re.MULTILINE | re.DOTALL)


def anchor_of(code: str, rules: Mapping[str, RuleText]) -> str:
    """Return the id of the element that explains a code; empty: none does."""
    return f"code-{code}" if code in rules and _CODE.fullmatch(code) else ""


def draw(run: RunReport, options: RenderOptions) -> Child:
    """Return the section with the documentation of each code that has a finding."""
    codes = sorted({found.finding.code for found in run.findings() if anchor_of(found.finding.code, options.rules)})
    if not codes:
        return None
    title = heading(2, "What the codes mean", id_="codes-title")
    explained = [_explained(code, options.rules[code]) for code in codes]
    return wrapped("section", title, explained, id="codes", aria_labelledby="codes-title")


def _explained(code: str, rule: RuleText) -> Markup:
    summary = element("summary", element("b", code), f" {rule.name}: ", prose(rule.summary))
    return element(
        "details", summary, element("div", _blocks(rule.markdown), class_="text"), id=f"code-{code}", class_="rule"
    )


def _blocks(markdown: str) -> list[Markup]:
    """The blocks of a documentation: headings, code and paragraphs are all that it has."""
    blocks = []
    for match in _BLOCK.finditer(markdown):
        code, title, paragraph = match.groups()
        if title is not None:
            blocks.append(heading(3, title))
        elif code is not None:
            lines = [(line, Markup("\n")) for line in code.rstrip().split("\n")]
            blocks.append(element("pre", element("code", lines)))
        elif paragraph.strip():
            blocks.append(element("p", prose(paragraph)))
    return blocks
