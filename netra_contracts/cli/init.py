"""`netra-contracts init`."""

from __future__ import annotations

import os
import re
import sys

from netra_contracts import pipeline
from netra_contracts.cli import options, terminal
from netra_contracts.cli.prestart import launch_options
from netra_contracts.contracts.scaffold import components_to_toml, typed_class
from netra_contracts.errors import Problem, UsageError
from netra_contracts.launch.start import start
from netra_contracts.model.recording import Recording
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.settings import bootstrap_config
from netra_contracts.settings.launch_settings import LaunchSettings, resolve

Values = dict[str, options.Value]


def init(values: Values, *, typed: bool) -> int:
    """Start the target and write contracts for what was seen.

    Args:
        values: options of the launch, `output`, `quiet`.
        typed: write a typed state class instead of TOML.

    Returns:
        0, or 1 if the target does not start: then nothing is written.

    Raises:
        UsageError: if something the user wrote is wrong, or there is nothing to write.
    """
    launch = resolve(launch_options(values), os.getcwd(), os.environ, sys.prefix)
    terminal.print_stderr(f"starting {launch.resolved[0] or launch.spec}")
    with start(launch) as child:
        recording, _ = pipeline.run_probe(
            child, launch, lambda: pipeline.ContractSet((), (), ()), pipeline.JudgeOptions().checks
        )
    report = pipeline.judge_recording(recording, pipeline.JudgeOptions())
    if report.startup.outcome not in ("ok", "unsupported"):
        look = terminal.output_style(to_file=False)
        terminal.write_stdout(
            RENDERERS["table"](report, RenderOptions(look.width, look.colour, look.unicode, -1, os.getcwd()))
        )
        terminal.print_stderr("nothing was written: contracts are written for a startup that ends well")
        return 1
    if not recording.observation.components:
        hint = "contracts are about what the startup puts into app.state, or yields from its lifespan"
        raise UsageError([Problem("the state is empty, so there is nothing to write contracts for", launch.spec, hint)])
    if typed:
        return _write_class(recording, values)
    return _write_toml(recording, launch, values)


def _write_class(recording: Recording, values: Values) -> int:
    text = typed_class(recording.observation.components)
    path = values["output"]
    if path is None:
        terminal.write_stdout(text)
    else:
        terminal.write_file(str(path), text)
        terminal.print_stderr(f"wrote {path}; check with --contracts {_module_of(str(path))}:AppState")
    return 0


def _module_of(path: str) -> str:
    return re.sub(r"[/\\]", ".", os.path.relpath(path).removesuffix(".py"))


def _write_toml(recording: Recording, launch: LaunchSettings, values: Values) -> int:
    """Into the file named, else the configuration there is, else `pyproject.toml`, else a file of our own."""
    path, prefix = _place(launch, values)
    existing = None
    if os.path.exists(path):
        _, existing = bootstrap_config.read_toml(path)
    target = recording.observation.target.spec
    text = components_to_toml(recording.observation.components, target, existing, prefix)
    terminal.write_file(path, text)
    count = len(recording.observation.components)
    shown = os.path.relpath(path)
    terminal.print_stderr(
        f"wrote contracts for {count} component{'s' if count != 1 else ''} to {shown}; now: netra-contracts check"
    )
    return 0


def _place(launch: LaunchSettings, values: Values) -> tuple[str, str]:
    if values["output"] is not None:
        path = os.path.abspath(str(values["output"]))
        return path, bootstrap_config.PREFIX if os.path.basename(path) == bootstrap_config.PYPROJECT else ""
    if launch.config is not None:
        return launch.config.path, launch.config.prefix
    pyproject = os.path.join(launch.cwd, bootstrap_config.PYPROJECT)
    if os.path.exists(pyproject):
        return pyproject, bootstrap_config.PREFIX
    return os.path.join(launch.cwd, bootstrap_config.OWN_FILE), ""
