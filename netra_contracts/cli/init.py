"""`netra-contracts init`."""

from __future__ import annotations

import os
import re

from netra_contracts import pipeline
from netra_contracts.cli import arguments, output_files, terminal
from netra_contracts.cli.prestart import launch
from netra_contracts.contracts.scaffold import components_to_toml, typed_class
from netra_contracts.errors import Problem, ToolError, UsageError, display_path
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.recording import Recording
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.settings import bootstrap_config
from netra_contracts.settings.configuration import load_settings
from netra_contracts.settings.launch_settings import LaunchSettings

Values = dict[str, arguments.Value]


def init(values: Values, running: list[ProbeProcess]) -> int:
    """Start the target and write contracts for the components in its state.

    Args:
        values: the arguments, by name.
        running: see `netra_contracts.launch.start.start`.

    Returns:
        0, or 1 if the target does not start: then nothing is written.

    Raises:
        UsageError: if something the user wrote is wrong, there is nothing to write, or a class would replace a file.
    """
    output = values["output"]
    if values["typed"] and output is not None and os.path.exists(str(output)):
        hint = "name a new file, or write to stdout without --output"
        raise UsageError([Problem(f"{output} exists, and --typed would replace it", "--output", hint)])
    with launch(values, running) as launched:
        if launched.problems:
            raise UsageError(launched.problems)
        if launched.settings is None or launched.child is None:
            load_settings(launched.config)
            raise ToolError("the target was not started, for no known reason")
        target = launched.settings
        terminal.print_stderr(f"starting {target.resolved[0] or target.spec}")
        recording, _ = pipeline.run_probe(launched.child, target, pipeline.ContractSet, pipeline.JudgeOptions().checks)
    report = pipeline.judge_recording(recording, pipeline.JudgeOptions())
    if report.startup.outcome not in ("ok", "unsupported"):
        style = terminal.output_style(to_file=False)
        render_options = RenderOptions(style.width, style.colour, style.unicode, -1, os.getcwd())
        terminal.write_stdout(RENDERERS["table"](report, render_options))
        terminal.print_stderr("nothing was written: contracts are only written for a startup that succeeds")
        return 1
    if not recording.observation.components:
        hint = "contracts describe what the startup puts into app.state, or yields from its lifespan"
        raise UsageError([Problem("the state is empty: there is nothing to write contracts for", target.spec, hint)])
    if launched.options.typed:
        return _write_class(recording, launched.options.output)
    return _write_toml(recording, target, launched.options.output)


def _write_class(recording: Recording, path: str | None) -> int:
    text = typed_class(recording.observation.components)
    if path is None:
        terminal.write_stdout(text)
    else:
        output_files.write_file(path, text)
        terminal.print_stderr(f"wrote {path}; check with --contracts {_module_of(path)}:AppState")
    return 0


def _module_of(path: str) -> str:
    return re.sub(r"[/\\]", ".", os.path.relpath(path).removesuffix(".py"))


def _write_toml(recording: Recording, launch: LaunchSettings, output: str | None) -> int:
    path, prefix = _file_to_write(launch, output)
    existing = None
    if os.path.exists(path):
        _, existing = bootstrap_config.read_toml(path)
    target = recording.observation.target.spec
    text = components_to_toml(recording.observation.components, target, existing, prefix)
    output_files.write_file(path, text)
    count = len(recording.observation.components)
    components = f"{count} component{'s' if count != 1 else ''}"
    terminal.print_stderr(f"wrote contracts for {components} to {display_path(path)}; next, run: netra-contracts check")
    return 0


def _file_to_write(launch: LaunchSettings, output: str | None) -> tuple[str, str]:
    """The file to write, and the table in it: the file named, else the configuration, else `pyproject.toml`."""
    if output is not None:
        path = os.path.abspath(output)
        return path, bootstrap_config.PREFIX if os.path.basename(path) == bootstrap_config.PYPROJECT else ""
    if launch.config is not None:
        return launch.config.path, launch.config.prefix
    pyproject = os.path.join(launch.cwd, bootstrap_config.PYPROJECT)
    if os.path.exists(pyproject):
        return pyproject, bootstrap_config.PREFIX
    return os.path.join(launch.cwd, bootstrap_config.OWN_FILE), ""
