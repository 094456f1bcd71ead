"""`netra-contracts selftest`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence

from netra_contracts.cli import terminal
from netra_contracts.errors import Problem, UsageError, did_you_mean
from netra_contracts.selftest.faults import FAULTS
from netra_contracts.selftest.requirements import check_requirements

_FORMATS = ("table", "json")
_MAX_USERS = 10_000


def selftest(users: str, form: str, names: Sequence[str], *, listed: bool) -> int:
    """Run the self-test and return its exit status.

    Args:
        users: number of users that connect to the unchanged reference.
        form: `table` or `json`.
        names: faults to test; empty: the unchanged reference and every fault.
        listed: print the faults and run nothing.

    Raises:
        UsageError: if the format or a fault does not exist, the number of users is out of range, or packages that the
            reference imports are not installed.
    """
    count = int(users) if users.isascii() and users.isdigit() and len(users) < 10 else 0
    _check_usage(users, count, form, names)
    if listed:
        terminal.write_stdout("".join(f"{fault.name}\n    {fault.description}: {fault.expected}\n" for fault in FAULTS))
        return 0
    check_requirements()
    from netra_contracts.selftest.run import self_test

    chosen = [fault for fault in FAULTS if not names or fault.name in names]
    with _progress(len(chosen) + (not names)) as done:
        result = self_test(count, chosen, unchanged=not names, done=done)
    if form == "json":
        terminal.write_stdout(result.model_dump_json(indent=2) + "\n")
    else:
        from netra_contracts.reports import RenderOptions
        from netra_contracts.reports.selftest import render

        style = terminal.output_style(to_file=False)
        terminal.write_stdout(render(result, RenderOptions(style.width, style.colour, style.unicode)))
    return result.exit_code


def _check_usage(users: str, count: int, form: str, names: Sequence[str]) -> None:
    problems = []
    if form not in _FORMATS:
        problems.append(
            Problem(f'there is no format "{form}"', "--format", did_you_mean(form, _FORMATS) or "table or json")
        )
    if not 2 <= count <= _MAX_USERS:
        problems.append(Problem(f"users must be a whole number from 2 to {_MAX_USERS}, not {users}", "--users"))
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
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """A progress bar on stderr if that is a terminal, otherwise nothing. Yields what to call after each step."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=total)

        def done(name: str) -> None:
            progress.update(task, advance=1, description=name)

        yield done
