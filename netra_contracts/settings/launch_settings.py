"""How the target is started: options, configuration file and environment, resolved.

Standard library only: this is resolved before anything else is loaded, and once for all ways to run a check.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from netra_contracts.errors import Problem, UsageError, collecting, display_path
from netra_contracts.settings import bootstrap_config, interpreter_discovery, target_discovery
from netra_contracts.settings.bootstrap_config import ConfigFile
from netra_contracts.settings.interpreter_discovery import Interpreter, OwnEnvironment
from netra_contracts.settings.options import Options, has_unknown_keys, read_table
from netra_contracts.settings.options.kinds import Command

#: Prefix of a reference to contracts that a plugin brings.
PACK = "pack:"


class LaunchSettings(NamedTuple):
    """How the target is started.

    Attributes:
        module: import path of the target.
        attr: dotted attribute in the module; None: the probe finds the application.
        app_dir: folder that is put first on the import path.
        python: path of the interpreter.
        cwd: folder that the target runs in.
        env: the whole environment of the target.
        contracts: references to contracts in Python, which the probe reads.
        contract_files: paths of TOML files with contracts.
        contract_packs: names of packs that plugins bring.
        replaces_contracts: whether these contracts were given by the caller: they replace those of the configuration
            file for the same components.
        options: all options of the run: those of the caller over those of the configuration file.
        config: the configuration file, if there is one.
        resolved: sentences that say which target and which interpreter were chosen, and why; then details.
    """

    module: str
    attr: str | None
    app_dir: str
    python: str
    cwd: str
    env: dict[str, str]
    contracts: tuple[str, ...]
    contract_files: tuple[str, ...]
    contract_packs: tuple[str, ...]
    replaces_contracts: bool
    options: Options
    config: ConfigFile | None
    resolved: tuple[str, ...]

    @property
    def spec(self) -> str:
        """The target as one would type it."""
        return self.module if self.attr is None else f"{self.module}:{self.attr}"

    @property
    def reads_sources(self) -> bool:
        """Whether the sources of the target are read."""
        return self.options.usage is not False

    @property
    def request(self) -> Mapping[str, Any]:
        """The fields of the protocol's `LaunchRequest` that are known before the start."""
        sent = [option for option in Options.declared.values() if option.probe_field]
        return {
            "module": self.module,
            "attr": self.attr,
            "app_dir": self.app_dir,
            "contracts": self.contracts,
            "log_text": self._shows_log_text,
            **{option.probe_field: getattr(self.options, option.name) for option in sent},
        }

    @property
    def _shows_log_text(self) -> bool:
        """Whether texts of logged messages are shown: on a terminal with `-v`. They are written to no file."""
        options = self.options
        written = (options.output, options.record, options.report) != (None, None, ())
        return bool(options.verbose) and not options.quiet and options.format == "table" and not written


class InvalidConfigurationError(UsageError):
    """The configuration file is not valid. What is wrong with it is reported by `configuration.load_settings`.

    Attributes:
        problems: what else prevents the start; may be empty.
    """


def resolve(
    options: Options,
    config: ConfigFile | None,
    cwd: str,
    environ: Mapping[str, str],
    prefix: str,
    command: Command = "check",
) -> LaunchSettings:
    """Find out how to start the target.

    Args:
        options: those of the command line, or of a caller.
        config: the configuration file.
        cwd: the folder of the command.
        environ: the environment of the command.
        prefix: `sys.prefix` of netra-contracts itself.
        command: that messages name as the one to run.

    Raises:
        InvalidConfigurationError: if an option of the configuration file is not valid, or a key is unknown.
        UsageError: if there is no target, or what is needed to start it does not exist.
    """
    configured, invalid = read_table(config.table if config else {})
    is_invalid = config is not None and (bool(invalid) or has_unknown_keys(config.table) or "targets" in config.table)
    base = config.folder if config else cwd
    both = options.over(configured)
    problems: list[Problem] = []
    spec = target_discovery.TargetSpec("", None, None, "")
    interpreter = Interpreter("", "")
    env: dict[str, str] = {}
    try:
        spec = _target(options, configured, cwd, config, command)
    except InvalidConfigurationError:
        is_invalid = True
    except UsageError as error:
        if options.target is not None or not is_invalid:  # else the target may be among what is not valid
            problems.extend(error.problems)
    app_dir = _path(options.app_dir, cwd) or spec.app_dir or _path(configured.app_dir, base) or cwd
    own = OwnEnvironment(prefix, sys.executable)
    with collecting(problems, (lambda: _place("python", options, config)) if both.python is not None else None):
        folder = cwd if options.python is not None else base
        interpreter = interpreter_discovery.find_interpreter(both.python, environ, folder, (app_dir, base), own)
    with collecting(problems):
        inherited = interpreter_discovery.without_own(environ, own, interpreter.path)
        env = _environment(options, configured, inherited, cwd, config)
    folder = cwd if options.contracts else base
    files = tuple(os.path.join(folder, name) for name in both.contracts if name.endswith(".toml"))
    problems.extend(_missing(app_dir, files, options, config))
    if is_invalid:
        raise InvalidConfigurationError(problems)
    if problems:
        raise UsageError(problems)
    return LaunchSettings(
        module=spec.module,
        attr=spec.attr,
        app_dir=app_dir,
        python=interpreter.path,
        cwd=cwd,
        env=env,
        contracts=tuple(name for name in both.contracts if not name.endswith(".toml") and not name.startswith(PACK)),
        contract_files=files,
        contract_packs=tuple(name.removeprefix(PACK) for name in both.contracts if name.startswith(PACK)),
        replaces_contracts=bool(options.contracts),
        options=both,
        config=config,
        resolved=(spec.how, _why(interpreter), *_passed_over(interpreter)),
    )


