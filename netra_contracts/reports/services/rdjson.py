"""reviewdog's Diagnostic Format: one tool posts it to GitHub, GitLab, Bitbucket, Gerrit and others.

Source: reviewdog's `proto/rdf/reviewdog.proto`. Columns count bytes of UTF-8, from 1, as those of our locations do.
"""

from __future__ import annotations

import json
from typing import Any

from netra_contracts.contracts.model import Severity
from netra_contracts.model.rule_text import HOMEPAGE
from netra_contracts.model.run_report import RunReport
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import written
from netra_contracts.reports.locations import repository_path
from netra_contracts.reports.services.entries import TOOL, Entry, entries
from netra_contracts.reports.wording import clean

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}

_Record = dict[str, Any]


def render(run: RunReport, options: RenderOptions) -> str:
    """Return a diagnostic for each root cause with its consequences, for what was not run, and for failed targets."""
    paths: dict[str, str] = {}
    found = entries(run, options, nested=True)
    diagnostics = ",\n".join(json.dumps(_diagnostic(entry, options, paths)) for entry in found)
    source = json.dumps({"name": TOOL, "url": HOMEPAGE})
    return f'{{"source": {source}, "diagnostics": [\n{diagnostics}\n]}}\n'


def _diagnostic(entry: Entry, options: RenderOptions, paths: dict[str, str]) -> _Record:
    code: _Record = {"value": entry.code}
    rule = options.rules.get(entry.code)
    if rule is not None and rule.url:
        code["url"] = rule.url
    diagnostic: _Record = {
        "message": "\n".join([entry.message, *(written(one, options) for one in entry.details)]),
        "location": _location(entry.path, entry.location),
        "severity": _SEVERITIES[entry.severity],
        "code": code,
    }
    related = [
        {
            "message": f"{one.label}: {one.text}",
            "location": _location(_path(one.location, options, paths), one.location),
        }
        for one in entry.details
        if one.location is not None
    ]
    if related:
        diagnostic["related_locations"] = related
    return diagnostic


def _path(location: Location, options: RenderOptions, paths: dict[str, str]) -> str:
    """The path of a file, which is looked up once for each."""
    if location.file not in paths:
        paths[location.file] = clean(repository_path(location.file, options))
    return paths[location.file]


def _location(path: str, location: Location) -> _Record:
    line = max(location.line, 1)
    reach: _Record = {"start": {"line": line}}
    if location.column is not None:
        reach["start"]["column"] = location.column
        if location.end_column is not None:
            reach["end"] = {"line": line, "column": location.end_column}
    return {"path": path, "range": reach}
