"""A comparison as one JSON document, and the schema of that document."""

from __future__ import annotations

from typing import Any

from netra_contracts.model.report_diff import DIFF_SCHEMA_VERSION, RunDiff
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.json import FINGERPRINT, indented, require_all

#: The lists whose entries have a finding, in the order of the fields.
_NESTED = ("unchecked", "known", "known_before", "severities")


def render(diff: RunDiff, options: RenderOptions) -> str:
    """Return one JSON document, in ASCII so that any terminal or pipe can encode it. `options` do not change it."""
    return indented(document(diff), "\n") + "\n"


def document(diff: RunDiff) -> dict[str, Any]:
    """Return the comparison as plain data, each finding with its fingerprint."""
    data = diff.model_dump(mode="json")
    for report, dumped in zip(diff.reports, data["reports"], strict=True):
        findings = [
            *report.new,
            *report.fixed,
            *(unchecked.finding for unchecked in report.unchecked),
            *(suppressed.finding for suppressed in (*report.known, *report.known_before)),
            *(change.finding for change in report.severities),
        ]
        nested = [entry["finding"] for part in _NESTED for entry in dumped[part]]
        for finding, written in zip(findings, [*dumped["new"], *dumped["fixed"], *nested], strict=True):
            written["fingerprint"] = finding.fingerprint
    return {"schema_version": DIFF_SCHEMA_VERSION, **data}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document.

    Every field is always written, so all are required. Fields may be added without a new schema version, so additional
    ones are allowed.
    """
    document_schema = RunDiff.model_json_schema(mode="serialization")
    document_schema["$defs"]["Finding"]["properties"]["fingerprint"] = FINGERPRINT
    version = {"const": DIFF_SCHEMA_VERSION, "title": "Schema version", "type": "integer"}
    document_schema["properties"] = {"schema_version": version, **document_schema["properties"]}
    require_all(document_schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **document_schema,
        "title": "netra-contracts diff",
        "description": "What `netra-contracts diff --format json` writes.",
    }
