"""Annotations for GitHub Actions: workflow commands, one a finding.

Source: GitHub Actions documentation, "Workflow commands". Of each kind GitHub shows ten in a step; the rest follow as
plain lines, so that none is lost.
"""

from __future__ import annotations

import os
from collections import Counter

from netra_contracts.model.contract import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report
from netra_contracts.reports import RenderOptions

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_SHOWN_OF_A_KIND = 10


def render(report: Report, options: RenderOptions) -> str:
    """The annotations, then what GitHub would not show, then one line of summary."""
    shown: Counter[Severity] = Counter()
    lines, overflow = [], []
    for finding in report.findings:
        shown[finding.severity] += 1
        if shown[finding.severity] <= _SHOWN_OF_A_KIND:
            lines.append(_annotation(finding, options))
        else:
            overflow.append(f"{finding.severity.value} {finding.code} {_plain(finding.message)}")
    summary = report.summary
    verdict = report.verdict.value.replace("_", " ")
    counts = f"{summary.errors} errors, {summary.warnings} warnings, {summary.notes} notes"
    return "\n".join([*lines, *overflow, f"netra-contracts: {_plain(report.target.info.spec)} {verdict}: {counts}"]) + "\n"


def _annotation(finding: Finding, options: RenderOptions) -> str:
    properties = {"title": f"{finding.code} {finding.component}".strip()}
    if finding.location is not None:
        file = finding.location.file
        relative = os.path.relpath(file, options.cwd) if options.cwd and file.startswith(options.cwd) else file
        properties = {"file": relative, "line": str(finding.location.line), **properties}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    causes = [f"because: {cause.message}" for cause in finding.causes]
    hint = [f"help: {finding.hint}"] if finding.hint else []
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(chr(10).join([finding.message, *causes, *hint]))}"


def _plain(text: str) -> str:
    """A line that cannot be taken for a workflow command."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
