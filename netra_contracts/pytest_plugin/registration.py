"""The hooks that are registered with pytest in a run that enables the plugin."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from netra_contracts.errors import Problem, UsageError, collecting
from netra_contracts.pytest_plugin import FLAG, INI
from netra_contracts.pytest_plugin.items import TargetItem, collector_of
from netra_contracts.pytest_plugin.lifespan_record import record_of
from netra_contracts.pytest_plugin.run_targets import RunTargets
from netra_contracts.pytest_plugin.targets import CheckedTarget

#: The attribute of a test's report that has what the summary shows of it: plain data, which xdist can send.
_SHOWN = "netra_contracts"


def register(config: pytest.Config) -> None:
    """Register the tests of the target and the fixtures."""
    tests = ContractTests(config)
    config.pluginmanager.register(LifespanNotes(config), "netra-contracts notes")
    config.stash[TESTS] = tests
    config.pluginmanager.register(tests, "netra-contracts tests")
    config.pluginmanager.register(import_module("netra_contracts.pytest_plugin.fixtures"), "netra-contracts fixtures")


class ContractTests:
    """Collects the tests of the target, starts it when the first of them runs, and stops it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._targets = RunTargets(config.getoption(INI) or "", config.invocation_params.dir, config.rootpath)
        self._shown: list[dict[str, str]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Find the targets of a run that collects them. Not earlier: `--help` needs none.

        Raises:
            pytest.UsageError: with everything that is wrong.
        """
        with _usage_errors():
            named = [target for path in self._named_paths for target in self._targets.of_file(path)]
            if not named and self._collects:
                _ = self._targets.default
            if _is_controller(self._config):  # a worker could not end the run
                self._prepare()

    @property
    def target(self) -> CheckedTarget:
        """The target, where there is one.

        Raises:
            UsageError: if there is none, or several, or the configuration is wrong.
        """
        first, *others = self._targets.default
        if others:
            names = ", ".join(target.title for target in (first, *others))
            hint = f"choose one, e.g. pytest {FLAG}={first.title}"
            raise UsageError([Problem(f"{len(others) + 1} targets are configured: {names}", hint=hint)])
        return first

    @property
    def _collects(self) -> bool:
        """Whether this run has the tests of the default targets, unless it names a configuration file.

        A run of files and single tests, as an editor starts it, has them only if the command line asks for them.
        """
        config = self._config
        if config.getoption(INI) is not None or config.args_source != pytest.Config.ArgsSource.ARGS:
            return True
        folder = config.invocation_params.dir
        return any(os.path.isdir(os.path.join(folder, word)) for word in config.args)

    @property
    def _named_paths(self) -> list[Path]:
        """The files and folders that the command line names, also those of single tests."""
        folder = self._config.invocation_params.dir
        return [Path(os.path.abspath(os.path.join(folder, word.partition("::")[0]))) for word in self._config.args]

    def _prepare(self) -> None:
        """Validate what is written for all targets that were found. Warn of plugins of the tool that cannot be loaded.

        Raises:
            UsageError: with everything that is wrong.
        """
        problems: list[Problem] = []
        warnings: list[str] = []
        for target in self._targets.found():
            with collecting(problems):
                warnings.extend(target.prepared().plugins.problems)
        if problems:
            raise UsageError(dict.fromkeys(problems))
        for problem in dict.fromkeys(warnings):
            warning = pytest.PytestWarning(f"netra-contracts: plugin not loaded: {problem}")
            self._config.issue_config_time_warning(warning, stacklevel=2)

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect a configuration file where it is named on the command line."""
        if not parent.session.isinitpath(file_path):
            return None
        with _usage_errors():
            targets = self._targets.of_file(file_path)
        return collector_of(parent, targets) if targets else None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Add the tests to those of the session, whichever folders it collects."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            with _usage_errors():
                if self._collects and not any(map(self._targets.of_file, self._named_paths)):
                    report.result.append(collector_of(collector, self._targets.default))
                for target in self._targets.found():
                    _ = target.declarations  # what is wrong ends the session
        return report

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Validate everything, if no test will run."""
        if session.config.option.collectonly and _has_tests(session) and not _is_worker(session.config):
            with _usage_errors():
                self._prepare()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Validate everything before the first test runs; if that is one of the target, start it meanwhile.

        Not within the first test: a time limit of a test would end the session, and the test would have to wait.
        """
        option = session.config.option
        if option.collectonly or (session.testsfailed and not option.continue_on_collection_errors):
            return
        if _is_worker(session.config) or not _has_tests(session):
            return
        with _usage_errors():
            first = session.items[0]
            if isinstance(first, TargetItem) and not session.config.getoption("setuponly", default=False):
                first.target.start()
            self._prepare()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add the output of the target to the first failure, and what the summary shows to each report."""
        report = yield
        if isinstance(item, TargetItem) and call.when == "call" and item.outcome is not None:
            from netra_contracts.pytest_plugin import failure_text  # noqa: PLC0415 - after the start

            setattr(report, _SHOWN, failure_text.shown_in_summary(item))
            output = failure_text.output_of(item.target.report())
            if report.failed and output and not item.target.is_output_shown:
                item.target.is_output_shown = True
                report.sections.append(("Output of the target", output))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what the summary shows, of this process and of workers."""
        shown: dict[str, str] | None = getattr(report, _SHOWN, None)
        if shown is not None:
            self._shown.append(shown)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show the verdict, and findings that did not fail a test."""
        verdicts = dict.fromkeys(shown["verdict"] for shown in self._shown)
        findings = [shown["findings"] for shown in self._shown if shown["findings"]]
        if findings or (verdicts and terminalreporter.verbosity >= 0):
            terminalreporter.section("netra-contracts")
            for text in (*findings, *verdicts):
                terminalreporter.line(text)

    def pytest_unconfigure(self) -> None:
        """Stop the target, if it runs: the session was interrupted."""
        for target in self._targets.found():
            target.end()


class LifespanNotes:
    """Adds a note to an `AttributeError` of a state if the application's lifespan did not run in this process."""

    def __init__(self, config: pytest.Config) -> None:
        self._record = record_of(config)

    @pytest.hookimpl
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        """Add notes before the failure is drawn. Not as a wrapper: pytest has those of `unittest` only then."""
        if call.excinfo is not None:
            from netra_contracts.pytest_plugin.missing_lifespan import add_notes  # noqa: PLC0415 - only after a failure

            with contextlib.suppress(Exception):  # objects of the application may raise when they are examined
                add_notes(call.excinfo.value, self._record)


TESTS = pytest.StashKey[ContractTests]()


def _has_tests(session: pytest.Session) -> bool:
    return any(isinstance(item, TargetItem) for item in session.items)


def _is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def _is_controller(config: pytest.Config) -> bool:
    """Whether this process lets workers of pytest-xdist run the tests."""
    return getattr(config.option, "dist", "no") != "no" and not _is_worker(config)


@contextlib.contextmanager
def _usage_errors() -> Iterator[None]:
    """End the session with the problems, as the command prints them."""
    try:
        yield
    except UsageError as error:
        from netra_contracts.pytest_plugin.failure_text import text_of  # noqa: PLC0415 - only where something is wrong

        raise pytest.UsageError(*text_of(error).split("\n")) from error
