"""Reads what `check` has saved: recordings (`--record`), JSON reports, and the JSON in HTML reports."""

from __future__ import annotations

import json

from pydantic import ValidationError

from netra_contracts.errors import Problem, UsageError
from netra_contracts.model.recording import Recording
from netra_contracts.model.run_report import RunReport
from netra_contracts.model.saved_report import UnreadableReportError, is_report, read_report
from netra_contracts.settings.input_files import MAX_RECORDING, InputFileError, read_bytes

_WRITE_ONE = "write one with `netra-contracts check --record FILE`"


def read_recording(path: str, option: str = "--from") -> Recording:
    """The recording in a file.

    Args:
        path: of the file.
        option: that names it, for messages.

    Raises:
        UsageError: if it cannot be read, or has no recording of a version that this one reads.
    """
    return _recording(_read_text(path, option), path, option)


def read_recording_or_report(path: str, option: str = "--from") -> Recording | RunReport:
    """The recording or the report in a file, which may be an HTML report.

    Args:
        path: of the file.
        option: that names it, for messages.

    Raises:
        UsageError: if it cannot be read, or has neither of a version that this one reads.
    """
    text = _read_text(path, option)
    if text.lstrip()[:1] == "<":
        from netra_contracts.reports.html import embedded

        text = embedded.extract(text) or ""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict) and "observation" in document:
        return _recording(text, path, option)
    if not is_report(document):
        hint = f"{_WRITE_ONE}, or with `--format json` or `html`"
        raise UsageError([Problem(f"{path} is neither a recording nor a report", option, hint)])
    try:
        return read_report(document)
    except UnreadableReportError as error:
        hint = "write it again with this version of `netra-contracts check --format json`"
        raise UsageError([Problem(f"{path} {error}", option, hint)]) from error


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
