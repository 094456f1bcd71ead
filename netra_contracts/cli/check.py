"""`netra-contracts check`."""

from __future__ import annotations

import os
from typing import get_args

from netra_contracts import pipeline
from netra_contracts.cli import options, terminal
from netra_contracts.cli.prestart import RunningTarget, resolve_here
from netra_contracts.declare import Phase
from netra_contracts.errors import Problem, UsageError, did_you_mean
from netra_contracts.launch.start import start
from netra_contracts.model.recording import Recording
from netra_contracts.model.report import Report
from netra_contracts.plugins import Plugins, load_plugins
from netra_contracts.reports import Renderer, RenderOptions
from netra_contracts.settings.bootstrap_config import find_config
from netra_contracts.settings.configuration import Settings, load_settings

Values = dict[str, options.Value]


def check(values: Values, started: RunningTarget | None) -> int:
    """Run `check` and give its exit status.

    Args:
        values: the options, by name.
        started: the target, where it is coming up already.

    Raises:
        UsageError: if something the user wrote is wrong.
    """
    if values["from_file"] is not None:
        return _judge_file(values)
    plugins = _plugins()
    if started is None:
        _validate_options(values, load_settings(find_config(os.getcwd())), plugins)
        settings = resolve_here(values)
        started = RunningTarget(settings, start(settings))
    launch, child = started
    with child:
        settings_file = load_settings(launch.config)
        renderer, judging = _validate_options(values, settings_file, plugins)
        quiet, verbose = bool(values["quiet"]), bool(values["verbose"])
        if not quiet and (verbose or values["target"] is None):
            terminal.print_stderr(f"checking {launch.resolved[0] or launch.spec}")
        recording, sources = pipeline.run_probe(
            child,
            launch,
            lambda: pipeline.contracts_from_files(launch, settings_file, plugins.packs),
            judging.checks,
            live=not values["no_live"],
        )
    if values["record"] is not None:
        terminal.write_file(str(values["record"]), recording.model_dump_json() + "\n")
    if verbose and recording.output:
        terminal.print_stderr("the target printed:")
        for line in recording.output:
            terminal.print_stderr(f"  {line}")
    report = pipeline.judge_recording(recording, judging, tuple(filter(None, launch.resolved)), sources)
    _deliver(report, renderer, values)
    return report.exit_code


def _judge_file(values: Values) -> int:
    """Judge a saved observation. Contracts given on the command line, as TOML, take the place of the saved ones."""
    plugins = _plugins()
    renderer, judging = _validate_options(values, Settings(), plugins)
    path = str(values["from_file"])
    try:
        with open(path, encoding="utf-8") as file:
            recording = Recording.model_validate_json(file.read())
    except OSError as error:
        raise UsageError([Problem(f"{path} cannot be read: {error.strerror}", "--from")]) from error
    except ValueError as error:
        hint = "write one with `netra-contracts check --record FILE`"
        raise UsageError([Problem(f"{path} is no recording that this version can read", "--from", hint)]) from error
    reference = values["contracts"]
    sources = [f"{len(recording.contracts)} contracts from {path}"]
    if reference is not None:
        recording, source = pipeline.with_contracts_of(recording, str(reference))
        sources = [source]
    report = pipeline.judge_recording(recording, judging, (f"judged from {path}",), tuple(sources))
    _deliver(report, renderer, values)
    return report.exit_code


def _plugins() -> Plugins:
    plugins = load_plugins()
    for problem in plugins.problems:
        terminal.print_stderr(f"netra-contracts: a plugin is left out: {problem}")
    return plugins


def _validate_options(values: Values, settings: Settings, plugins: Plugins) -> tuple[Renderer, pipeline.JudgeOptions]:
    """What can be said to be wrong before the target has loaded; all at once."""
    problems: list[Problem] = []
    name = str(values["format"] or settings.format or "table")
    if name not in plugins.renderers:
        problems.append(Problem(f'there is no format "{name}"', "--format", _choices(name, plugins.renderers)))
    phase = values["phase"] or settings.phase
    phases = [member.value for member in Phase]
    if phase is not None and str(getattr(phase, "value", phase)).lower() not in phases:
        problems.append(Problem(f'there is no phase "{phase}"', "--phase", _choices(str(phase), phases)))
        phase = None
    level = str(values["fail_level"] or settings.fail_level or "error")
    levels = get_args(pipeline.FailLevel)
    if level not in levels:
        problems.append(Problem(f'there is no fail level "{level}"', "--fail-level", _choices(level, levels)))
    select = _codes(values["select"], settings.select, "--select", plugins, problems)
    ignore = _codes(values["ignore"], settings.ignore, "--ignore", plugins, problems)
    for option in ("output", "record"):
        if values[option] is not None:
            problems.extend(terminal.check_writable(str(values[option]), f"--{option}"))
    if problems:
        raise UsageError(problems)
    until = None if phase is None else Phase(str(getattr(phase, "value", phase)).lower())
    return plugins.renderers[name], pipeline.JudgeOptions(until, select, ignore, level, plugins.checks)  # type: ignore[arg-type]  # one of the levels, checked above


def _choices(given: str, known: object) -> str:
    names = [str(name) for name in known]  # type: ignore[attr-defined]  # an iterable of names
    return did_you_mean(given, names) or "choose one of " + ", ".join(names)


def _codes(
    given: options.Value, configured: tuple[str, ...], option: str, plugins: Plugins, problems: list[Problem]
) -> tuple[str, ...]:
    """Codes and prefixes of codes; what no check begins with is a problem."""
    words = [word.strip().upper() for word in str(given).split(",")] if given is not None else list(configured)
    known = [check.code for check in plugins.checks]
    problems.extend(
        Problem(f'no check has a code that begins with "{word}"', option, did_you_mean(word, known))
        for word in words
        if not word or not any(code.startswith(word) for code in known)
    )
    return tuple(words)


def _deliver(report: Report, renderer: Renderer, values: Values) -> None:
    path = values["output"]
    look = terminal.output_style(to_file=path is not None)
    render_options = RenderOptions(
        width=look.width,
        colour=look.colour,
        unicode=look.unicode,
        verbose=int(values["verbose"] or 0) - int(values["quiet"] or 0),
        cwd=os.getcwd(),
    )
    text = renderer(report, render_options)
    if path is None:
        terminal.write_stdout(text)
    else:
        terminal.write_file(str(path), text)
