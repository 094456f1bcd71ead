"""The result of a self-test as a table."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from netra_contracts.model.selftest import SelfTest
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.wording import duration


def render(result: SelfTest, options: RenderOptions) -> str:
    """Return verdict, findings on the unchanged reference, flows and faults."""
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=options.width,
        force_terminal=options.colour,
        color_system="standard" if options.colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    detected = sum(fault.detected for fault in result.faults)
    took = duration(result.seconds * 1000)
    console.print(
        f"{result.verdict.upper()}  {detected} of {len(result.faults)} seeded faults detected in {took}",
        style="bold green" if result.verdict == "passed" else "bold red",
    )
    for problem in (*result.findings, *result.not_run):
        console.print(f"  unchanged reference: {problem}", style="red")
    marks = {True: "✓", False: "✗"} if options.unicode else {True: "ok", False: "FAILED"}
    flows = [(marks[flow.passed], flow.name, flow.evidence) for flow in result.flows]
    _print_table(console, ("", "flow", "evidence"), flows, failed=marks[False])
    faults = [
        (marks[fault.detected], fault.name, fault.expected, "as expected" if fault.detected else _list(fault.found))
        for fault in result.faults
    ]
    _print_table(console, ("", "fault", "expected", "found"), faults, failed=marks[False])
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def _list(found: Sequence[str]) -> str:
    return "; ".join(found) or "nothing"


def _print_table(console: Console, titles: Sequence[str], rows: Sequence[Iterable[str]], *, failed: str) -> None:
    """Print a table, or nothing if there are no rows. Rows that begin with the mark `failed` are red."""
    if not rows:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in titles:
        table.add_column(title, overflow="fold")
    for mark, *cells in rows:
        table.add_row(mark, *cells, style="red" if mark == failed else "")
    console.print()
    console.print(table)
