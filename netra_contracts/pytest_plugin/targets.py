"""The target of a pytest run: its declarations and, once it has been started, its report."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple

from netra_contracts.declare import Phase
from netra_contracts.errors import Problem, UsageError, collecting
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.launch.start import start
from netra_contracts.protocol.address import parse_address
from netra_contracts.pytest_plugin import FLAG
from netra_contracts.pytest_plugin.declared import Declarations, environment, importing_from
from netra_contracts.settings.bootstrap_config import ConfigFile
from netra_contracts.settings.launch_settings import InvalidConfigurationError, LaunchSettings, resolve
from netra_contracts.settings.options import Options

if TYPE_CHECKING:
    from netra_contracts.contracts.model import ComponentContract
    from netra_contracts.model.report import Report
    from netra_contracts.pipeline import ContractSet, JudgeOptions
    from netra_contracts.plugins import Plugins
    from netra_contracts.settings.configuration import Settings

#: The hint of the command if there is nothing to check, and that of pytest.
_EXAMPLES = ("`netra-contracts check myapp.main:app`", f"`pytest {FLAG} myapp.main:app`")


#: What later tests say if the one that started the target was ended from outside, and the hint.
_ENDED_EARLY = "the test that started the target was stopped before the target was checked"
_LIMIT = "a time limit for tests must be longer than `startup-timeout` and `shutdown-timeout`"

#: The variable that says to an application that it is checked.
_MARK = "NETRA_CONTRACTS"


class Prepared(NamedTuple):
    """What is known once everything that is written has been validated.

    Attributes:
        plugins: what is installed.
        settings: the configuration file.
        contracts: in files and packs: those in Python come from the target.
        judging: how the recording is judged.
    """

    plugins: Plugins
    settings: Settings
    contracts: ContractSet
    judging: JudgeOptions


class CheckedTarget:
    """One target. It is started at most once in this process, when its report is first needed.

    Args:
        given: the options of the command line: the target, unless it is the configured one.
        config: its configuration; None: there is none.
        folder: the project's, in which the target runs.
        name: its name, where the configuration has several.

    Attributes:
        launch: how it is started.
        is_output_shown: whether a failure has shown what it printed.

    Raises:
        UsageError: if there is no target, or what is needed to start it is not there.
    """

    def __init__(self, given: Options, config: ConfigFile | None, folder: str, name: str = "") -> None:
        self.name = name
        self.launch: LaunchSettings = _resolve(given, config, folder)
        self._given = given
        self.is_output_shown = False
        self._environ = dict(os.environ)
        self._running: list[ProbeProcess] = []
        self._child: ProbeProcess | None = None
        self._prepared: Prepared | None = None
        self._declarations: Declarations | None = None
        self._contracts: tuple[ComponentContract, ...] | None = None
        self._outcome: Report | Exception | None = None
        self._lock = threading.Lock()

    @property
    def title(self) -> str:
        """Its name, or the target as the user would write it."""
        return self.name or self.launch.spec

    @property
    def declarations(self) -> Declarations:
        """Its declarations, read without starting it."""
        if self._declarations is None:
            self._declarations = Declarations(self.launch)
        return self._declarations

    @property
    def variables(self) -> dict[str, str]:
        """The variables that the configuration sets, without those that tests have changed since pytest started."""
        before, now = self._environ, os.environ
        own = {name: value for name, value in self.launch.env.items() if before.get(name) != value}
        return {name: value for name, value in own.items() if now.get(name) == before.get(name) and name != _MARK}

    @property
    def until(self) -> Phase | None:
        """The last phase that is checked; None: all are."""
        phase = self.launch.options.phase
        return None if phase is None else Phase(phase)

    def prepared(self) -> Prepared:
        """Validate everything that is written.

        Raises:
            UsageError: with everything that is wrong.
        """
        if self._prepared is None:
            self._prepared = _prepare(self.launch, self._given)
        return self._prepared

    def start(self) -> None:
        """Start the target, so that it comes up while the libraries that judge it are imported."""
        if self._child is None and self._outcome is None:
            self._child = start(self.launch, self._running)

    def report(self) -> Report:
        """The report. The target is started if it has not been.

        Raises:
            UsageError: if contracts are wrong in a way that only the target can know, each time this is called.
            ToolError: if the tool fails, each time this is called.
        """
        with self._lock:
            if self._outcome is None:
                try:
                    self._outcome = self._run()
                except Exception as error:  # noqa: BLE001 - the target is not started again
                    self._outcome = error
                except BaseException as error:  # a time limit of the test, or an interruption
                    reason = str(error) or type(error).__name__
                    self._outcome = UsageError([Problem(f"{_ENDED_EARLY}: {reason}", self.title, _LIMIT)])
                    raise
        if isinstance(self._outcome, Exception):
            raise self._outcome.with_traceback(None)
        return self._outcome

    def _run(self) -> Report:
        try:
            self.start()
            from netra_contracts import pipeline  # noqa: PLC0415 - after the target has been started

            if self._child is None:
                raise UsageError([Problem("the target was stopped before it was checked", self.title)])
            prepared = self.prepared()
            recording, sources = pipeline.run_probe(
                self._child,
                self.launch,
                lambda: prepared.contracts,
                prepared.judging.checks,
                live=self.launch.options.live is not False,
            )
        finally:
            self.end()
        return pipeline.judge_recording(recording, prepared.judging, self.launch.resolved, sources)

    def end(self) -> None:
        """End the target's process, if it runs. May be called again."""
        for process in tuple(self._running):
            process.end()

    def contracts_here(self) -> tuple[ComponentContract, ...]:
        """The contracts of the application's own state, those in Python read in this process.

        Contracts of what the lifespan yields and of mounted applications are about other states.

        Raises:
            UsageError: with everything that is wrong with them.
        """
        from netra_contracts import pipeline  # noqa: PLC0415 - heavy

        if self._contracts is not None:
            return self._contracts
        declared = self.prepared().contracts
        for reference in self.launch.contracts:
            with importing_from(self.launch.app_dir), environment(self.variables):
                declared = declared.with_more(pipeline.validate_contracts(reference), ())
        problems = declared.problems()
        if problems:
            raise UsageError(problems)
        self._contracts = tuple(_within(contract) for contract in declared.contracts if _is_own(contract.component))
        return self._contracts

    def report_here(self, state: object, phase: Phase | None) -> Report:
        """The report of a state in this process, judged as the target is but for what only a recorded startup shows.

        What could not be checked does not count, and stale entries of the baseline are left to the target's own tests.

        Args:
            state: the state.
            phase: the last phase to check; None: that of the settings.

        Raises:
            UsageError: with everything that is wrong with the contracts.
        """
        from netra_contracts import api  # noqa: PLC0415 - heavy
        from netra_contracts.checks.contract_lint import StaleEntry  # noqa: PLC0415 - same
        from netra_contracts.checks.engine.suppression import for_state  # noqa: PLC0415 - same

        contracts, judging = self.contracts_here(), self.prepared().judging
        known = judging.suppressions
        return api.judge_state(
            state,
            contracts,
            judging._replace(
                until=phase or judging.until,
                ignore=(*judging.ignore, StaleEntry.code),
                strict=False,
                suppressions=for_state(known, contracts, judging.checks) if known is not None else None,
            ),
        )


