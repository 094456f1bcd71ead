"""Markdown for a comment on a pull request, and for the summary of a step of GitHub Actions.

Everything is HTML, which Markdown allows, so that no text of the target is read as Markdown: GitHub and GitLab read no
Markdown in a block of HTML before an empty line. What both still look for in its text, outside of `<code>`, are names
of users to notify. Source: "GitHub Flavored Markdown Spec", HTML blocks.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked
from netra_contracts.model.impact import Impact
from netra_contracts.model.report import NOT_RUN, Report
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import details, place, text, unexplained_failure
from netra_contracts.reports.grouping import FindingGroup, group_by_root
from netra_contracts.reports.headline import WORDS, joined, parts_of
from netra_contracts.reports.wording import clean, limited, plural

#: Characters of a comment on GitHub. It is held in bytes, of which a character has at least one.
MAX_COMMENT = 65_536
#: Impacts, and entries of each other list, of one target; characters of one sentence.
_MAX_IMPACTS, _MAX_ENTRIES, _MAX_SENTENCE = 20, 50, 500
#: Bytes that are kept free for what is said of what was left out.
_CLOSING = 200

_QUOTED = re.compile(r"`([^`]+)`")
_MORE = "the JSON report has them"


def render(run: RunReport, options: RenderOptions) -> str:
    """Return the report as a comment: what users lose, and each finding with its details folded."""
    return within(run, options, MAX_COMMENT)


def within(run: RunReport, options: RenderOptions, max_bytes: int) -> str:
    """Return the report, within a number of bytes of UTF-8. Each target has its share, so that none hides another.

    Args:
        run: the reports.
        options: with the folder that paths are relative to.
        max_bytes: of the text; nothing is returned if not even the verdict fits.
    """
    count = len(run.reports) + len(run.errors)
    left = max_bytes - _CLOSING
    blocks: list[str] = []
    drawn = 0
    targets: list[NamedReport | TargetError] = [*run.reports, *run.errors]
    for target in targets:
        share = left // (count - drawn)
        draw = _error(target) if isinstance(target, TargetError) else _report(target, options, share)
        size = sum(map(_size, draw))
        if size > left:
            break
        left -= size
        blocks += draw
        drawn += 1
    if drawn < count and max_bytes > _CLOSING:
        blocks.append(f"<p>and {plural(count - drawn, 'more target')}; {_MORE}</p>\n\n")
    return "".join(blocks)


def _size(block: str) -> int:
    return len(block.encode())


def _error(error: TargetError) -> list[str]:
    problems = [inline(problem) for problem in error.problems[:_MAX_ENTRIES]]
    return [f"<h3>netra-contracts: NOT CHECKED {code(error.name)}</h3>\n{listed(problems)}\n\n"]


def _report(named: NamedReport, options: RenderOptions, max_bytes: int) -> list[str]:
    """The blocks of one target. The headline is always there; the others as far as they fit, the most severe first."""
    report = named.report
    roots, unexplained = group_by_root(report.findings, report.blocked)
    roots.sort(key=lambda root: root.finding.severity.rank)
    headline = _headline(named)
    left = max_bytes - _size(headline) - _CLOSING
    before, left = fitting(_impacts(report.impacts), left)
    drawn = {impact.text for impact in report.impacts[:_MAX_IMPACTS]} if before else set()
    after, _ = fitting((*_not_run(report), *_blocked(unexplained)), left // 4)
    left -= sum(map(_size, after))
    findings, left = fitting((_finding(root, drawn, options) for root in roots), left)
    more = len(roots) - len(findings)
    closing = [f"<p>and {plural(more, 'more finding')}; {_MORE}</p>\n\n"] if more else []
    return [headline, *before, *findings, *closing, *after]


def fitting(blocks: Iterable[str], left: int) -> tuple[list[str], int]:
    """Return the first blocks that fit into `left` bytes, and the bytes that remain. Those after them are not made."""
    kept: list[str] = []
    for block in blocks:
        size = _size(block)
        if size > left:
            break
        kept.append(block)
        left -= size
    return kept, left


def _headline(named: NamedReport) -> str:
    report = named.report
    name = f"{code(named.name)}: " if named.name and named.name != report.target.info.spec else ""
    spec = code(report.target.info.spec or report.target.info.module)
    counts = joined(list(parts_of(report))).removeprefix(": ")
    failed = unexplained_failure(report)
    why = f"<br>{inline(failed)}" if failed and failed != NOT_RUN else ""
    return f"<h3>netra-contracts: {WORDS[report.verdict]} {name}{spec}</h3>\n<p>{inline(counts)}{why}</p>\n\n"


def _impacts(impacts: Sequence[Impact]) -> Iterator[str]:
    """One block: what users lose."""
    if impacts:
        items = [_impact(impact) for impact in impacts[:_MAX_IMPACTS]]
        more = len(impacts) - _MAX_IMPACTS
        items += [f"and {more:,} more"] if more > 0 else []
        yield f"<p><b>What users lose</b></p>\n{listed(items)}\n\n"


def _impact(impact: Impact) -> str:
    phase = f", {impact.phase.value} phase" if impact.phase is not None else ""
    codes = ", ".join(map(clean, impact.codes)) or impact.status
    components = ", ".join(code(name) for name in impact.components[:_MAX_IMPACTS])
    about = f" ({', '.join(filter(None, (components, _escaped(codes))))}{phase})"
    return f"{_severity(impact.severity)} {inline(impact.text)}{about}"


def _finding(group: FindingGroup, drawn: Collection[str], options: RenderOptions) -> str:
    """One block: a finding, with its details folded. The impacts in `drawn` have a block of their own."""
    finding = group.finding
    where = place(finding.location, options)
    summary = f"{_severity(finding.severity)} {_escaped(clean(finding.code))}: {inline(finding.message)}"
    summary += f" ({code(where)})" if where else ""
    items = [f"<b>component</b> {code(finding.component)}"] if finding.component else []
    items += [f"<b>phase</b> {finding.phase.value}"] if finding.phase is not None else []
    for detail in details(group, options):
        if detail.label == "impact" and finding.impact in drawn:
            continue
        shown = place(detail.location, options)
        items.append(f"<b>{detail.label}</b> {inline(detail.text)}{f' ({code(shown)})' if shown else ''}")
    return f"<details>\n<summary>{summary}</summary>\n{listed(items)}\n</details>\n\n"


def _not_run(report: Report) -> Iterator[str]:
    """One block: what was not run; what contracts ask for comes first."""
    entries = sorted(report.not_run, key=lambda entry: not entry.required)
    if entries:
        items = [
            f"{_escaped(clean(entry.code))} {code(entry.component)}: {inline(entry.reason)}"
            if entry.component
            else f"{_escaped(clean(entry.code))} {inline(entry.subject)}: {inline(entry.reason)}"
            for entry in entries[:_MAX_ENTRIES]
        ]
        yield folded(f"{plural(len(entries), 'check')} not run", items, len(entries))


def _blocked(unexplained: dict[str, list[Blocked]]) -> Iterator[str]:
    """One block: the contracts that are blocked, and that no finding names."""
    entries = [entry for found in unexplained.values() for entry in found]
    if entries:
        items = [f"{code(entry.component)}: {inline(entry.reason)}" for entry in entries[:_MAX_ENTRIES]]
        yield folded(f"{plural(len(entries), 'contract')} blocked", items, len(entries))


def folded(title: str, items: Sequence[str], count: int) -> str:
    """Return a block that shows its title, and its items on demand. `count` is their number with those left out."""
    more = [f"and {count - len(items):,} more"] if count > len(items) else []
    return f"<details>\n<summary>{title}</summary>\n{listed([*items, *more])}\n</details>\n\n"


def listed(items: Sequence[str]) -> str:
    """Return a list; nothing without items."""
    return "\n".join(["<ul>", *(f"<li>{item}</li>" for item in items), "</ul>"]) if items else ""


def _severity(severity: Severity) -> str:
    return f"<b>{severity.value}</b>"


def inline(message: str) -> str:
    """Return a sentence, with what is in backticks as code."""
    pieces = _QUOTED.split(limited(text(message), _MAX_SENTENCE, " ... "))
    return "".join(code(piece) if position % 2 else _escaped(piece) for position, piece in enumerate(pieces))


def code(name: str) -> str:
    """Return a name as code."""
    return f"<code>{html.escape(limited(text(name), _MAX_SENTENCE, ' ... '), quote=False)}</code>"


def _escaped(plain: str) -> str:
    """Text in which no `@name` notifies anybody."""
    return html.escape(plain, quote=False).replace("@", "<span>@</span>")
