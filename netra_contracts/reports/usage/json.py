"""The lists as one JSON document, and the schema of that document."""

from __future__ import annotations

from typing import Any

from netra_contracts.model.usage_report import USAGE_SCHEMA_VERSION, UsageReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.json import indented, require_all


def render(usage: UsageReport, options: RenderOptions, component: str) -> str:
    """Return one JSON document, in ASCII so that any terminal or pipe can encode it.

    Args:
        usage: the lists.
        options: they do not change it.
        component: the only component in the document; empty: all.
    """
    if component:
        usage = usage.only(component)
    return indented(usage.model_dump(mode="json"), "\n") + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document.

    Every field is always written, so all are required. Fields may be added without a new schema version, so additional
    ones are allowed.
    """
    document_schema = UsageReport.model_json_schema(mode="serialization")
    document_schema["properties"]["schema_version"]["const"] = USAGE_SCHEMA_VERSION
    require_all(document_schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **document_schema,
        "title": "netra-contracts usage",
        "description": "What `netra-contracts usage --format json` writes.",
    }
