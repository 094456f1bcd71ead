"""The report as one JSON document, and the schema of that document."""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii
from typing import Any

from netra_contracts.model.report import SCHEMA_VERSION, Report
from netra_contracts.model.run_report import RunReport, TargetError
from netra_contracts.reports import RenderOptions

#: Schema of the fingerprint of a finding.
FINGERPRINT = {
    "type": "string",
    "pattern": "^[0-9a-f]{16}$",
    "title": "Fingerprint",
    "description": "Identifies this finding across runs: stable when lines move and messages are reworded.",
}


def render(run: RunReport, options: RenderOptions) -> str:
    """Return one JSON document, in ASCII so that any terminal or pipe can encode it. `options` do not change it."""
    return indented(run_document(run), "\n") + "\n"


def run_document(run: RunReport) -> dict[str, Any]:
    """Return the report of one target as plain data; a list of reports if the run was asked for all targets."""
    if not run.several:
        return document(run.reports[0].report)
    return {
        "schema_version": SCHEMA_VERSION,
        "exit_code": run.exit_code,
        "reports": [{"name": named.name, **document(named.report)} for named in run.reports],
        "errors": [error.model_dump(mode="json") for error in run.errors],
    }


def indented(value: object, line_end: str) -> str:
    """Return what `json.dumps` does with `indent=2`, which first makes a list of all tokens of the document."""
    inner = f"{line_end}  "
    if isinstance(value, dict) and value:
        members = [f"{encode_basestring_ascii(name)}: {indented(member, inner)}" for name, member in value.items()]
        return f"{{{inner}{f',{inner}'.join(members)}{line_end}}}"
    if isinstance(value, list) and value:
        return f"[{inner}{f',{inner}'.join([indented(item, inner) for item in value])}{line_end}]"
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    # `json.dumps` takes many times longer for these than for a text.
    return "null" if value is None else repr(value) if type(value) is int else json.dumps(value)


def document(report: Report) -> dict[str, Any]:
    """Return the report as plain data, each finding with its fingerprint."""
    data = report.model_dump(mode="json")
    for finding, dumped in zip(report.findings, data["findings"], strict=True):
        dumped["fingerprint"] = finding.fingerprint
    for entry, dumped in zip(report.suppressed, data["suppressed"], strict=True):
        dumped["finding"]["fingerprint"] = entry.finding.fingerprint
    return data


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document.

    Every field is always written, so all are required. Fields may be added without a new schema version, so additional
    ones are allowed.
    """
    document_schema = Report.model_json_schema(mode="serialization")
    document_schema["$defs"]["Finding"]["properties"]["fingerprint"] = FINGERPRINT
    document_schema["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    require_all(document_schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **document_schema,
        "title": "netra-contracts report",
        "description": "What `netra-contracts check --format json` writes.",
    }


def require_all(document_schema: dict[str, Any]) -> None:
    """Have a schema require the fields of each object, and allow others."""
    for record in (document_schema, *document_schema["$defs"].values()):
        if record.get("type") == "object":
            record["required"] = list(record["properties"])
            record.pop("additionalProperties", None)


def run_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document of several targets."""
    single = schema()
    definitions = {**single.pop("$defs"), "Report": {**single, "title": "Report"}, "TargetError": _error_schema()}
    name = {"type": "string", "title": "Name", "description": "The target's name."}
    report = {"allOf": [{"$ref": "#/$defs/Report"}, {"properties": {"name": name}, "required": ["name"]}]}
    properties = {
        "schema_version": {"const": SCHEMA_VERSION},
        "exit_code": {"type": "integer", "description": "Exit status of the command."},
        "reports": {"type": "array", "items": report, "description": "One for each target that could be checked."},
        "errors": {"type": "array", "items": {"$ref": "#/$defs/TargetError"}, "description": "The other targets."},
    }
    return {
        "$schema": single.pop("$schema"),
        "title": "netra-contracts report of several targets",
        "description": "What `netra-contracts check --all --format json` writes.",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "$defs": definitions,
    }


def _error_schema() -> dict[str, Any]:
    error = TargetError.model_json_schema(mode="serialization")
    error.pop("additionalProperties", None)
    return error
