"""The words and cells of a comparison, which all formats share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netra_contracts.model.report import ComponentReport, Verdict
from netra_contracts.model.report_diff import ComponentChange, ReportDiff
from netra_contracts.reports.wording import duration, plural, relative

#: Statuses of contracts, in words.
_STATUS = {"not_run": "not run", "unchecked": "no contract"}


class ChangeRow(NamedTuple):
    """One difference of a component."""

    component: str
    change: str
    before: str
    after: str


def summary(diff: ReportDiff) -> str:
    """Return `2 new findings, 1 fixed, 3 unchanged; 4 components differ`, or `no differences; 3 findings unchanged`."""
    if not diff.differs:
        return f"no differences; {plural(diff.remaining, 'finding')} unchanged" if diff.remaining else "no differences"
    counts = [
        plural(len(diff.new), "new finding") if diff.new else "",
        f"{len(diff.fixed):,} fixed" if diff.fixed else "",
        f"{len(diff.unchecked):,} no longer checked" if diff.unchecked else "",
        f"{len(diff.known):,} known" if diff.known else "",
        f"{len(diff.known_before):,} known before" if diff.known_before else "",
        f"{len(diff.severities):,} with another severity" if diff.severities else "",
        f"{diff.remaining:,} unchanged" if diff.remaining else "",
    ]
    found = ", ".join(filter(None, counts)) or "no findings"
    components = {change.address for change in diff.components if change.differs != ("line",)}
    components.update(change.address for change in diff.order)
    differ = f"{plural(len(components), 'component')} differ{'s' if len(components) == 1 else ''}" if components else ""
    return "; ".join(filter(None, (found, differ)))


def change_rows(diff: ReportDiff, *, lines: bool) -> list[ChangeRow]:
    """Return the differences of components, those of one component below each other.

    Args:
        diff: the comparison.
        lines: whether components that are set by another line of the same function are included.
    """
    rows = [row for change in diff.components for row in _rows(diff, change, lines=lines)]
    rows += [ChangeRow(change.address, "order", _after(change.before), _after(change.after)) for change in diff.order]
    position = {change.address: index for index, change in enumerate(diff.components)}
    return sorted(rows, key=lambda row: position.get(row.component, len(position)))


def moved_lines(diff: ReportDiff) -> int:
    """Return how many components are set by another line of the same function."""
    return sum("line" in change.differs for change in diff.components)


def _after(address: str) -> str:
    return f"after {address}" if address else "first"


def _rows(diff: ReportDiff, change: ComponentChange, *, lines: bool) -> Iterator[ChangeRow]:
    was, now = change.before, change.after
    for difference in change.differs:
        if difference == "presence":
            was_added = now is not None and now.present
            yield ChangeRow(change.address, "added" if was_added else "removed", _type(was), _type(now))
        elif difference == "type":
            yield ChangeRow(change.address, "type", _type(was), _type(now))
        elif difference == "contract":
            phases = {component.phase for component in (was, now) if component is not None}
            statuses = (_contract(component, with_phase=len(phases) > 1) for component in (was, now))
            yield ChangeRow(change.address, "contract", *statuses)
        elif difference == "location" or lines:
            folders = (diff.before_report.target.info.cwd, diff.after_report.target.info.cwd)
            yield ChangeRow(change.address, "set in", *_places(was, now, folders))


def _type(component: ComponentReport | None) -> str:
    if component is None or not component.present:
        return "not set"
    return "None" if component.is_none else (component.type or "unknown").replace(":", ".")


def _places(was: ComponentReport | None, now: ComponentReport | None, folders: tuple[str, str]) -> tuple[str, str]:
    """Return where a component is set: file and line, or function and line where both are in one file."""
    files = _file(was, folders[0]), _file(now, folders[1])
    same = files[0] == files[1]
    return _place(was, "" if same else files[0]), _place(now, "" if same else files[1])


def _file(component: ComponentReport | None, folder: str) -> str:
    return relative(component.location.file, folder) if component is not None and component.location else ""


def _place(component: ComponentReport | None, file: str) -> str:
    location = component.location if component is not None else None
    if location is None:
        return "unknown"
    return f"{file}:{location.line}" if file else " ".join(filter(None, (location.function, f"line {location.line}")))


def _contract(component: ComponentReport | None, *, with_phase: bool) -> str:
    if component is None or component.status == "unchecked":
        return "no contract"
    phase = f" ({component.phase.value})" if with_phase and component.phase else ""
    known = " (known)" if component.known else ""
    return f"{_STATUS.get(component.status, component.status)}{known}{phase}"


def stage_rows(diff: ReportDiff) -> Iterator[tuple[str, str, str, str]]:
    """Yield stage, both times and the difference: `+12 ms (+30 %)`."""
    for stage in diff.stages:
        difference = _difference(stage.before_ms, stage.difference_ms)
        yield stage.name, _time(stage.before_ms), _time(stage.after_ms), difference


def _time(ms: float | None) -> str:
    return "not reached" if ms is None else duration(ms)


def _difference(before_ms: float | None, difference_ms: float | None) -> str:
    if before_ms is None or difference_ms is None:
        return ""
    if not difference_ms:
        return "none"
    sign = "+" if difference_ms >= 0 else "-"
    share = f" ({100 * difference_ms / before_ms:+,.0f} %)" if before_ms >= 1 else ""
    return f"{sign}{duration(abs(difference_ms))}{share}"


def not_started(diff: ReportDiff) -> str:
    """Return which run has no components to compare; empty: both have."""
    if diff.components_compared:
        return ""
    both = (("the earlier run", diff.before), ("the later run", diff.after))
    which = " and ".join(name for name, run in both if run.verdict is Verdict.NOT_STARTED)
    return f"Components are not compared: the target of {which} did not start."
