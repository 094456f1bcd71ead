"""Reads the JSON documents that `check --format json` writes."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from netra_contracts.model.report import SCHEMA_VERSION
from netra_contracts.model.run_report import RunReport

#: What pydantic calls an unknown field, of a model and of a record of the protocol.
_UNKNOWN_FIELD = ("extra_forbidden", "unexpected_keyword_argument")


class UnreadableReportError(ValueError):
    """A document is not a report that this version can read; the message says why, after "it"."""


def is_report(document: object) -> bool:
    """Whether a JSON document claims to be the report of one or of several targets."""
    return (
        isinstance(document, dict)
        and "schema_version" in document
        and ("verdict" in document) != ("reports" in document)
    )


def read_report(document: dict[str, Any]) -> RunReport:
    """The report of one or of several targets, from the document that was written of it.

    Fields that this version does not know are ignored: later versions may add some without a new schema version.

    Args:
        document: what `json.loads` returns. It may be changed.

    Raises:
        UnreadableReportError: if its schema version or a field is not as this version has it.
    """
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise UnreadableReportError(f"has version {version} of the schema; this version reads {SCHEMA_VERSION}")
    if "reports" in document:
        several, reports, errors = True, document["reports"], document.get("errors", [])
    else:
        several, reports, errors = False, [document], []
    try:
        named = [{"name": report.pop("name", ""), "report": _without_fingerprints(report)} for report in reports]
        return _validated({"reports": named, "errors": errors, "several": several})
    except (AttributeError, KeyError, TypeError) as error:
        raise UnreadableReportError("has no list of reports and findings") from error


def _without_fingerprints(report: dict[str, Any]) -> dict[str, Any]:
    """A report without the fingerprints of its findings, which follow from their other fields."""
    suppressed = [entry["finding"] for entry in report.get("suppressed", ())]
    for finding in (*report.get("findings", ()), *suppressed):
        finding.pop("fingerprint", None)
    return report


def _validated(run: dict[str, Any]) -> RunReport:
    try:
        return RunReport.model_validate(run)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        wrong = next((problem for problem in problems if problem["type"] not in _UNKNOWN_FIELD), None)
        if wrong is not None:
            field = ".".join(str(step) for step in wrong["loc"])
            raise UnreadableReportError(f"cannot be read: {field}: {wrong['msg']}") from error
    for problem in problems:
        _remove(run, problem["loc"])
    return RunReport.model_validate(run)


def _remove(document: Any, path: tuple[int | str, ...]) -> None:
    *steps, last = path
    for step in steps:
        document = document[step]
    del document[last]
