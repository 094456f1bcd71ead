"""What explains a finding: the line, the calls that led to it, causes, what to do, stacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import StackSnapshot
from netra_contracts.reports.html.context import TargetPage
from netra_contracts.reports.html.elements import Child, Markup, element, joined, prose
from netra_contracts.reports.html.parts import location_text, source_line
from netra_contracts.reports.html.sections.codes import anchor_of
from netra_contracts.reports.wording import plural, since_stage

_WEB = ("https://", "http://")


def details_of(page: TargetPage, finding: Finding) -> Markup:
    """Return everything but message and location of a finding."""
    rows = [(label, content) for label, content in _rows(page, finding) if content]
    labelled = [
        element("div", element("dt", label), element("dd", content), class_=label.split()[-1].lower())
        for label, content in rows
    ]
    source = source_line(finding.location, finding.source)
    return joined([source, element("dl", labelled) if labelled else None, _explain(page, finding.code)])


def _rows(page: TargetPage, finding: Finding) -> Iterator[tuple[str, Child]]:
    yield "What to do", prose(finding.hint)
    yield "Users lose", prose(finding.impact)
    yield "Calls", _calls(page, finding)
    yield "Why", _causes(page, finding)
    yield "Traceback", _trace(page, finding.trace)
    yield "Stacks", _stacks(page, finding.stacks)
    yield "Read more", _documentation(finding.docs)


def _documentation(docs: str) -> Markup:
    if docs.startswith(_WEB) and docs.isprintable() and " " not in docs:
        return element("a", docs, href=docs, rel="noreferrer")
    return prose(docs)


def _explain(page: TargetPage, code: str) -> Markup:
    """Where the code is explained: in the page, or by the command."""
    command = element("code", f"netra-contracts explain {code}")
    about = element("a", f"What {code} means", href=f"#{anchor_of(code)}") if code in page.explained else None
    return element("p", about, ", or " if about else None, command, class_="explain")


def _calls(page: TargetPage, finding: Finding) -> Markup | None:
    """The calls that led to an exception, outermost first."""
    if len(finding.calls) < 2:
        return None
    return element("ol", [element("li", location_text(call, page.options)) for call in finding.calls], class_="calls")


def _causes(page: TargetPage, finding: Finding) -> Markup | None:
    """The recorded facts, nearest first. No line of source is shown twice."""
    if not finding.causes:
        return None
    drawn = {(finding.location.file, finding.location.line)} if finding.location and finding.source else set()
    entries = []
    for cause in finding.causes:
        line = cause.location and (cause.location.file, cause.location.line)
        entries.append(_cause(page, cause, with_source=line not in drawn))
        if line and cause.source:
            drawn.add(line)
    return element("ol", entries, class_="causes")


def _cause(page: TargetPage, cause: Cause, *, with_source: bool) -> Markup:
    when = "" if cause.ms is None else since_stage(cause.ms, page.report.startup.stages)
    where = location_text(cause.location, page.options) if cause.location is not None else None
    about = element("p", where, ", " if where and when else None, when, class_="where") if where or when else None
    code = source_line(cause.location, cause.source) if with_source else None
    return element("li", prose(cause.message), about, code, _trace(page, cause.trace))


def _trace(page: TargetPage, trace: tuple[Location, ...]) -> Markup | None:
    """All lines of a traceback, closed: the calls and causes have what matters."""
    if len(trace) < 2:
        return None
    return element("details", element("summary", plural(len(trace), "line")), _locations(page, trace), class_="trace")


def _locations(page: TargetPage, locations: Iterable[Location]) -> Markup:
    return element(
        "ol", [element("li", location_text(location, page.options)) for location in locations], class_="lines"
    )


def _stacks(page: TargetPage, stacks: tuple[StackSnapshot, ...]) -> Markup | None:
    """The stacks of tasks and threads, innermost frame first."""
    return joined([_stack(page, stack) for stack in stacks]) if stacks else None


def _stack(page: TargetPage, stack: StackSnapshot) -> Markup:
    title = [f"{'main ' if stack.main else ''}{stack.kind} ", element("code", stack.name)]
    if not stack.lines:
        return element("p", title)
    where = stack.location or stack.lines[0]
    summary = element("summary", title, " at ", location_text(where, page.options))
    return element("details", summary, _locations(page, stack.lines), class_="stack")
