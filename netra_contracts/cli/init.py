"""`netra-contracts init`."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from netra_contracts import pipeline
from netra_contracts.cli import arguments, output_files, terminal
from netra_contracts.cli.prestart import Launch, launch
from netra_contracts.cli.recordings.reliance import RecordedReliance
from netra_contracts.cli.recordings.strengthened import Strengthening, strengthening
from netra_contracts.contracts.added_terms import with_terms
from netra_contracts.contracts.contract_schema import checked_address
from netra_contracts.contracts.inference import infer_terms, with_public_types
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.contracts.reliance_text import RelianceOf
from netra_contracts.contracts.scaffold import components_to_toml, typed_class, without_components
from netra_contracts.contracts.toml_positions import TomlPositions
from netra_contracts.contracts.values import InvalidValue
from netra_contracts.errors import Problem, ToolError, UsageError, display_path
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.recording import Recording
from netra_contracts.model.run_report import RunReport
from netra_contracts.plugins import load_plugins
from netra_contracts.protocol.observed.app_states import StateEntry
from netra_contracts.protocol.plan import Question
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.wording import listed, plural
from netra_contracts.settings import bootstrap_config, targets
from netra_contracts.settings.bootstrap_config import ConfigFile
from netra_contracts.settings.configuration import load_settings, read_contracts_file
from netra_contracts.settings.launch_settings import LaunchSettings
from netra_contracts.settings.options import Options
from netra_contracts.settings.saved_options import SavedOptions, options_to_save

Values = dict[str, arguments.Value]

#: Names of components in one message.
_MAX_NAMES = 10

_EMPTY = (
    "the state is empty after startup, and handlers reach no object of a module: contracts describe what startup puts "
    "into app.state, or yields from its lifespan, and what modules keep"
)


class _File(NamedTuple):
    """The file to write.

    Attributes:
        path: of the file.
        prefix: dotted name of the table for the configuration, or "" for the whole file.
        text: what is in the file, up to the target's part of it; None: there is no file.
        table: the configuration in it.
        rest: what follows in the file: further targets.
        inherited: components with a contract that all of several targets have.
    """

    path: str
    prefix: str
    text: str | None
    table: Mapping[str, Any]
    rest: str = ""
    inherited: frozenset[str] = frozenset()

    @property
    def is_of_several(self) -> bool:
        """Whether the contracts belong to one of several targets in the file."""
        return self.prefix.rpartition(".")[2] == targets.KEY

    @property
    def components(self) -> Mapping[str, Any]:
        """The contracts in it that can be asked about, by address."""
        components = self.table.get("components")
        return {name: terms for name, terms in components.items() if _is_address(name)} if components else {}


def init(values: Values, running: list[ProbeProcess]) -> int:
    """Start the target and write contracts for the components in its state.

    Args:
        values: the arguments, by name.
        running: see `netra_contracts.launch.start.start`.

    Returns:
        0, or 1 if the target does not start: then nothing is written.

    Raises:
        UsageError: if something the user wrote is wrong, or a class would replace a file.
    """
    output = values["output"]
    problems = output_files.check_writable(str(output), "--output") if output is not None else []
    if problems:
        raise UsageError(problems)
    if values["typed"] and output is not None and os.path.exists(str(output)):
        hint = "name a new file, or write to stdout without --output"
        raise UsageError([Problem(f"{output} exists, and --typed would replace it", "--output", hint)])
    changing = [flag for flag in ("diff", "prune", "strengthen") if values["typed"] and values[flag]]
    if changing:
        raise UsageError([Problem(f"--typed writes a new class: it has no --{changing[0]}", "--typed")])
    if values["strengthen"] and output is not None:
        hint = "leave out --output: the contracts of the configuration file are changed where they are"
        raise UsageError([Problem("--strengthen has no other file to write", "--output", hint)])
    with launch("init", {**values, "usage": bool(values["from_usage"])}, running) as launched:
        child, target = _started(launched)
        file = _file_to_write(target, launched.options.output)
        terminal.print_stderr(f"starting {target.resolved[0] or target.spec}")
        declared, relied = _declared(launched, target, file), launched.options.from_usage is True
        recording = _observe(child, target, declared, relied=relied)
    report = pipeline.judge_recording(recording.model_copy(update={"contracts": ()}), pipeline.JudgeOptions())
    if report.startup.outcome not in ("ok", "unsupported"):
        style = terminal.output_style(to_file=False)
        render_options = RenderOptions(style.width, style.colour, style.unicode, -1, os.getcwd())
        terminal.write_stdout(RENDERERS["table"](RunReport.of(report), render_options))
        terminal.print_stderr("nothing was written: contracts are only written for a startup that succeeds")
        return 1
    if not with_public_types(recording.observation):
        terminal.print_stderr(_EMPTY)
    reliance = RecordedReliance(recording, target.cwd) if launched.options.from_usage else None
    for note in reliance.notes({} if launched.options.typed else file.components) if reliance is not None else ():
        terminal.print_stderr(note)
    terms = reliance.terms if reliance is not None else None
    if launched.options.typed:
        return _write_class(recording, launched.options.output, target.app_dir, terms)
    return _write_toml(recording, target, launched.options, file, terms)


def _started(launched: Launch) -> tuple[ProbeProcess, LaunchSettings]:
    """The process of the target, and how it was started.

    Raises:
        UsageError: if it was not.
    """
    if launched.problems:
        raise UsageError(launched.problems)
    if launched.settings is None or launched.child is None:
        load_settings(launched.config)
        raise ToolError("the target was not started, for no known reason")
    return launched.child, launched.settings


def _declared(launched: Launch, target: LaunchSettings, file: _File) -> pipeline.ContractSet:
    """What the target is asked about: all contracts if they are to say more, else only which components are there."""
    if launched.options.strengthen:
        return pipeline.contracts_from_files(target, load_settings(launched.config), load_plugins().packs)
    asked = tuple(ComponentContract(component=name) for name in file.components)
    return pipeline.ContractSet(asked, replaceable=frozenset(file.components))


def _observe(child: ProbeProcess, target: LaunchSettings, declared: pipeline.ContractSet, *, relied: bool) -> Recording:
    checks = pipeline.JudgeOptions().checks
    recording, _ = pipeline.run_probe(
        child, target, lambda: declared, checks, live=False, infer=True, propose=True, relied=relied
    )
    return recording


def _write_class(recording: Recording, path: str | None, app_dir: str, reliance: RelianceOf | None) -> int:
    observation = recording.observation
    in_states = {component.address for component in observation.components}
    components = [component for component in with_public_types(observation) if component.address in in_states]
    text = typed_class(components, inferred=infer_terms(observation), reliance=reliance)
    if path is None:
        terminal.write_stdout(text)
    elif observation.components:
        output_files.write_file(path, text)
        relative = os.path.relpath(path, app_dir)
        move = "" if not relative.startswith(os.pardir) else f"move it to {display_path(app_dir)}, then "
        module = re.sub(r"[/\\]", ".", (relative if not move else os.path.basename(path)).removesuffix(".py"))
        terminal.print_stderr(f"wrote {path}; {move}check with --contracts {module}:AppState")
    _report_none([component.address for component in observation.components if component.is_none])
    return 0


def _write_toml(
    recording: Recording, target: LaunchSettings, options: Options, file: _File, reliance: RelianceOf | None
) -> int:
    observation = recording.observation
    elsewhere = {contract.component for contract in recording.contracts} | _in_other_files(target) | file.inherited
    declared = [*file.components, *elsewhere]
    new = [component for component in with_public_types(observation) if component.address not in declared]
    saved = _saved(options, target, observation.target.spec, file)
    stale = _stale(recording, file)
    kept = file.text
    if options.prune and stale and kept is not None:
        kept = without_components(kept, file.prefix, stale)
    more = Strengthening()
    if options.strengthen:
        more = strengthening(recording, file.components, stale if options.prune else ())
        kept = with_terms(kept, file.prefix, more.terms) if kept is not None and more.terms else kept
    text = components_to_toml(
        new,
        None if file.is_of_several else observation.target.spec,
        kept,
        file.prefix,
        inferred=infer_terms(observation, declared),
        reliance=reliance,
        options=saved.values,
    )
    for note in (*saved.notes, *more.notes(recording)):
        terminal.print_stderr(note)
    if not options.prune:
        _report_stale(stale, file)
    name = display_path(file.path)
    if options.diff:
        terminal.write_stdout(_diff(_whole(file, file.text or ""), _whole(file, text), name))
    if text == file.text:
        everything = (
            "has a contract for each component that was found" if with_public_types(observation) else "is complete"
        )
        proven = ", and this startup proves no further term" if options.strengthen else ""
        terminal.print_stderr(f"nothing to write: {name} {everything}{proven}")
    elif not options.diff:
        output_files.write_file(file.path, _whole(file, text))
        removed = f" and removed those of {_count(len(stale))}" if options.prune and stale else ""
        terminal.print_stderr(
            f"wrote {_written(new, more)} to {name}{removed}; next, run: {_next_command(target, options)}"
        )
        _report_none([component.address for component in new if component.is_none])
    return 0


def _report_none(components: Sequence[str]) -> None:
    """Say which components were None: their contracts accept that, so that `check` no longer reports it."""
    if components:
        names = listed(f"`{name}`" for name in components[:_MAX_NAMES])
        more = f" and {len(components) - _MAX_NAMES:,} more" if len(components) > _MAX_NAMES else ""
        was, their = ("was", "its contract allows") if len(components) == 1 else ("were", "their contracts allow")
        terminal.print_stderr(f"{names}{more} {was} None, and {their} that: name the type that is expected")


def _whole(file: _File, text: str) -> str:
    """The file with a text for the part that ends with the target."""
    gap = "" if not file.rest or text == file.text else "\n"
    return f"{text}{gap}{file.rest}"


def _written(new: Sequence[StateEntry], more: Strengthening) -> str:
    """What was written, in words."""
    contracts = f"contracts for {_count(len([component for component in new if component.type]))}"
    if not more.terms:
        return contracts
    added = plural(sum(map(len, more.terms.values())), "term")
    added = f"{added} in the contracts of {_count(len(more.terms))}"
    return f"{contracts} and {added}" if new else added


def _next_command(target: LaunchSettings, options: Options) -> str:
    name = target.config.target_name if target.config is not None else ""
    command = f"netra-contracts {'score' if options.strengthen else 'check'}"
    return f"{command} {shlex.quote(name)}" if name else command


def _in_other_files(target: LaunchSettings) -> set[str]:
    """Components with a contract in the TOML files that the configuration names."""
    return {contract.component for path in target.contract_files for contract in read_contracts_file(path).contracts}


def _saved(options: Options, target: LaunchSettings, spec: str, file: _File) -> SavedOptions:
    """The options to add to the file: none if it is about another target, or about several."""
    if file.is_of_several:
        return SavedOptions({}, ())
    configured = file.table.get("target")
    if configured not in (None, spec, options.target):
        note = f"{display_path(file.path)} has the target {configured}: the options of this command were not added"
        return SavedOptions({}, (note,))
    if configured is not None and options.target is None:
        return SavedOptions({}, ())
    return options_to_save(options, target, os.path.dirname(file.path))


def _stale(recording: Recording, file: _File) -> list[str]:
    """Components with a contract in the file that are not optional and that the startup has not set."""
    stale = []
    for name, terms in file.components.items():
        answer = recording.answer(Question("present", name))
        if answer is not None and answer.holds is False and not (isinstance(terms, dict) and terms.get("optional")):
            stale.append(name)
    return stale


def _report_stale(stale: Sequence[str], file: _File) -> None:
    positions = TomlPositions(file.path, file.text or "", file.prefix)
    if file.is_of_several:
        positions = positions.below((_last_target(file.text or "", file.prefix),))
    for name in stale:
        place = positions.of(("components", name))
        terminal.print_stderr(f"{place}: startup did not set `{name}` (--prune removes its contract)")


def _diff(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _count(components: int) -> str:
    return f"{components} component{'s' if components != 1 else ''}"


def _is_address(name: str) -> bool:
    try:
        checked_address(name)
    except InvalidValue:
        return False
    return True


def _file_to_write(target: LaunchSettings, output: str | None) -> _File:
    """The file named, else the configuration, else `pyproject.toml`, else a new file.

    Raises:
        UsageError: if it configures several targets, and none of them is the one that was started.
    """
    path, prefix = bootstrap_config.new_config(target.cwd)
    if output is not None:
        path = os.path.abspath(output)
        prefix = bootstrap_config.PREFIX if os.path.basename(path) == bootstrap_config.PYPROJECT else ""
    elif target.config is not None and target.config.whole is not None:
        return _part_of_target(target.config)
    elif target.config is not None:
        path, prefix = target.config.path, target.config.prefix
    if not os.path.exists(path):
        return _File(path, prefix, None, {})
    table, text = bootstrap_config.read_toml(path)
    for step in prefix.split(".") if prefix else ():
        inner = table.get(step)
        table = inner if isinstance(inner, dict) else {}
    return _File(path, prefix, text, table)


def _part_of_target(config: ConfigFile) -> _File:
    """The configuration of one of several targets, with the text of the file up to the next one.

    Raises:
        UsageError: if it is none of them, or if they are not written as tables with a header of their own.
    """
    name = display_path(config.path)
    if config.target is None:
        names = ", ".join(targets.names_of(config._replace(table=config.whole or {})))
        hint = f"name one of them, add this one to {name}, or write another file with --output"
        raise UsageError([Problem(f"this is not one of the targets of {name}: {names}", "TARGET", hint)])
    lines = config.text.split("\n")
    prefix = f"{config.prefix}.{targets.KEY}" if config.prefix else targets.KEY
    positions = TomlPositions(config.path, config.text, config.prefix)
    if not lines[positions.line((targets.KEY, config.target)) - 1].lstrip().startswith("[["):
        raise UsageError(
            [Problem("contracts cannot be added to this file", name, f"write [[{prefix}]] for each target")]
        )
    end = len(lines)
    if config.target + 1 < len(targets.tables_of(config._replace(table=config.whole or {}))):
        end = positions.line((targets.KEY, config.target + 1)) - 1
        while lines[end - 1].lstrip().startswith("#"):  # what is said about the next target
            end -= 1
    own, merged = (table.get("components") for table in (config.own, config.table))
    return _File(
        config.path,
        prefix,
        "".join(f"{line}\n" for line in lines[:end]) if end < len(lines) else config.text,
        config.own,
        "\n".join(lines[end:]),
        frozenset(merged if isinstance(merged, dict) else ()) - frozenset(own if isinstance(own, dict) else ()),
    )


def _last_target(text: str, prefix: str) -> int:
    """The position of the last target in a text."""
    table: Any = tomllib.loads(text)
    for step in prefix.split("."):
        table = table[step]
    return len(table) - 1
