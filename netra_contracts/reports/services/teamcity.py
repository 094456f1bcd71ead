"""Service messages of TeamCity: an inspection for each root cause.

Source: JetBrains' "Service messages", "Reporting inspections": the type of an inspection is declared before it is used,
`| ' [ ]`, line ends and what is not ASCII are escaped, and ids, names and descriptions are limited in length.
"""

from __future__ import annotations

from netra_contracts.contracts.model import Severity
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import written
from netra_contracts.reports.headline import headline
from netra_contracts.reports.services.entries import TOOL, Entry, entries
from netra_contracts.reports.wording import limited

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "WEAK WARNING"}
_MAX_NAME, _MAX_TEXT = 255, 4000
_ESCAPES = {ord(char): f"|{char}" for char in "|'[]"} | {ord("\n"): "|n", ord("\r"): "|r"}


def render(run: RunReport, options: RenderOptions) -> str:
    """Return the types of the inspections, the inspections, and the verdict of each target."""
    found = list(entries(run, options, nested=True))
    lines = [_type(code, options) for code in dict.fromkeys(entry.code for entry in found)]
    lines += [_inspection(entry, options) for entry in found]
    for named in run.reports:
        status = "ERROR" if named.report.exit_code else "NORMAL"
        lines.append(_message("message", text=headline(named.report), status=status))
    return "".join(f"{line}\n" for line in lines)


def _type(code: str, options: RenderOptions) -> str:
    rule = options.rules.get(code)
    return _message(
        "inspectionType",
        id=limited(code, _MAX_NAME, "..."),
        name=limited(f"{code} {rule.name}" if rule is not None else code, _MAX_NAME, "..."),
        category=(rule.family if rule is not None else "") or TOOL,
        description=limited(rule.summary if rule is not None else code, _MAX_TEXT, "..."),
    )


def _inspection(entry: Entry, options: RenderOptions) -> str:
    said = "\n".join([entry.message, *(written(one, options) for one in entry.details)])
    return _message(
        "inspection",
        typeId=limited(entry.code, _MAX_NAME, "..."),
        message=limited(said, _MAX_TEXT, " ... "),
        file=limited(entry.path, _MAX_TEXT, "..."),
        line=str(entry.location.line),
        SEVERITY=_SEVERITIES[entry.severity],
    )


def _message(kind: str, /, **attributes: str) -> str:
    written_ = " ".join(f"{key}='{_escaped(value)}'" for key, value in attributes.items())
    return f"##teamcity[{kind} {written_}]"


def _escaped(value: str) -> str:
    """A value, in which characters beyond the basic plane are two escapes, as in UTF-16."""
    escaped = value.translate(_ESCAPES)
    if escaped.isascii():
        return escaped
    return "".join(char if char.isascii() else _unicode(char) for char in escaped)


def _unicode(char: str) -> str:
    encoded = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"|0x{encoded[start : start + 2].hex()}" for start in range(0, len(encoded), 2))
