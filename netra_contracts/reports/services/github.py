"""Annotations for GitHub Actions: one workflow command for each finding.

Sources: GitHub's "Workflow commands for GitHub Actions" and, for what the runner makes of a line, `ActionCommand.cs`
and `ActionCommandManager.cs` of actions/runner. GitHub shows ten annotations of each level in a step: root causes are
annotated, each with its consequences in its text, and the rest are plain lines of the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.model.report import NOT_RUN, Report
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import details, written
from netra_contracts.reports.grouping import FindingGroup, group_by_root
from netra_contracts.reports.headline import format_known
from netra_contracts.reports.wording import clean, limited, plural, relative, sentence

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MAX_ANNOTATIONS = 10
_MAX_ITEMS = 20
#: Characters of an annotation; GitHub keeps 64 KiB.
_MAX_ANNOTATION = 15_000
#: Plain lines for findings, and for what was not run, and the longest of them in characters.
_MAX_PLAIN, _MAX_LINE = 1000, 1000


def render(run: RunReport, options: RenderOptions) -> str:
    """Return the root causes in order, as annotations or plain lines, what was not run, and one summary line."""
    roots = [group_by_root(named.report.findings, named.report.blocked)[0] for named in run.reports]
    annotations = _Annotations(len(run.errors), roots)
    lines = [line for error in run.errors for line in _failed_target(error, annotations)]
    for named, found in zip(run.reports, roots, strict=True):
        lines += _findings(found, named.title if run.several else "", options, annotations)
        lines += _not_run(named.report, named.title if run.several else "", annotations)
        lines.append(_summary(named))
    return "".join(f"{line}\n" for line in lines)


class _Annotations:
    """Which entries are annotated: GitHub shows ten of each level in a step, whichever target they are of.

    Of the findings of one level, the first of each target are, then the second of each, and so on.

    Args:
        errors: the number of targets without a report: these are annotated first.
        targets: the root causes of each target, in order.
    """

    def __init__(self, errors: int, targets: Sequence[Sequence[FindingGroup]]) -> None:
        self._left = dict.fromkeys(Severity, _MAX_ANNOTATIONS)
        self._left[Severity.ERROR] -= min(errors, _MAX_ANNOTATIONS)
        self._errors = min(errors, _MAX_ANNOTATIONS)
        self._findings: set[int] = set()
        for severity in Severity:
            of_level = ([root.finding for root in roots if root.finding.severity is severity] for roots in targets)
            turns = (finding for turn in zip_longest(*of_level) for finding in turn if finding is not None)
            chosen = list(islice(turns, self._left[severity]))
            self._findings.update(map(id, chosen))
            self._left[severity] -= len(chosen)

    def has(self, finding: Finding) -> bool:
        """Return whether a root cause is annotated."""
        return id(finding) in self._findings

    def take(self, severity: Severity) -> bool:
        """Return whether one more entry of a level can be annotated, which it then is."""
        self._left[severity] -= 1
        return self._left[severity] >= 0

    def take_error(self) -> bool:
        """Return whether one more target without a report can be annotated, which it then is."""
        self._errors -= 1
        return self._errors >= 0


def _failed_target(error: TargetError, annotations: _Annotations) -> Iterator[str]:
    problems = [sentence(problem) for problem in _first(error.problems)]
    if annotations.take_error():
        title = _property(f"{clean(error.name)} could not be checked")
        yield f"::error title={title}::{_data(chr(10).join(problems))}"
    else:
        yield from (_plain(f"error: {error.name}: {problem}") for problem in problems)


def _findings(
    roots: Sequence[FindingGroup], target: str, options: RenderOptions, annotations: _Annotations
) -> Iterator[str]:
    """The findings of one target: root causes that are annotated, and a plain line for each other finding.

    `target` is its name in a run of several.
    """
    plain = 0
    for root in roots:
        if annotations.has(root.finding):
            yield _annotation(root, target, options)
            continue
        following = (root.finding, *root.consequences)
        yield from (_plain_line(finding, target, options) for finding in following[: max(_MAX_PLAIN - plain, 0)])
        plain += len(following)
    if plain > _MAX_PLAIN:
        yield f"and {plain - _MAX_PLAIN:,} more findings; --format json has them"


def _summary(named: NamedReport) -> str:
    """One line: the verdict and the counts."""
    report, summary = named.report, named.report.summary
    counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
    words = ", ".join(plural(count, noun) for count, noun in counts)
    if summary.known is not None:
        words += f", {format_known(summary)}"
    if summary.blocked:
        words += f", {plural(summary.blocked, 'contract')} blocked"
    if summary.not_run:
        words += f", {plural(summary.not_run, 'check')} not run"
    verdict = report.verdict.value.replace("_", " ")
    return _plain(f"netra-contracts: {named.title} {verdict}: {words}")


def _not_run(report: Report, target: str, annotations: _Annotations) -> Iterator[str]:
    """One annotation for all that contracts ask for and that could not be checked, and a line for each other entry."""
    required = [_sentence(entry) for entry in report.not_run if entry.required]
    severity = Severity.ERROR if NOT_RUN in report.failed_by else Severity.WARNING
    may_annotate = bool(required) and annotations.take(severity)
    if may_annotate:
        command = _COMMANDS[severity]
        count = plural(len(required), "check")
        title = _property(clean(f"{count} not run{f' ({target})' if target else ''}"))
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


def _annotation(group: FindingGroup, target: str, options: RenderOptions) -> str:
    finding = group.finding
    # The runner makes absolute paths relative to the workspace. The current folder need not be the workspace.
    location = finding.location
    properties = {"file": location.file, "line": str(location.line)} if location is not None else {}
    if location is not None and location.column is not None and location.end_column is not None:
        properties |= {"col": str(location.column), "endColumn": str(location.end_column)}
    phase = f"{finding.phase.value} phase" if finding.phase is not None else ""
    about = ", ".join(filter(None, (target, phase)))
    properties["title"] = f"{finding.code} {finding.component}".strip() + (f" ({about})" if about else "")
    fields = ",".join(f"{name}={_property(clean(value))}" for name, value in properties.items())
    lines = [
        sentence(finding.message),
        *(written(detail, options) for detail in details(group, options)),
    ]
    shown = limited("\n".join(lines), _MAX_ANNOTATION, "\n...\n")
    return f"::{_COMMANDS[finding.severity]} {fields}::{_data(shown)}"


def _plain_line(finding: Finding, target: str, options: RenderOptions) -> str:
    location = finding.location
    where = f"{relative(location.file, options.cwd)}:{location.line}: " if location is not None else ""
    name = f"{target}: " if target else ""
    return _plain(f"{name}{finding.severity.value}[{finding.code}] {where}{finding.message}")


def _plain(text: str) -> str:
    """Return a line that the runner does not read as a command: commands begin with `::` or contain `##[`."""
    return limited(sentence(text), _MAX_LINE, " ... ").replace("##[", "## [")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
