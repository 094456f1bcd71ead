"""The recording of a target that is started, or a saved one, for commands that are not about findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netra_contracts import pipeline
from netra_contracts.cli import arguments, output_files, terminal
from netra_contracts.cli.prestart import launch
from netra_contracts.errors import Problem, ToolError, UsageError
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.recording import Recording
from netra_contracts.plugins import Plugins
from netra_contracts.settings.bootstrap_config import ConfigFile
from netra_contracts.settings.configuration import Settings, load_settings
from netra_contracts.settings.launch_settings import LaunchSettings
from netra_contracts.settings.options import Options
from netra_contracts.settings.options.kinds import Command

_OUTPUT = "--output"


class Observed(NamedTuple):
    """A run.

    Attributes:
        recording: what was observed.
        contracts_from: sentences that say where its contracts came from.
        launch: how it was started.
        config: the configuration file.
        settings: what is in it.
        given: options of the command line.
    """

    recording: Recording
    contracts_from: tuple[str, ...]
    launch: LaunchSettings
    config: ConfigFile | None
    settings: Settings
    given: Options

    @property
    def options(self) -> Options:
        """All options of the run."""
        return self.given.over(self.settings.options)

    @property
    def resolved(self) -> tuple[str, ...]:
        """Sentences that say how the target was found."""
        return tuple(filter(None, self.launch.resolved))


def observe(
    command: Command,
    values: dict[str, arguments.Value],
    plugins: Plugins,
    running: list[ProbeProcess],
    *,
    live: bool = False,
    infer: bool = False,
    sources_s: float = 0.0,
) -> Observed:
    """Start the target of a command and follow it to its end.

    Args:
        command: the command.
        values: its arguments.
        plugins: what is installed.
        running: see `netra_contracts.launch.start.start`.
        live: whether clients connect, if a contract declares events and the options do not leave them out.
        infer: whether to record what contracts of the components can say.
        sources_s: see `pipeline.run_probe`.

    Raises:
        UsageError: with everything that is wrong with the command line, the configuration and the contracts.
    """
    with launch(command, values, running) as target:
        problems = list(target.problems)
        if target.config is not None and target.options.output is not None:
            read = [(target.config.path, "the configuration file")]
            problems.extend(output_files.check_writable(target.options.output, _OUTPUT, read))
        if problems:
            raise UsageError(problems)
        settings = load_settings(target.config)
        if target.settings is None or target.child is None:
            raise ToolError("the target was not started, for no known reason")
        target.child.adopt_orphans()
        how = target.settings
        if target.options.verbose or target.options.target is None:
            terminal.print_stderr(f"starting {how.resolved[0] or how.spec}")
        options = target.options.over(settings.options)
        judging = pipeline.JudgeOptions.from_options(options, plugins.checks)
        recording, sources = pipeline.run_probe(
            target.child,
            how,
            lambda: pipeline.contracts_from_files(how, settings, plugins.packs),
            judging.checks,
            live=live and options.live is not False,
            infer=infer,
            sources_s=sources_s,
        )
    for line in recording.output if target.options.verbose else ():
        terminal.print_stderr(f"  {line}", wrap=False)
    return Observed(recording, sources, how, target.config, settings, target.options)


def problems_of(options: Options) -> Iterator[Problem]:
    """What is wrong with the options, before the target is started or a file is read."""
    if options.output is not None:
        named = [(options.from_file, "read by --from"), (options.baseline, "the baseline")]
        read = [(file, what) for file, what in named if file is not None]
        yield from output_files.check_writable(options.output, _OUTPUT, read)
    for option in Options.declared.values() if options.from_file is not None else ():
        if option.name in options.given and option.needs_target and option.name != "target":
            place = arguments.spell(option)[0]
            hint = f"leave out {place}, or leave out --from"
            yield Problem("this has no effect with --from: no target is started", place, hint)
