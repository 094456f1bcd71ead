"""Documentation of checks as Markdown: `docs/generate.py` writes a page for each, `explain` prints it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.family import PLUGINS, Family
from netra_contracts.model.rule_text import HOMEPAGE, RuleText

HEADINGS = ("What it does", "Why it matters", "Example", "What to do")


def page(check: Check) -> str:
    """The page of one check, in Markdown."""
    body = inspect.cleandoc(type(check).__doc__ or "")
    off = f" Off unless it is selected: `--select {check.code}`." if check.off_by_default else ""
    return f"# {check.code}: {check.name}\n\nDefault severity: {check.severity.value}.{off}\n\n{body}\n"


def index(checks: Iterable[Check] = CHECKS) -> str:
    """The list of all checks, by family, in Markdown."""
    lines = ["# Checks", "", "A code never changes its meaning and is never used again. It does not imply a severity."]
    family = None
    for check in checks:
        if check.family != family:
            family = check.family
            lines += ["", f"## {_heading(family)}", "", "| code | name |", "|---|---|"]
        lines.append(f"| [{check.code}]({check.code}.md) | {check.name} |")
    return "\n".join(lines) + "\n"


def _heading(family: Family) -> str:
    return f"{family.prefix}xx: {family.title}" if family.number else family.title.capitalize()


def pages() -> dict[str, str]:
    """All pages by file name."""
    return {"README.md": index(), **{f"{check.code}.md": page(check) for check in CHECKS}}


class RuleTexts(Mapping[str, RuleText]):
    """The documentation of checks by code, made when it is asked for: most formats do not need it.

    Args:
        checks: those of the run, plugins included.
    """

    def __init__(self, checks: Iterable[Check]) -> None:
        self._given = checks

    @cached_property
    def _checks(self) -> Mapping[str, Check]:
        return {check.code: check for check in self._given}

    def __getitem__(self, code: str) -> RuleText:
        return rule_text(self._checks[code])

    def __iter__(self) -> Iterator[str]:
        return iter(self._checks)

    def __len__(self) -> int:
        return len(self._checks)


def rule_text(check: Check) -> RuleText:
    """The documentation of one check, for reports."""
    markdown = re.sub(r"\[([^]]+)\]\(NC\d+\.md\)", r"\1", inspect.cleandoc(type(check).__doc__ or ""))
    text = re.sub(r"^#+ |^```\w*\n?|`", "", markdown, flags=re.MULTILINE)
    paragraphs = [part for part in markdown.split("\n\n") if not part.startswith("#")]
    first = " ".join(paragraphs[0].split()) if paragraphs else ""
    return RuleText(
        name=check.name,
        summary=re.split(r"(?<=[.])\s", first)[0],
        text=text,
        markdown=markdown,
        severity=check.severity.value,
        family=check.family.title,
        url=f"{HOMEPAGE}/blob/main/docs/checks/{check.code}.md" if check.family is not PLUGINS else "",
        security_severity=check.security_severity,
    )
