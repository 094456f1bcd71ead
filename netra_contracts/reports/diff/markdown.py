"""A comparison for a comment on a pull request: what is new and fixed, with the rest folded.

Everything is HTML, as in the report: see `reports/markdown.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.model.finding import Finding
from netra_contracts.model.report_diff import ReportDiff, RunDiff
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import place
from netra_contracts.reports.diff import rows
from netra_contracts.reports.headline import WORDS, parts_of
from netra_contracts.reports.markdown import MAX_COMMENT, code, fitting, folded, inline, listed
from netra_contracts.reports.wording import plural

#: Entries of each list.
_MAX_ENTRIES = 30
_CUT = "<p>The rest does not fit; the JSON document has it.</p>\n"


def render(diff: RunDiff, options: RenderOptions) -> str:
    """Return the comparison as a comment, as far as it fits into one."""
    blocks = [f"{block}\n\n" for block in _blocks(diff, options)]
    kept, _ = fitting(blocks, MAX_COMMENT - len(_CUT))
    return "".join(kept) + (_CUT if len(kept) < len(blocks) else "")


def _blocks(diff: RunDiff, options: RenderOptions) -> Iterator[str]:
    for report in diff.reports:
        yield from _target(report, options)
    for label, names in (("New targets", diff.added), ("Removed targets", diff.removed)):
        if names:
            yield f"<p>{label}: {', '.join(map(code, names))}</p>"
    for error in diff.errors:
        yield f"<p>{code(error.name)} could not be checked: {inline('; '.join(error.problems))}</p>"


def _target(diff: ReportDiff, options: RenderOptions) -> Iterator[str]:
    verdicts = [WORDS[run.verdict] for run in (diff.before, diff.after)]
    changed = verdicts[1] if verdicts[0] == verdicts[1] else f"{verdicts[1]}, was {verdicts[0]}"
    name = code(diff.name or diff.after.target)
    other = f" (compared with {code(diff.before.target)})" if not diff.same_target else ""
    counts = inline("; ".join(parts_of(diff.after_report)))
    yield f"<h3>netra-contracts: {changed} {name}{other}</h3>\n<p>{inline(rows.summary(diff))}<br>{counts}</p>"
    yield from _open("New", (_finding(finding, options) for finding in diff.new), len(diff.new))
    changes = (f"{_finding(change.finding, options)} (was {change.before.value})" for change in diff.severities)
    yield from _open("Severity changed", changes, len(diff.severities))
    yield from _open("Fixed", (_finding(finding, options) for finding in diff.fixed), len(diff.fixed))
    for title, entries in (
        ("Known", [(entry.finding, entry.reason) for entry in diff.known]),
        ("Known before", [(entry.finding, entry.reason) for entry in diff.known_before]),
        ("No longer checked", [(entry.finding, entry.reason) for entry in diff.unchecked]),
    ):
        said = (f"{_finding(finding, options)}: {inline(reason)}" for finding, reason in entries)
        yield from _open(title, said, len(entries))
    yield from _components(diff)
    yield from _times(diff)


def _finding(finding: Finding, options: RenderOptions) -> str:
    where = place(finding.location, options)
    at = f" ({code(where)})" if where else ""
    return f"<b>{finding.severity.value}</b> {inline(finding.code)}: {inline(finding.message)}{at}"


def _open(title: str, items: Iterable[str], count: int) -> Iterator[str]:
    """Yield a list under a title, if it has items."""
    shown = [item for item, _ in zip(items, range(_MAX_ENTRIES), strict=False)]
    more = [f"and {count - len(shown):,} more; the JSON document has them"] if count > len(shown) else []
    if shown:
        yield f"<p><b>{title}</b></p>\n{listed([*shown, *more])}"


def _components(diff: ReportDiff) -> Iterator[str]:
    missing = rows.not_started(diff)
    if missing:
        yield f"<p>{inline(missing)}</p>"
    changes = rows.change_rows(diff, lines=False)
    if changes:
        names = len({change.component for change in changes})
        items = [
            f"{code(change.component)} {change.change}: {code(change.before)}, now {code(change.after)}"
            for change in changes[:_MAX_ENTRIES]
        ]
        title = f"{plural(names, 'component')} differ{'s' if names == 1 else ''}"
        yield folded(title, items, len(changes)).rstrip("\n")


def _times(diff: ReportDiff) -> Iterator[str]:
    if diff.stages:
        items = [
            f"{stage}: {inline(before)}, now {inline(after)}{f', {inline(change)}' if change else ''}"
            for stage, before, after, change in rows.stage_rows(diff)
        ]
        yield folded("Time", items, len(items)).rstrip("\n")
