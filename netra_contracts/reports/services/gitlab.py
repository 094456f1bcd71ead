"""GitLab's Code Quality report: an array of issues, which a merge request shows beside the lines.

Source: GitLab's "Code Quality", "Code Quality report format": `description`, `check_name`, `fingerprint`, `severity`
and `location` are read; paths are relative and do not begin with `./`; of issues with the same fingerprint one is kept.
"""

from __future__ import annotations

import json
from typing import Any

from netra_contracts.contracts.model import Severity
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.services.entries import Entry, entries
from netra_contracts.reports.wording import limited

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
#: Characters of a description, which is shown as one line.
_MAX_DESCRIPTION = 1000
#: What is said of a finding in that line.
_LABELS = ("impact", "help", "blocks")


def render(run: RunReport, options: RenderOptions) -> str:
    """Return an issue for each finding, for what contracts ask for and was not run, and for each failed target."""
    issues = ",\n".join(json.dumps(_issue(entry)) for entry in entries(run, options, nested=False))
    return f"[\n{issues}\n]\n"


def _issue(entry: Entry) -> dict[str, Any]:
    said = [entry.message, *(f"{one.label}: {one.text}" for one in entry.details if one.label in _LABELS)]
    if entry.follows_from:
        said.append(f"follows from {entry.follows_from}")
    return {
        "type": "issue",
        "check_name": entry.code,
        "description": limited("; ".join(said), _MAX_DESCRIPTION, " ... "),
        "categories": ["Bug Risk"],
        "severity": "blocker" if entry.kind == "target" else _SEVERITIES[entry.severity],
        "fingerprint": entry.fingerprint,
        "location": {"path": entry.path, "lines": {"begin": max(entry.location.line, 1)}},
    }
