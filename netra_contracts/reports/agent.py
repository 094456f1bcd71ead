"""Plain text for coding agents: findings by file, with help, and the commands that reproduce and explain them."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator

from netra_contracts.model.finding import Finding
from netra_contracts.model.run_report import NamedReport, RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import details, text, written
from netra_contracts.reports.grouping import FindingGroup, group_by_root
from netra_contracts.reports.headline import headline
from netra_contracts.reports.locations import FindingLocations
from netra_contracts.reports.wording import clean, relative

#: Root causes of one target, contracts that are blocked, and checks that were not run.
_MAX_FINDINGS, _MAX_ENTRIES = 80, 20


def render(run: RunReport, options: RenderOptions) -> str:
    """Return for each target its verdict, its findings by file, and what to run next."""
    blocks = ["\n".join(_target(named, run, options)) for named in run.reports]
    blocks += [
        "\n".join([f"NOT CHECKED {clean(error.name)}", *(f"  {text(problem)}" for problem in error.problems)])
        for error in run.errors
    ]
    found = "\n\n".join(blocks) + "\n"
    return found if options.unicode else "\n".join(clean(line, ascii_only=True) for line in found.split("\n"))


def _target(named: NamedReport, run: RunReport, options: RenderOptions) -> Iterator[str]:
    report = named.report
    name = f"{clean(named.name)}: " if run.several and named.name else ""
    yield f"{name}{headline(report)}"
    roots, unexplained = group_by_root(report.findings, report.blocked)
    roots.sort(key=lambda root: root.finding.severity.rank)
    listed = {impact.text for impact in report.impacts[:_MAX_ENTRIES]}
    yield from _by_file(roots[:_MAX_FINDINGS], FindingLocations(report, options), listed, options)
    if len(roots) > _MAX_FINDINGS:
        yield f"\nand {len(roots) - _MAX_FINDINGS:,} more findings; --format json has all"
    blocked = [entry for entries in unexplained.values() for entry in entries]
    yield from _section("Blocked", [f"{entry.component}: {entry.reason}" for entry in blocked])
    not_run = sorted(report.not_run, key=lambda entry: not entry.required)
    yield from _section(
        "Not run",
        [
            f"{' '.join(filter(None, (entry.code, entry.component, entry.subject)))}: {entry.reason}"
            for entry in not_run
        ],
    )
    yield from _section("What users lose", [f"{one.severity.value}: {one.text}" for one in report.impacts])
    yield ""
    target = named.name if run.several and named.name else report.target.info.spec
    yield f"To reproduce: netra-contracts check {shlex.quote(clean(target)) if target else ''}".rstrip()
    codes = list(dict.fromkeys(clean(root.finding.code) for root in roots))[:_MAX_ENTRIES]
    yield from (f"About {code}: netra-contracts explain {code}" for code in codes)


def _by_file(
    roots: list[FindingGroup], places: FindingLocations, listed: Collection[str], options: RenderOptions
) -> Iterator[str]:
    """The findings by file, the file with the most severe one first. The impacts in `listed` have their own section."""
    files: dict[str, list[tuple[int, FindingGroup]]] = {}
    for root in roots:
        location = root.finding.location or places.anchor(root.finding)
        files.setdefault(location.file, []).append((location.line, root))
    for file, found in files.items():
        yield ""
        yield clean(relative(file, options.cwd))
        for line, root in sorted(found, key=lambda pair: pair[0]):
            finding = root.finding
            yield f"  line {line}: {finding.severity.value} {clean(finding.code)}{_about(finding)}"
            yield f"    {text(finding.message)}"
            if finding.location is not None and finding.source is not None and finding.source.text.strip():
                yield f"    source: {clean(finding.source.text.strip())}"
            for detail in details(root, options):
                if detail.label != "impact" or finding.impact not in listed:
                    yield f"    {written(detail, options)}"


def _about(finding: Finding) -> str:
    """Return ` (bridge, integration phase)`."""
    phase = f"{finding.phase.value} phase" if finding.phase is not None else ""
    about = ", ".join(filter(None, (clean(finding.component), phase)))
    return f" ({about})" if about else ""


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"{title}:"
        yield from (f"  {text(line)}" for line in lines[:_MAX_ENTRIES])
        if len(lines) > _MAX_ENTRIES:
            yield f"  and {len(lines) - _MAX_ENTRIES:,} more; --format json has all"
