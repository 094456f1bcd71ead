"""`netra-contracts usage`."""

from __future__ import annotations

import os

import netra_contracts
from netra_contracts import pipeline
from netra_contracts.cli import arguments, output_files, saved_input, terminal
from netra_contracts.cli.recordings.observed import observe, problems_of
from netra_contracts.errors import Problem, UsageError, did_you_mean
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.recording import Recording
from netra_contracts.model.usage import usage_of
from netra_contracts.model.usage_report import UsageReport
from netra_contracts.plugins import load_plugins
from netra_contracts.protocol.address import parse_address
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.headline import headline
from netra_contracts.reports.usage import USAGE_RENDERERS
from netra_contracts.settings.options import Options

Values = dict[str, arguments.Value]

_COMPONENT = "--component"
#: Seconds to wait for the sources; reading ends before that, with what was read until then.
_SOURCES_S = 30.0
#: Components that a message names.
_MAX_NAMES = 10


def usage(values: Values, running: list[ProbeProcess]) -> int:
    """List the lines that read and write each component of a target, or of a saved recording.

    Args:
        values: the arguments, by name.
        running: see `netra_contracts.launch.start.start`.

    Returns:
        0, or 1 if the target did not start: then what its startup did not reach is unknown.

    Raises:
        UsageError: with everything that is wrong with the command line and the configuration.
    """
    options, problems = arguments.validate(values)
    problems.extend(problems_of(options))
    if problems:
        raise UsageError(problems)
    if options.from_file is not None:
        recording = _saved(options)
    else:  # whatever the configuration says of `check`
        values = {**values, "usage": True}
        recording = observe("usage", values, load_plugins(), running, sources_s=_SOURCES_S).recording
    report = pipeline.judge_recording(recording, pipeline.JudgeOptions(source=False))
    started = report.startup.outcome in ("ok", "unsupported")
    found = usage_of(recording, tool_version=netra_contracts.__version__, started=started)
    name = options.component or ""
    if name and not found.named(name):
        raise UsageError([_unknown(name, found)])
    _write(found, options, name)
    if not started:
        known = "what its startup did not reach is unknown; `netra-contracts check` shows why it did not start"
        terminal.print_stderr(f"{headline(report)}; {known}")
    return int(not started)


def _saved(options: Options) -> Recording:
    """The recording in a file, with the contracts of the command line.

    Raises:
        UsageError: if it is a report, or a recording of a run that did not read the sources.
    """
    path = str(options.from_file)
    saved = saved_input.read_recording_or_report(path)
    if not isinstance(saved, Recording):
        hint = "name a recording, which `netra-contracts check --record FILE` writes"
        raise UsageError([Problem(f"{path} is a report, which has counts of lines and not the lines", "--from", hint)])
    if options.target is not None:
        raise UsageError([Problem(f"{path} is the recording of one target", "TARGET", "leave out TARGET")])
    if saved.observation.usage is None:
        hint = "record it again with `netra-contracts check --record FILE`, without --no-usage"
        raise UsageError([Problem(f"{path} has no usage: the sources were not read", "--from", hint)])
    return pipeline.with_contracts_of(saved, options.contracts)[0] if options.contracts else saved


def _unknown(name: str, found: UsageReport) -> Problem:
    names = dict.fromkeys([*(each.address for each in found.components), *(each.name for each in found.components)])
    address = parse_address(name)
    hint = did_you_mean(name, [each for each in names if each not in address.parents])
    if address.is_module_object:
        return Problem(f"{name} is an object of a module: what reads those is not searched", _COMPONENT, hint)
    above = next((parent for parent in address.parents if parent in names), "")
    if above and not hint:
        message = f"{name} has no contract, and what is below an entry is not listed without"
        return Problem(message, _COMPONENT, f"`--component {above}` lists the lines that use `{above}`")
    if not hint and found.components:
        first = ", ".join(each.address for each in found.components[:_MAX_NAMES])
        more = len(found.components) - _MAX_NAMES
        hint = f"the components are {first}" + (f" and {more:,} more" if more > 0 else "")
    return Problem(f"neither the startup nor the sources have a component {name}", _COMPONENT, hint)


def _write(found: UsageReport, options: Options, component: str) -> None:
    style = terminal.output_style(to_file=options.output is not None)
    render_options = RenderOptions(style.width, style.colour, style.unicode, options.verbose, cwd=os.getcwd())
    text = USAGE_RENDERERS[str(options.usage_format)](found, render_options, component)
    if options.output is None:
        terminal.write_stdout(text)
    else:
        output_files.write_file(options.output, text)
