"""The progress of a run of several targets, on stderr: a bar on a terminal, otherwise a line per finished target."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator

from netra_contracts.cli import terminal
from netra_contracts.model.run_report import NamedReport, TargetError
from netra_contracts.pipeline import Listener
from netra_contracts.reports.headline import headline_of_target
from netra_contracts.reports.wording import clean
from netra_contracts.settings.options import Options

Outcome = NamedReport | TargetError


@contextlib.contextmanager
def progress(total: int, options: Options, jobs: int) -> Iterator[Listener]:
    """Show progress within this context.

    Args:
        total: number of targets.
        options: with `--quiet` nothing is shown, with `--verbose` lines on a terminal, too.
        jobs: how many targets run at the same time.
    """
    failed = _print_trace if options.verbose else lambda trace: None
    if options.quiet:
        yield Listener(failed=failed)
        return
    terminal.print_stderr(f"checking {total:,} target{'s' if total != 1 else ''}, {jobs:,} at a time")
    draws = _draws_bar()
    lines = _lines(total) if options.verbose or not draws else lambda outcome: None
    if draws:
        with _bar(total) as (started, advance):
            yield Listener(started, lambda outcome: (lines(outcome), advance(outcome)), failed)
    else:
        yield Listener(finished=lines, failed=failed)


def _draws_bar() -> bool:
    """Whether somebody watches stderr. pre-commit, prek and CI services record what a terminal would show."""
    recorded = os.environ.get("PRE_COMMIT") or os.environ.get("CI")
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not recorded


def _print_trace(trace: str) -> None:
    terminal.print_stderr(trace, wrap=False)


def _lines(total: int) -> Callable[[Outcome], None]:
    """A function that prints a line for each target."""
    ended = 0

    def show(outcome: Outcome) -> None:
        nonlocal ended
        ended += 1
        terminal.print_stderr(f"[{ended:>{len(str(total))}}/{total}] {headline_of_target(outcome)}")

    return show


@contextlib.contextmanager
def _bar(total: int) -> Iterator[tuple[Callable[[str], None], Callable[[Outcome], None]]]:
    """A bar on stderr, with functions that note a target that starts, and one that has ended."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    class Terminal(Console):
        """Leaves the cursor as it is: an interrupt would not show it again."""

        def show_cursor(self, show: bool = True) -> bool:
            return False

    names = TextColumn("{task.description}", style="dim", markup=False, table_column=Column(no_wrap=True))
    failures = TextColumn("{task.fields[failed]}", style="red", markup=False)
    columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), failures, names)
    running: dict[str, None] = {}
    count, lock = 0, threading.Lock()
    with Progress(*columns, console=Terminal(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=total, failed="")

        def started(name: str) -> None:
            with lock:
                running[name] = None
                bar.update(task, description=_described(running))

        def ended(outcome: Outcome) -> None:
            nonlocal count
            with lock:
                running.pop(outcome.name, None)
                count += isinstance(outcome, TargetError) or outcome.report.exit_code != 0
                bar.update(task, advance=1, description=_described(running), failed=f"{count:,} failed" * bool(count))

        yield started, ended


def _described(running: dict[str, None]) -> str:
    return ", ".join(map(clean, running))
