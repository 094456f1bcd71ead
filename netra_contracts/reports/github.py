"""Annotations for GitHub Actions: one workflow command for each finding.

Sources: GitHub's "Workflow commands for GitHub Actions" and, for what the runner makes of a line, `ActionCommand.cs`
and `ActionCommandManager.cs` of actions/runner. GitHub shows ten annotations of each level in a step: root causes are
annotated, each with its consequences in its text, and the rest are plain lines of the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.model.report import NOT_RUN, Report
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.grouping import FindingGroup, group_by_root
from netra_contracts.reports.wording import clean, limited, plural, relative, sentence

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MAX_ANNOTATIONS = 10
_MAX_ITEMS = 20
#: Plain lines for findings, and for what was not run, and the longest of them in characters.
_MAX_PLAIN, _MAX_LINE = 1000, 1000


def render(run: RunReport, options: RenderOptions) -> str:
    """Return the root causes in order, as annotations or plain lines, what was not run, and one summary line."""
    shown: Counter[Severity] = Counter()
    return "".join(_target(named.report, options, shown) for named in run.reports)


def _target(report: Report, options: RenderOptions, shown: Counter[Severity]) -> str:
    """The lines of one target. The runner limits the annotations of a step, so `shown` counts those of all targets."""
    roots, _ = group_by_root(report.findings, report.blocked)
    lines: list[str] = []
    plain = 0
    for root in roots:
        severity = root.finding.severity
        shown[severity] += 1
        if shown[severity] <= _MAX_ANNOTATIONS:
            lines.append(_annotation(root, options))
        else:
            following = (root.finding, *root.consequences)
            lines.extend(_plain_line(finding, options) for finding in following[: max(_MAX_PLAIN - plain, 0)])
            plain += len(following)
    if plain > _MAX_PLAIN:
        lines.append(f"and {plain - _MAX_PLAIN:,} more findings; --format json has them")
    lines.extend(
        _not_run(report, may_annotate=shown[Severity.ERROR if report.strict else Severity.WARNING] < _MAX_ANNOTATIONS)
    )
    summary = report.summary
    counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
    words = ", ".join(plural(count, noun) for count, noun in counts)
    if summary.not_run:
        words += f", {plural(summary.not_run, 'check')} not run"
    verdict = report.verdict.value.replace("_", " ")
    return "\n".join([*lines, _plain(f"netra-contracts: {report.target.info.spec} {verdict}: {words}")]) + "\n"


def _not_run(report: Report, *, may_annotate: bool) -> Iterator[str]:
    """One annotation for all that contracts ask for and that could not be checked, and a line for each other entry."""
    required = [_sentence(entry) for entry in report.not_run if entry.required]
    if required and may_annotate:
        command = _COMMANDS[Severity.ERROR if NOT_RUN in report.failed_by else Severity.WARNING]
        count = plural(len(required), "check")
        title = _property(clean(f"{count} not run"))
        lines = [f"{count} that contracts ask for could not be run:", *_first(required)]
        yield f"::{command} title={title}::{_data(chr(10).join(map(sentence, lines)))}"
    others = [entry for entry in report.not_run if not (entry.required and may_annotate)]
    yield from (_plain(f"not run: {_sentence(entry)}") for entry in others[:_MAX_PLAIN])
    if len(others) > _MAX_PLAIN:
        yield f"not run: and {len(others) - _MAX_PLAIN:,} more checks; --format json has them"


def _first(items: Iterable[str]) -> list[str]:
    """The first of many items, and the number of the others."""
    found = list(items)
    more = len(found) - _MAX_ITEMS
    return [*found[:_MAX_ITEMS], f"and {more:,} more"] if more > 0 else found


def _sentence(entry: NotRun) -> str:
    about = " ".join(filter(None, (entry.code, entry.component, entry.subject)))
    return f"{about}: {entry.reason}"


def _annotation(group: FindingGroup, options: RenderOptions) -> str:
    finding = group.finding
    # The runner makes absolute paths relative to the workspace. The current folder need not be the workspace.
    location = finding.location
    properties = {"file": location.file, "line": str(location.line)} if location is not None else {}
    if location is not None and location.column is not None and location.end_column is not None:
        properties |= {"col": str(location.column), "endColumn": str(location.end_column)}
    properties["title"] = f"{finding.code} {finding.component}".strip()
    written = ",".join(f"{name}={_property(clean(value))}" for name, value in properties.items())
    lines = [
        finding.message,
        *([f"calls: {_calls(finding, options)}"] if len(finding.calls) > 1 else []),
        *(f"because: {cause.message}" for cause in finding.causes),
        *([f"impact: {finding.impact}"] if finding.impact else []),
        *([f"help: {finding.hint}"] if finding.hint else []),
        *_first(f"then: {consequence.code} {consequence.message}" for consequence in group.consequences),
        *([f"blocks: {', '.join(_first(entry.component for entry in group.blocked))}"] if group.blocked else []),
    ]
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(chr(10).join(map(sentence, lines)))}"


def _calls(finding: Finding, options: RenderOptions) -> str:
    """Return `lifespan (app/main.py:12) -> connect (app/db.py:20)`."""
    return " -> ".join(
        f"{call.function} ({relative(call.file, options.cwd)}:{call.line})".lstrip() for call in finding.calls
    )


def _plain_line(finding: Finding, options: RenderOptions) -> str:
    location = finding.location
    where = f"{relative(location.file, options.cwd)}:{location.line}: " if location is not None else ""
    return _plain(f"{finding.severity.value}[{finding.code}] {where}{finding.message}")


def _plain(text: str) -> str:
    """Return a line that the runner does not read as a command: commands begin with `::` or contain `##[`."""
    return limited(sentence(text), _MAX_LINE, " ... ").replace("##[", "## [")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
