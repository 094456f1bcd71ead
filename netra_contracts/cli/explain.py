"""`netra-contracts explain`."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Sequence

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.documentation import index, page
from netra_contracts.cli import terminal
from netra_contracts.errors import Problem, UsageError, did_you_mean
from netra_contracts.plugins import load_plugins

_STYLE = re.compile(r"\x1b\[[\d;]*m")


def explain(code: str | None) -> int:
    """Print the documentation of a check, or the list of all checks, and return the exit status.

    Raises:
        UsageError: if there is no such check.
    """
    checks = load_plugins().checks
    if code is None:
        terminal.write_stdout(_render(index(checks)))
        return 0
    wanted = code.strip().upper()
    known = {check.code: check for check in checks} | {check.name.upper(): check for check in checks}
    if wanted not in known:
        raise UsageError([Problem(f'there is no check "{code}"', "explain", _hint(wanted, list(checks)))])
    terminal.write_stdout(_render(page(known[wanted])))
    return 0


def _hint(wanted: str, checks: Sequence[Check]) -> str:
    """What to write instead of a code or name that no check has."""
    code = f"NC{wanted}" if wanted.isdigit() else wanted
    family = [check.code for check in checks if check.code.startswith(code)]
    if family == [code]:
        return f'did you mean "{code}"?'
    if family and code != "NC":
        return f"these codes start with {code}: {', '.join(family)}"
    codes, names = [check.code for check in checks], [check.name for check in checks]
    return did_you_mean(code, codes if code.startswith("NC") else names) or "`netra-contracts explain` lists the checks"


def _render(markdown: str) -> str:
    """Markdown, rendered for a terminal with colours; elsewhere the Markdown text."""
    style = terminal.output_style(to_file=False)
    if not style.colour:
        return re.sub(r"\[(NC\d+)\]\(NC\d+\.md\)", r"\1", inspect.cleandoc(markdown)) + "\n"
    import io

    from rich.console import Console
    from rich.markdown import Markdown

    buffer = io.StringIO()
    width = min(style.width, 100)
    text = re.sub(r"\[(NC\d+)\]\(NC\d+\.md\)", r"\1", markdown)
    console = Console(file=buffer, width=width, force_terminal=True, color_system="standard", _environ=dict(os.environ))
    console.print(Markdown(text))
    return _without_double_blanks(buffer.getvalue())


def _without_double_blanks(text: str) -> str:
    """A rendered text without the blank lines that rich puts around a block of code in addition to its own."""
    lines: list[str] = []
    for line in text.split("\n"):
        blank = not _STYLE.sub("", line).strip()
        if not (blank and (not lines or not lines[-1])):
            lines.append("" if blank else line)
    return "\n".join(lines)
