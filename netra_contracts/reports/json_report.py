"""The report as one JSON document."""

from __future__ import annotations

import json
from typing import Any

from netra_contracts.model.report import Report
from netra_contracts.reports import RenderOptions


def render(report: Report, options: RenderOptions) -> str:
    """One document, and nothing else. ASCII, so that no terminal or pipe can refuse it."""
    return json.dumps(document(report), indent=2 if options.verbose >= 0 else None) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data, each finding with its fingerprint."""
    data = report.model_dump(mode="json")
    for finding, dumped in zip(report.findings, data["findings"], strict=True):
        dumped["fingerprint"] = finding.fingerprint
    return data


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the document."""
    made = Report.model_json_schema(mode="serialization")
    finding = made["$defs"]["Finding"]
    finding["properties"]["fingerprint"] = {
        "type": "string",
        "pattern": "^[0-9a-f]{16}$",
        "title": "Fingerprint",
        "description": "Names this finding across runs: stable when lines move and messages are reworded.",
    }
    finding["required"] = [*finding.get("required", []), "fingerprint"]
    made["title"] = "netra-contracts report"
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return made
