"""The loop of `check --watch`: check, say what became new and what was fixed, wait for a change."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Collection, Iterator
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
#: How many checks in a row may be begun by changes of the same files during the check before.
_MAX_REPEATED = 3
_MAX_LISTED = 10
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
    watched = of_project(options, os.getcwd())
    changes = _Changes(watched)
    checks = _Checks(check_once)
    checks.run()
    while True:
        changed = changes.next()
        _announce(changed, clear=options.output is None)
        checks.run()


def _problems(given: Values) -> Iterator[Problem]:
    """Why nothing can be watched with these arguments."""
    if importlib.util.find_spec("watchfiles") is None:
        hint = "install it into the environment of netra-contracts, e.g. `pip install watchfiles`"
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

    def run(self) -> None:
        """Check, and say what became new and what was fixed."""
        found: list[RunReport] = []
        self._check_once(found.append)
        for report in found:
            if self._last is not None:
                _print_news(self._last, report)
            self._last = report
        terminal.print_stderr("waiting for changes; Ctrl-C ends")


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
        self._repeated: tuple[frozenset[str], int] = (frozenset(), 0)
        try:
            next(self._found)
        except OSError as error:
            hint = "raise the limit fs.inotify.max_user_watches, or set WATCHFILES_FORCE_POLLING=1"
            message = f"the project cannot be watched: {error}"
            raise UsageError([Problem(message, "--watch", hint)]) from error

    def next(self) -> set[str]:
        """Wait for the next change, and return the files. They may have changed since the last call."""
        is_first = True
        for found in self._found:
            changed = self._contents.changed(path for _, path in found)
            if changed and not (is_first and self._is_repeated(changed)):
                if not is_first:
                    self._repeated = (frozenset(), 0)
                return changed
            is_first = False
        raise UsageError([Problem("the project is not watched any more", "--watch")])

    def _is_repeated(self, changed: set[str]) -> bool:
        """Whether files changed during several checks in a row: it is the application that writes them."""
        files, count = self._repeated
        self._repeated = (frozenset(changed), count + 1 if files >= changed else 1)
        if self._repeated[1] <= _MAX_REPEATED:
            return False
        terminal.print_stderr(f"{_named(changed)} changed during {_MAX_REPEATED} checks in a row: not checking again")
        return True


def _announce(changed: Collection[str], *, clear: bool) -> None:
    if clear and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        terminal.write_stdout(_CLEAR)
    terminal.print_stderr(f"\n{_named(changed)} changed: checking again")


def _named(paths: Collection[str]) -> str:
    names = sorted(map(display_path, paths))
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} and {plural(len(names) - 1, 'other file')}"


def _print_news(before: RunReport, after: RunReport) -> None:
    for diff in compare_runs(before, after).reports:
        prefix = f"{diff.name}: " if diff.name else ""
        for line in _news(diff):
            terminal.print_stderr(f"{prefix}{line}")


def _news(diff: ReportDiff) -> Iterator[str]:
    """What became new, what was fixed, accepted, and what is not known to be fixed, a line each."""
    entries = [
        *(f"new: {finding.code} {finding.message}" for finding in diff.new),
        *(f"fixed: {finding.code} {finding.message}" for finding in diff.fixed),
        *(f"accepted: {entry.finding.code} {entry.finding.message}: {entry.reason}" for entry in diff.accepted),
        *(f"not checked: {entry.finding.code} {entry.finding.message}: {entry.reason}" for entry in diff.unchecked),
    ]
    yield from entries[:_MAX_LISTED]
    if len(entries) > _MAX_LISTED:
        yield f"and {len(entries) - _MAX_LISTED:,} more that are new, fixed, accepted or not checked"
    if not entries:
        yield "nothing new, nothing fixed"
