"""`netra-contracts selftest`."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence

from netra_contracts.cli import terminal
from netra_contracts.errors import Problem, UsageError, did_you_mean
from netra_contracts.reports.wording import duration
from netra_contracts.selftest.faults import FAULTS, SeededFault
from netra_contracts.selftest.result import SelfTest
from netra_contracts.selftest.run import self_test

_FORMATS = ("table", "json")
_MAX_USERS = 10_000


def selftest(users: int, form: str, names: Sequence[str], *, listed: bool) -> int:
    """Run the self-test and return its exit status.

    Args:
        users: number of users that connect to the reference without faults.
        form: `table` or `json`.
        names: the seeded faults to test; empty: the reference without faults, and all of them.
        listed: print the seeded faults and test nothing.

    Raises:
        UsageError: for an unknown format or fault, or a number of users out of range.
    """
    _check_usage(users, form, names)
    if listed:
        terminal.write_stdout("".join(f"{fault.name}\n    {fault.what}: {fault.expected}\n" for fault in FAULTS))
        return 0
    chosen = [fault for fault in FAULTS if not names or fault.name in names]
    with _progress(chosen, whole=not names) as done:
        result = self_test(users, chosen, whole=not names, done=done)
    if form == "json":
        terminal.write_stdout(result.model_dump_json(indent=2) + "\n")
    else:
        style = terminal.output_style(to_file=False)
        terminal.write_stdout(_render(result, style))
    return result.exit_code


def _check_usage(users: int, form: str, names: Sequence[str]) -> None:
    problems = []
    if form not in _FORMATS:
        problems.append(
            Problem(f'there is no format "{form}"', "--format", did_you_mean(form, _FORMATS) or "use table or json")
        )
    if not 2 <= users <= _MAX_USERS:
        problems.append(Problem(f"users must be from 2 to {_MAX_USERS}, not {users}", "--users"))
    known = [fault.name for fault in FAULTS]
    problems += [
        Problem(
            f'there is no fault "{name}"',
            "--fault",
            did_you_mean(name, known) or "`netra-contracts selftest --list` lists the faults",
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise UsageError(problems)


@contextlib.contextmanager
def _progress(faults: Sequence[SeededFault], *, whole: bool) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("the reference, whole" if whole else "faults", total=len(faults) + whole)

        def done(name: str) -> None:
            progress.update(task, advance=1, description=name)

        yield done


def _render(result: SelfTest, look: terminal.OutputStyle) -> str:
    from rich.console import Console
    from rich.table import Table

    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=look.width,
        force_terminal=look.colour,
        color_system="standard" if look.colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        _environ=dict(os.environ),
    )
    yes, no = ("✓", "✗") if look.unicode else ("ok", "FAILED")
    detected = sum(fault.detected for fault in result.faults)
    took = duration(result.seconds * 1000)
    console.print(
        f"{result.verdict.upper()}  {detected} of {len(result.faults)} seeded faults found; took {took}",
        style="bold green" if result.exit_code == 0 else "bold red",
    )
    for told in (*result.findings, *result.not_run):
        console.print(f"  the whole reference: {told}", style="red")
    if result.flows:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for title in ("", "flow", "shown by"):
            table.add_column(title)
        for flow in result.flows:
            table.add_row(yes if flow.passed else no, flow.name, flow.evidence, style="" if flow.passed else "red")
        console.print()
        console.print(table)
    if result.faults:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for title in ("", "fault", "expected", "found"):
            table.add_column(title, overflow="fold")
        for fault in result.faults:
            found = "the same" if fault.detected else "; ".join(fault.found) or "nothing"
            style = "" if fault.detected else "red"
            table.add_row(yes if fault.detected else no, fault.name, fault.expected, found, style=style)
        console.print()
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())
