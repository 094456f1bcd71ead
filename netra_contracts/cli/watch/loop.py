"""The loop of `check --watch`: check, print new and fixed findings, wait for a change."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from netra_contracts.cli import arguments, terminal
from netra_contracts.cli.watch.files import Contents, WatchedFiles, of_project
from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.model.comparison import compare_runs
from netra_contracts.reports.wording import plural

if TYPE_CHECKING:
    from netra_contracts.model.report_diff import ReportDiff
    from netra_contracts.model.run_report import RunReport

Values = dict[str, arguments.Value]
#: Checks once, passes the run's report on, and returns the exit status.
CheckOnce = Callable[[Callable[["RunReport"], None]], int]

#: A change begins a check when no other has followed for this time, in ms: editors and version control change several
#: files at once. After the longer time it begins one in any case.
_QUIET_MS, _LONGEST_MS = 100, 2000
#: How often the loop is entered without a change, in ms. The first check begins after this time.
_TURN_MS = 200
#: How many checks in a row may be begun by changes of the same files during the check before, the last of them after
#: this number of turns without a change.
_MAX_REPEATED, _QUIET_TURNS = 3, 10
#: No files have changed during a check.
_NONE: tuple[frozenset[str], int] = (frozenset(), 0)
_MAX_LISTED = 10
_CLOCK_REALTIME_COARSE = 5  # of clock_gettime(2)
_CLEAR = "\x1b[2J\x1b[H"


def watch(given: Values, check_once: CheckOnce) -> int:
    """Check now and after each change, until a signal ends the command.

    Args:
        given: the arguments, by name.
        check_once: reads the configuration again, and starts the target. What is wrong is reported, and not raised.

    Raises:
        UsageError: if files cannot be watched.
    """
    options, problems = arguments.validate(given)
    problems.extend(_problems(given))
    if problems:
        raise UsageError(problems)
    changes = _Changes(of_project(options, _current_folder()))
    checks = _Checks(check_once)
    while True:
        ended_ns = checks.run()
        changed = changes.next(ended_ns)
        _announce(changed, clear=options.output is None)


def _current_folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        message = "the current folder does not exist"
        raise UsageError([Problem(message, hint="change to the project's folder")]) from error


def _problems(given: Values) -> Iterator[Problem]:
    """Why nothing can be watched with these arguments."""
    if importlib.util.find_spec("watchfiles") is None:
        hint = "install it into the environment of netra-contracts: pip, pipx inject, or uv tool install --with"
        yield Problem("the package watchfiles is not installed", "--watch", hint)
    for name in ("update_baseline", "prune_baseline"):
        if given.get(name):
            flag = f"--{name.replace('_', '-')}"
            message = "the baseline would be changed after each change of a file"
            yield Problem(message, flag, f"leave out {flag} or --watch")


class _Checks:
    """Checks one after the other, each compared with the last one that had a report."""

    def __init__(self, check_once: CheckOnce) -> None:
        self._check_once = check_once
        self._last: RunReport | None = None

    def run(self) -> int:
        """Check, and print new and fixed findings. Return when the check ended, in the time of `_now_ns`."""
        found: list[RunReport] = []
        self._check_once(found.append)
        ended_ns = _now_ns()
        for report in found:
            if self._last is not None:
                _print_changed_findings(self._last, report)
            self._last = report
        terminal.print_stderr("waiting for changes; press Ctrl-C to stop")
        return ended_ns


class _Changes:
    """The changes of files, each once."""

    def __init__(self, watched: WatchedFiles) -> None:
        """Begin to watch: what changes from now on is returned by `next`.

        Raises:
            UsageError: if the system does not watch the files.
        """
        import watchfiles

        self._found: Iterator[Any] = watchfiles.watch(
            *watched.paths,
            watch_filter=watched,
            debounce=_LONGEST_MS,
            step=_QUIET_MS,
            rust_timeout=_TURN_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        self._contents = Contents()
        self._repeated = _NONE
        try:
            next(self._found)
        except OSError as error:
            hint = "raise the limit fs.inotify.max_user_watches, or set WATCHFILES_FORCE_POLLING=1"
            message = f"the project cannot be watched: {error}"
            raise UsageError([Problem(message, "--watch", hint)]) from error

    def next(self, ended_ns: int) -> set[str]:
        """Wait for the next change, and return the files. They may have changed since the last call.

        Args:
            ended_ns: when the last check ended: what changed before may have been changed by it.
        """
        turns = self._turns()
        changed = next(turns)
        if changed and all(map(partial(_is_older, than_ns=ended_ns), changed)):
            changed = self._changed_by_check(changed, turns)
        else:
            self._repeated = _NONE
        while not changed:
            changed = next(turns)
        return changed

    def _turns(self) -> Iterator[set[str]]:
        """The files that changed in each turn: none in most."""
        for found in self._found:
            yield self._contents.changed(path for _, path in found)
        raise UsageError([Problem("the project is no longer watched", "--watch")])

    def _changed_by_check(self, changed: set[str], turns: Iterator[set[str]]) -> set[str]:
        """What begins a check of the files that changed during the last one; nothing if the application writes them.

        The user may have changed them. So the last check of those in a row is begun once nothing changes any more.
        """
        files, count = self._repeated
        count = count + 1 if files >= changed else 1
        self._repeated = (frozenset(changed), count)
        if count > _MAX_REPEATED:
            what = f"{_named(changed)} changed during {count} checks in a row, probably written by the application"
            terminal.print_stderr(f"{what}: not checking again until the next change")
            return set()
        quiet = 0
        while count == _MAX_REPEATED and quiet < _QUIET_TURNS:
            more = next(turns)
            quiet = 0 if more else quiet + 1
            changed |= more
        return changed


def _now_ns() -> int:
    """The time in ns that a file which is changed now gets. File systems use the coarse clock where there is one."""
    return time.clock_gettime_ns(_CLOCK_REALTIME_COARSE) if sys.platform == "linux" else time.time_ns()


def _is_older(path: str, *, than_ns: int) -> bool:
    """Whether a file was last changed before a time in ns."""
    try:
        return os.stat(path).st_mtime_ns < than_ns
    except OSError:
        return False


def _announce(changed: Collection[str], *, clear: bool) -> None:
    if clear and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        terminal.write_stdout(_CLEAR)
    terminal.print_stderr(f"\n{_named(changed)} changed: checking again")


def _named(paths: Collection[str]) -> str:
    names = sorted(map(display_path, paths))
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} and {plural(len(names) - 1, 'other file')}"


def _print_changed_findings(before: RunReport, after: RunReport) -> None:
    for diff in compare_runs(before, after).reports:
        prefix = f"{diff.name}: " if diff.name else ""
        for line in _changed_findings(diff):
            terminal.print_stderr(f"{prefix}{line}")


def _changed_findings(diff: ReportDiff) -> Iterator[str]:
    """A line for each finding that is new, fixed, known or not known any more, or no longer checked."""
    entries = [
        *(f"new: {finding.code} {finding.message}" for finding in diff.new),
        *(f"fixed: {finding.code} {finding.message}" for finding in diff.fixed),
        *(f"known: {entry.finding.code} {entry.finding.message}: {entry.reason}" for entry in diff.known),
        *(f"no longer known: {entry.finding.code} {entry.finding.message}" for entry in diff.known_before),
        *(
            f"no longer checked: {entry.finding.code} {entry.finding.message}: {entry.reason}"
            for entry in diff.unchecked
        ),
    ]
    yield from entries[:_MAX_LISTED]
    if len(entries) > _MAX_LISTED:
        more = len(entries) - _MAX_LISTED
        yield f"and {more:,} more that are new, fixed, known, no longer known or no longer checked"
    if not entries:
        yield "no new or fixed findings"