def _is_own(address: str) -> bool:
    """Whether an address names a component of the application's own state."""
    return parse_address(address).is_of_own_state


def _within(contract: ComponentContract) -> ComponentContract:
    """A contract without what it says about components of other states."""
    wires = {path: address for path, address in contract.wires.items() if _is_own(address)}
    same_as = contract.same_as if _is_own(contract.same_as) else ""
    requires = tuple(filter(_is_own, contract.requires))
    return contract.model_copy(update={"requires": requires, "wires": wires, "same_as": same_as})


def problems_of_file(config: ConfigFile | None) -> tuple[Problem, ...]:
    """Everything that is wrong with a configuration file."""
    from netra_contracts.settings.configuration import load_settings  # noqa: PLC0415 - only where it is wrong

    try:
        load_settings(config)
    except UsageError as error:
        return error.problems
    return ()


def _resolve(given: Options, config: ConfigFile | None, folder: str) -> LaunchSettings:
    """How the target is started: with the interpreter of pytest, unless another one is configured.

    Raises:
        UsageError: with everything that is wrong.
    """
    table = config.table if config is not None else {}
    own = Options({} if "python" in table else {"python": sys.executable})
    try:
        return resolve(given.over(own), config, folder, os.environ, sys.prefix)
    except InvalidConfigurationError as error:
        raise UsageError([*error.problems, *problems_of_file(config)]) from error
    except UsageError as error:
        raise UsageError(
            problem._replace(hint=problem.hint.replace(*_EXAMPLES)) for problem in error.problems
        ) from error


def _prepare(launch: LaunchSettings, given: Options) -> Prepared:
    from netra_contracts import garbage_collection, pipeline  # noqa: PLC0415 - heavy, and not needed to collect

    with garbage_collection.seldom():
        from netra_contracts.plugins import load_plugins  # noqa: PLC0415 - same
        from netra_contracts.settings.configuration import load_settings, place_of  # noqa: PLC0415 - same
        from netra_contracts.settings.unknown_codes import (  # noqa: PLC0415 - same
            unknown_codes,
            unknown_ignored_codes,
        )

        plugins = load_plugins()
        settings = load_settings(launch.config)
        codes = [check.code for check in plugins.checks]
        config = launch.config
        place = lambda name, step: place_of(config, Options.declared[name].key, step) if config is not None else name  # noqa: E731
        problems = list(unknown_codes(launch.options, codes, place))
        problems.extend(unknown_ignored_codes(settings.ignored, codes))
        known = None
        with collecting(problems):
            known = pipeline.known_findings(given, config, settings, launch.cwd)
        if problems:
            raise UsageError(problems)
        contracts = pipeline.contracts_from_files(launch, settings, plugins.packs)
    judging = pipeline.JudgeOptions.from_options(launch.options, plugins.checks)
    return Prepared(plugins, settings, contracts, judging._replace(suppressions=known))
