"""Reads the files that `check` has saved: recordings (`--record`) and reports (`--format json`, `--format html`)."""

from __future__ import annotations

import json

from pydantic import ValidationError

from netra_contracts.errors import Problem, UsageError
from netra_contracts.model.recording import Recording
from netra_contracts.model.run_report import RunReport
from netra_contracts.model.saved_report import UnreadableReportError, is_report, read_report
from netra_contracts.settings.input_files import MAX_RECORDING, InputFileError, read_bytes

_WRITE_ONE = "write one with `netra-contracts check --record FILE`"


def read_recording_or_report(path: str, option: str = "--from") -> Recording | RunReport:
    """The recording or the report in a file: a report is a JSON document, or an HTML page that holds one.

    Args:
        path: of the file.
        option: that names it, for messages.

    Raises:
        UsageError: if it cannot be read, or has neither of a version that this one reads.
    """
    text = _document(_read_text(path, option), path, option)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict) and "observation" in document:
        return _recording(text, path, option)
    if not is_report(document):
        hint = f"{_WRITE_ONE}, or a report with `--format json`"
        raise UsageError([Problem(f"{path} is neither a recording nor a report", option, hint)])
    try:
        return read_report(document)
    except UnreadableReportError as error:
        hint = "write it again with this version of `netra-contracts check --format json`"
        raise UsageError([Problem(f"{path} {error}", option, hint)]) from error


def _document(text: str, path: str, option: str) -> str:
    """The JSON document that a text is or, if it is an HTML page, holds."""
    if not text[:100].lstrip().startswith("<"):
        return text
    from netra_contracts.reports.html.embedded import extract

    found = extract(text)
    if found is None:
        hint = "name a page that `netra-contracts check --format html` wrote, or a JSON report"
        raise UsageError([Problem(f"{path} is an HTML page without a report", option, hint)])
    return found


def _read_text(path: str, option: str) -> str:
    try:
        return read_bytes(path, MAX_RECORDING).decode()
    except InputFileError as error:
        raise UsageError([Problem(f"{path} {error}", option, error.hint)]) from error
    except ValueError as error:
        raise UsageError([Problem(f"{path} is not UTF-8", option)]) from error


def _recording(text: str, path: str, option: str) -> Recording:
    try:
        return Recording.model_validate_json(text)
    except ValidationError as error:
        reasons = [
            str(one["ctx"]["error"])
            for one in error.errors(include_input=False)
            if one["loc"] == ("protocol_version",) and "error" in one.get("ctx", {})
        ]
        message = f"{path} is not a recording that this version can read"
        raise UsageError([Problem(": ".join([message, *reasons]), option, _WRITE_ONE)]) from error
