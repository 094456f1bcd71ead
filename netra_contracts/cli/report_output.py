"""Writes the report of a run, in each format that was asked for: one to stdout or a file, the others to files."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from netra_contracts.checks.engine.documentation import RuleTexts
from netra_contracts.cli import arguments, output_files, step_summary, terminal
from netra_contracts.errors import Problem, UsageError, describe_exception, did_you_mean, exits_as_errors
from netra_contracts.model.rule_text import RuleText
from netra_contracts.model.run_report import RunReport
from netra_contracts.plugins import Plugins
from netra_contracts.reports import CI_FORMAT, RENDERERS, Renderer, RenderOptions, format_of, statistics
from netra_contracts.reports.headline import headline_of_run
from netra_contracts.settings.bootstrap_config import ConfigFile
from netra_contracts.settings.options import Options

_TOOL_FAILED = 3


class _Destination(NamedTuple):
    """A format of the report, and where it is written to.

    Attributes:
        form: name of the format, as it was given.
        path: of the file; None: stdout.
        option: the option that asks for it.
        place: where the format was given, for messages; empty: `option`.
    """

    form: str
    path: str | None
    option: str
    place: str = ""


def _destinations(options: Options, place: str = "") -> Iterator[_Destination]:
    """Files first, so that a report that stdout does not take is still complete in its files."""
    for word in options.report:
        form, _, path = word.partition("=")
        yield _Destination(form, path, arguments.spell(Options.declared["report"])[0])
    yield _Destination(str(options.format), options.output, arguments.spell(Options.declared["output"])[0], place)


def problems(
    options: Options, config: ConfigFile | None, renderers: Mapping[str, Renderer], place: Callable[[str, int], str]
) -> Iterator[Problem]:
    """Everything that prevents a report from being written, before the target is started.

    Args:
        options: all options of the run.
        config: the configuration file.
        renderers: by the name of the format.
        place: where an option came from, for messages.
    """
    names = (*renderers, CI_FORMAT)
    read = tuple(_read_files(options, config))
    taken: dict[str, str] = {}
    for form, path, option, configured in _destinations(options, place("format", -1)):
        if form not in names:
            hint = did_you_mean(form, names) or f"use one of {', '.join(names)}"
            yield Problem(f'there is no format "{form}"', configured or option, hint)
        if path is not None:
            yield from _problems_of_file(path, option, read, taken)
    if options.record is not None:
        yield from _problems_of_file(options.record, arguments.spell(Options.declared["record"])[0], read, taken)


def _read_files(options: Options, config: ConfigFile | None) -> Iterator[tuple[str, str]]:
    """Files that the run reads and that a report must not replace, each with what it is. Apart from the baseline."""
    if config is not None:
        yield config.path, "the configuration file"
    if options.from_file is not None:
        yield options.from_file, f"read by {arguments.spell(Options.declared['from_file'])[0]}"


def _problems_of_file(
    path: str, option: str, read: Iterable[tuple[str, str]], taken: dict[str, str]
) -> Iterator[Problem]:
    """What is wrong with a file that will be written. `taken` has the option of each file before it."""
    yield from output_files.check_writable(path, option, read)
    file = os.path.realpath(path)
    if os.path.exists(file) and not os.path.isfile(file):  # all may write to a terminal, or to /dev/null
        return
    if file in taken:
        hint = "name a different file for each"
        yield Problem(f"{path} would be written twice: {taken[file]} also names it", option, hint)
    taken.setdefault(file, option)


def write(
    run: RunReport,
    plugins: Plugins,
    options: Options,
    config: ConfigFile | None,
    report_to: terminal.Stream = "stdout",
) -> int:
    """Write the report in each format, and return the exit status. What fails does not keep the others from it.

    Args:
        run: the report of each target.
        plugins: the renderers, and the checks with their documentation.
        options: all options of the run.
        config: the configuration file.
        report_to: where the report of `--format` is written, unless `--output` names a file.

    Raises:
        UsageError: with each file that cannot be written.
    """
    failed = False
    exit_code = run.exit_code
    unwritable: list[Problem] = []
    rules = RuleTexts(plugins.checks)
    summarized = False
    # What a plugin does to the report does not change the exit status or a built-in format.
    for form, path, _, _ in sorted(_destinations(options), key=lambda wanted: _is_of_plugin(wanted.form)):
        name = format_of(form, os.environ, to_file=path is not None)
        style = terminal.output_style(to_file=path is not None, stream=report_to)
        render_options = _render_options(options, config, style, rules)
        if name == "github" and not summarized:
            summarized = True
            step_summary.append(run, render_options, os.environ)
        text = _draw(name, plugins.renderers[name], run, render_options)
        if text is None:
            failed = True
            continue
        try:
            _write_text(text, path, report_to)
        except UsageError as error:
            unwritable.extend(error.problems)
    if unwritable and not failed:
        raise UsageError(unwritable)
    if unwritable:
        terminal.print_usage_error(UsageError(unwritable))
    elif options.output is not None and not failed:
        terminal.print_stderr(f"{headline_of_run(run)}; the report is in {options.output}")
    if options.statistics and not any(form == "table" for form, _, _, _ in _destinations(options)):
        for line in statistics.lines(named.report for named in run.reports):
            terminal.print_stderr(line, wrap=False)
    return _TOOL_FAILED if failed else exit_code


def _is_of_plugin(form: str) -> bool:
    return form != CI_FORMAT and form not in RENDERERS


def _draw(name: str, renderer: Renderer, run: RunReport, options: RenderOptions) -> str | None:
    """The report in one format; None: the renderer failed, which is reported."""
    try:
        with exits_as_errors(), contextlib.redirect_stdout(sys.stderr):  # stdout has the report, and nothing else
            return renderer(run, options)
    except Exception as error:  # noqa: BLE001 - a renderer may be a plugin's
        terminal.print_stderr(f"netra-contracts: the format {name} failed: {describe_exception(error)}")
        if options.verbose > 0:
            terminal.print_stderr(traceback.format_exc(), wrap=False)
        return None


def _write_text(text: str, path: str | None, report_to: terminal.Stream) -> None:
    if path is None:
        terminal.write_report(text, report_to)
    else:
        output_files.write_file(path, text)


def _render_options(
    options: Options, config: ConfigFile | None, style: terminal.OutputStyle, rules: Mapping[str, RuleText]
) -> RenderOptions:
    cwd = os.getcwd()
    return RenderOptions(
        width=style.width,
        colour=style.colour,
        unicode=style.unicode,
        verbose=options.verbose - options.quiet,
        cwd=cwd,
        root=_repository(cwd) or (config.folder if config is not None else cwd),
        config_file=config.path if config is not None else "",
        rules=rules,
        statistics=options.statistics is True,
    )


def _repository(folder: str) -> str:
    """The root of the git repository that a folder is in; empty: it is in none."""
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return folder
