"""Logging commands of Azure Pipelines: an issue for each root cause.

Source: Microsoft's "Logging commands", `task.logissue`, and what azure-pipelines-agent makes of a line: `%`, line ends,
`;` and `]` are escaped, there are errors and warnings only, and ten of each are listed on the page of a run. The agent
prints the others in the log.
"""

from __future__ import annotations

from netra_contracts.contracts.model import Severity
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import written
from netra_contracts.reports.headline import headline
from netra_contracts.reports.services.entries import Entry, entries
from netra_contracts.reports.wording import limited

_TYPES = {Severity.ERROR: "error", Severity.WARNING: "warning"}
#: Characters of the text of an issue.
_MAX_TEXT = 4000


def render(run: RunReport, options: RenderOptions) -> str:
    """Return an issue for each error and warning, the errors first, a plain line for each note, and the verdicts.

    Of the same severity, the first entry of each target comes first, then the second of each, and so on.
    """
    found = sorted(entries(run, options, nested=True), key=lambda entry: (entry.severity.rank, entry.position))
    lines = [_line(entry, options) for entry in found]
    lines += [_plain(headline(named.report)) for named in run.reports]
    return "".join(f"{line}\n" for line in lines)


def _line(entry: Entry, options: RenderOptions) -> str:
    said = "; ".join([entry.message, *(written(one, options) for one in entry.details)])
    shown = limited(said, _MAX_TEXT, " ... ")
    if entry.severity not in _TYPES:
        return _plain(f"note: {entry.path}:{entry.location.line}: {entry.code} {shown}")
    properties = {
        "type": _TYPES[entry.severity],
        "sourcepath": entry.path,
        "linenumber": str(entry.location.line),
        "columnnumber": str(entry.location.column or 1),
        "code": entry.code,
    }
    written_ = "".join(f"{name}={_property(value)};" for name, value in properties.items())
    return f"##vso[task.logissue {written_}]{_data(f'{entry.code} {shown}')}"


def _data(message: str) -> str:
    return message.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace("]", "%5D").replace(";", "%3B")


def _plain(line: str) -> str:
    """A line that the agent does not read as a command: `##vso[` and `##[` anywhere in a line begin one."""
    return line.replace("##", "# #")
