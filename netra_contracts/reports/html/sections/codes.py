"""What the codes of the page mean: the text of `netra-contracts explain`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from netra_contracts.model.rule_text import RuleText
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports.html.context import heading
from netra_contracts.reports.html.elements import Child, Markup, element, prose, wrapped

_CODE = re.compile(r"\w+", re.ASCII)
#: A block of code; else a heading, else a paragraph.
_BLOCK = re.compile(r"^```\w*\n(.*?)^```$|^#+ ([^\n]+)$|((?:^(?!```|#)[^\n]+\n?)+)", re.MULTILINE | re.DOTALL)


def explained_codes(run: RunReport, rules: Mapping[str, RuleText]) -> frozenset[str]:
    """Return the codes of the findings that have a documentation."""
    codes = {finding.code for named in run.reports for finding in named.report.findings}
    return frozenset(code for code in codes if _CODE.fullmatch(code) and code in rules)


def anchor_of(code: str) -> str:
    """Return the id of the element that explains a code."""
    return f"code-{code}"


def draw(codes: Collection[str], rules: Mapping[str, RuleText]) -> Child:
    """Return the section with the documentation of each code."""
    if not codes:
        return None
    title = heading(2, "What the codes mean", id_="codes-title")
    explained = [_explained(code, rules[code]) for code in sorted(codes)]
    return wrapped("section", title, explained, id="codes", aria_labelledby="codes-title")


def _explained(code: str, rule: RuleText) -> Markup:
    summary = element("summary", element("b", code), f" {rule.name}: ", prose(rule.summary))
    return element(
        "details", summary, element("div", _blocks(rule.markdown), class_="text"), id=anchor_of(code), class_="rule"
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