def _why(interpreter: Interpreter) -> str:
    """Why an interpreter was chosen, and which broken environments were passed over."""
    return "; ".join([interpreter.why, *interpreter.broken])


def _passed_over(interpreter: Interpreter) -> Iterator[str]:
    if interpreter.looked_at:
        yield f"interpreters looked for before: {'; '.join(interpreter.looked_at)}"


def _missing(app_dir: str, files: Sequence[str], options: Options, config: ConfigFile | None) -> Iterator[Problem]:
    """The problems that the import folder or files of contracts do not exist."""
    if not os.path.isdir(app_dir):
        hint = "name the folder that contains the target's package"
        yield Problem(f"{app_dir} is not a folder", _place("app_dir", options, config), hint)
    for file in files:
        if not os.path.exists(file):
            yield Problem(f"there is no file {display_path(file)}", _place("contracts", options, config))


def _target(
    options: Options, configured: Options, cwd: str, config: ConfigFile | None, command: Command
) -> target_discovery.TargetSpec:
    if options.target is not None:
        return target_discovery.parse_target(options.target, cwd)
    if configured.target is not None and config is not None:
        try:
            spec = target_discovery.parse_target(configured.target, config.folder)
        except UsageError as error:
            raise InvalidConfigurationError(error.problems) from error
        app_dir = spec.app_dir or _path(configured.app_dir, config.folder) or config.folder
        name = config.target_name
        named = f" ({name})" if name not in ("", configured.target) else ""
        how = f"target `{configured.target}`{named}, from {os.path.basename(config.path)}"
        return spec._replace(how=how, app_dir=app_dir)
    discovered = target_discovery.discover(cwd)
    if discovered is None:
        raise UsageError([no_target(cwd, command)])
    return discovered


def no_target(cwd: str, command: Command) -> Problem:
    """The problem that there is no target for a command."""
    looked_for = ", ".join(target_discovery.SEARCHED)
    hint = f"name the application, e.g. `netra-contracts {command} myapp.main:app`; looked for: {looked_for}"
    message = "there is nothing to check here" if command in ("check", "run") else "no application was found here"
    return Problem(message, cwd, hint)


def _place(name: str, options: Options, config: ConfigFile | None) -> str:
    """Where an option came from, for messages."""
    option = Options.declared[name]
    if config is None or name in options.given:
        return option.flags[0]
    return config.positions().of((option.key,))


def _path(name: str | None, folder: str) -> str | None:
    return None if name is None else os.path.join(folder, os.path.expanduser(name))


def _environment(
    options: Options, configured: Options, environ: Mapping[str, str], cwd: str, config: ConfigFile | None
) -> dict[str, str]:
    """The environment of the command, overridden by that of the configuration, overridden by the environment file."""
    env = {**environ, **configured.env}
    file = _path(options.env_file, cwd) or _path(configured.env_file, config.folder if config else cwd)
    if file is not None:
        if not os.path.exists(file):
            raise UsageError([Problem(f"there is no file {display_path(file)}", _place("env_file", options, config))])
        env.update(bootstrap_config.load_env_file(file))
    env["NETRA_CONTRACTS"] = "check"
    return env
