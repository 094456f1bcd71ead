"""The report as one JSON document, and the schema of that document."""

from __future__ import annotations

import json
from typing import Any

from netra_contracts.model.report import SCHEMA_VERSION, Report
from netra_contracts.reports import RenderOptions

_FINGERPRINT = {
    "type": "string",
    "pattern": "^[0-9a-f]{16}$",
    "title": "Fingerprint",
    "description": "Names this finding across runs: stable when lines move and messages are reworded.",
}


def render(report: Report, options: RenderOptions) -> str:
    """One document, and nothing else. ASCII, so that no terminal or pipe can refuse it.

    It is the same whatever the options: nothing of it depends on who reads it.
    """
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data, each finding with its fingerprint."""
    data = report.model_dump(mode="json")
    for finding, dumped in zip(report.findings, data["findings"], strict=True):
        dumped["fingerprint"] = finding.fingerprint
    return data


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the document.

    Every field is always written, so all are required. More may be added without a new schema version, so none is
    forbidden.
    """
    made = Report.model_json_schema(mode="serialization")
    made["$defs"]["Finding"]["properties"]["fingerprint"] = _FINGERPRINT
    made["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    for record in (made, *made["$defs"].values()):
        if record.get("type") == "object":
            record["required"] = list(record["properties"])
            record.pop("additionalProperties", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "netra-contracts report",
        "description": "What `netra-contracts check --format json` writes.",
    }
