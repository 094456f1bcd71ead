"""The score of contracts as one JSON document, and the schema of that document."""

from __future__ import annotations

from typing import Any

from netra_contracts.model.score import SCORE_VERSION, Score
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.json import indented, require_all


def render(score: Score, options: RenderOptions) -> str:
    """Return one JSON document, in ASCII so that any terminal or pipe can encode it. `options` do not change it."""
    return indented(score.model_dump(mode="json"), "\n") + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document; see `netra_contracts.reports.json.schema`."""
    document_schema = Score.model_json_schema(mode="serialization")
    document_schema["properties"]["schema_version"]["const"] = SCORE_VERSION
    require_all(document_schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **document_schema,
        "title": "netra-contracts score",
        "description": "What `netra-contracts score --format json` writes.",
    }
