"""Documentation of checks as Markdown: `docs/generate.py` writes a page for each, `explain` prints it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.family import Family

HEADINGS = ("What it does", "Why it matters", "Example", "What to do")


def page(check: Check) -> str:
    """The page of one check, in Markdown."""
    body = inspect.cleandoc(type(check).__doc__ or "")
    return f"# {check.code}: {check.name}\n\nDefault severity: {check.severity.value}.\n\n{body}\n"


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
