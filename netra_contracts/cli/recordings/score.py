"""`netra-contracts score`."""

from __future__ import annotations

import os
from collections.abc import Iterator

from netra_contracts import pipeline
from netra_contracts.cli import arguments, output_files, saved_input, terminal
from netra_contracts.cli.recordings.observed import observe, problems_of
from netra_contracts.errors import Problem, UsageError
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.recording import Recording
from netra_contracts.model.run_report import RunReport
from netra_contracts.model.score import Score
from netra_contracts.plugins import Plugins, load_plugins
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.score import SCORE_RENDERERS
from netra_contracts.score import score_of
from netra_contracts.settings.options import Options
from netra_contracts.settings.unknown_codes import unknown_codes

Values = dict[str, arguments.Value]
#: The exit status if the score is below the one that is required.
_BELOW = 1


def score(values: Values, running: list[ProbeProcess]) -> int:
    """Write the score of the contracts of a target, or of a recording.

    Args:
        values: the arguments, by name.
        running: see `netra_contracts.launch.start.start`.

    Returns:
        0, or 1 if the score is below `min_score`.

    Raises:
        UsageError: with everything that is wrong with the command line and the configuration; if there are no
            contracts, or if they do not hold.
    """
    options, problems = arguments.validate(values)
    plugins = load_plugins()
    problems.extend(_problems(options, plugins))
    if problems:
        raise UsageError(problems)
    if options.from_file is not None:
        recording, all_options = _saved(options), options
    else:
        seen = observe("score", values, plugins, running, live=True, infer=True)
        recording, all_options = seen.recording, seen.options
    judging = pipeline.JudgeOptions.from_options(all_options, plugins.checks)
    found = score_of(recording, [check for check in judging.checks if judging.selected(check.code)])
    _write(found, options)
    required = all_options.min_score
    if required is None or found.score >= required:
        return 0
    terminal.print_stderr(f"the score is {found.score:g}, below {required:g}")
    return _BELOW


def _problems(options: Options, plugins: Plugins) -> Iterator[Problem]:
    """What is wrong with the options, before the target is started or a file is read."""
    yield from problems_of(options)
    yield from unknown_codes(options, [check.code for check in plugins.checks], _flag)
    if options.from_file is not None and options.target is not None:
        yield Problem(f"{options.from_file} is the recording of one target", "TARGET", "leave out TARGET")


def _flag(name: str, step: int | str = -1) -> str:
    """An option as messages name it."""
    return arguments.spell(Options.declared[name])[0]


def _saved(options: Options) -> Recording:
    """The recording in a file.

    Raises:
        UsageError: if the file has a report, which has no facts to change, or no answers about the contracts.
    """
    path = str(options.from_file)
    saved = saved_input.read_recording_or_report(path)
    if isinstance(saved, RunReport):
        hint = "name a recording: `netra-contracts check --record FILE` writes one"
        raise UsageError([Problem(f"{path} is a report, which has no facts that could be changed", "--from", hint)])
    recording: Recording = saved
    if options.contracts:
        recording, _ = pipeline.with_contracts_of(recording, options.contracts)
    if not pipeline.asks_any(recording, pipeline.JudgeOptions()):
        hint = (
            "record the target again with these contracts: `netra-contracts check TARGET --contracts ... --record FILE`"
        )
        message = f"{path} has no answers for these contracts: the target was not asked about them when it was recorded"
        raise UsageError([Problem(message, "--contracts" if options.contracts else "--from", hint)])
    return recording


def _write(found: Score, options: Options) -> None:
    style = terminal.output_style(to_file=options.output is not None)
    render_options = RenderOptions(style.width, style.colour, style.unicode, options.verbose, cwd=os.getcwd())
    text = SCORE_RENDERERS[str(options.score_format)](found, render_options)
    if options.output is None:
        terminal.write_stdout(text)
    else:
        output_files.write_file(options.output, text)
