"""Annotations for GitHub Actions: one workflow command for each finding.

Sources: GitHub's "Workflow commands for GitHub Actions" and, for what the runner makes of a line, `ActionCommand.cs`
and `ActionCommandManager.cs` of actions/runner. GitHub shows ten annotations of each level in a step: root causes are
annotated before consequences, and the rest are plain lines of the log.
"""

from __future__ import annotations

from collections import Counter

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.wording import clean, plural, relative, sentence

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MAX_ANNOTATIONS = 10


def render(report: Report, options: RenderOptions) -> str:
    """Return the findings in order, as annotations or plain lines, then one summary line."""
    annotated = _positions_to_annotate(report)
    lines = [
        _annotation(finding, options) if position in annotated else _plain_line(finding, options)
        for position, finding in enumerate(report.findings)
    ]
    summary = report.summary
    counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
    words = ", ".join(plural(count, noun) for count, noun in counts)
    if summary.not_run:
        words += f", {plural(summary.not_run, 'check')} not run"
    verdict = report.verdict.value.replace("_", " ")
    return "\n".join([*lines, _plain(f"netra-contracts: {report.target.info.spec} {verdict}: {words}")]) + "\n"


def _positions_to_annotate(report: Report) -> frozenset[int]:
    """Return the positions of the findings that GitHub will show as annotations."""
    shown: Counter[Severity] = Counter()
    positions = set()
    for position, finding in sorted(enumerate(report.findings), key=lambda item: bool(item[1].caused_by)):
        shown[finding.severity] += 1
        if shown[finding.severity] <= _MAX_ANNOTATIONS:
            positions.add(position)
    return frozenset(positions)


def _annotation(finding: Finding, options: RenderOptions) -> str:
    # The runner makes absolute paths relative to the workspace. The current folder need not be the workspace.
    location = finding.location
    properties = {"file": location.file, "line": str(location.line)} if location is not None else {}
    if location is not None and location.column is not None and location.end_column is not None:
        properties |= {"col": str(location.column), "endColumn": str(location.end_column)}
    properties["title"] = f"{finding.code} {finding.component}".strip()
    written = ",".join(f"{name}={_property(clean(value))}" for name, value in properties.items())
    lines = [
        finding.message,
        *([f"calls: {_calls(finding, options)}"] if len(finding.calls) > 1 else []),
        *(f"because: {cause.message}" for cause in finding.causes),
        *([f"impact: {finding.impact}"] if finding.impact else []),
        *([f"help: {finding.hint}"] if finding.hint else []),
    ]
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(chr(10).join(map(sentence, lines)))}"


def _calls(finding: Finding, options: RenderOptions) -> str:
    """Return `lifespan (app/main.py:12) -> connect (app/db.py:20)`."""
    return " -> ".join(
        f"{call.function} ({relative(call.file, options.cwd)}:{call.line})".lstrip() for call in finding.calls
    )


def _plain_line(finding: Finding, options: RenderOptions) -> str:
    location = finding.location
    where = f"{relative(location.file, options.cwd)}:{location.line}: " if location is not None else ""
    return _plain(f"{finding.severity.value}[{finding.code}] {where}{finding.message}")


def _plain(text: str) -> str:
    """Return a line that the runner does not read as a command: commands begin with `::` or contain `##[`."""
    return sentence(text).replace("##[", "## [")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
