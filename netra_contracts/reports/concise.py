"""One line for each finding, `path:line: CODE message`, as editors and problem matchers read it."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.model.finding import Finding
from netra_contracts.model.run_report import NamedReport, RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.headline import headline
from netra_contracts.reports.wording import clean, relative, sentence


def render(run: RunReport, options: RenderOptions) -> str:
    """Return a line for each finding and each check that contracts ask for and that was not run; last, the verdict."""
    lines = [line for named in run.reports for line in _lines(named, run, options)]
    lines += [f"{clean(error.name)}: {sentence(problem)}" for error in run.errors for problem in error.problems]
    return "".join(f"{line}\n" for line in lines)


def _lines(named: NamedReport, run: RunReport, options: RenderOptions) -> Iterator[str]:
    prefix = f"{clean(named.title)}: " if run.several else ""
    for finding in named.report.findings:
        yield f"{_place(finding, options)}{finding.code} {prefix}{sentence(finding.message)}"
    for entry in named.report.not_run:
        if entry.required:
            about = " ".join(filter(None, (entry.code, entry.component, entry.subject)))
            yield sentence(f"{prefix}not run: {about}: {entry.reason}")
    yield f"{clean(named.name)}: {headline(named.report)}" if run.several and named.name else headline(named.report)


def _place(finding: Finding, options: RenderOptions) -> str:
    location = finding.location
    if location is None:
        return ""
    column = "" if location.column is None else f"{location.column}:"
    return f"{clean(relative(location.file, options.cwd))}:{location.line}:{column} "
