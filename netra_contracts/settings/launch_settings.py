"""What has to be known to start the target, from the command's options and the configuration file.

Standard library only: this is resolved before anything else is loaded, and once for all ways to run a check.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from netra_contracts.errors import Problem, UsageError
from netra_contracts.settings import bootstrap_config, interpreter_discovery, target_discovery

STARTUP_TIMEOUT_S = 30.0
SHUTDOWN_TIMEOUT_S = 10.0
#: About four months: what the system's timers take without overflowing.
_LONGEST_S = 1e7
#: Begins a reference to contracts that a plugin brings.
PACK = "pack:"


class LaunchOptions(NamedTuple):
    """What the user asked for, in words; None: not said."""

    target: str | None = None
    factory: bool | None = None
    app_dir: str | None = None
    python: str | None = None
    env_file: str | None = None
    contracts: str | None = None
    startup_timeout: float | None = None
    shutdown_timeout: float | None = None
    settle: float | None = None


class LaunchSettings(NamedTuple):
    """How the target is started. `resolved` are sentences on what was taken from where."""

    module: str
    attr: str | None
    factory: bool | None
    app_dir: str
    python: str
    cwd: str
    env: dict[str, str]
    contracts: tuple[str, ...]
    contract_files: tuple[str, ...]
    contract_packs: tuple[str, ...]
    startup_timeout_s: float
    shutdown_timeout_s: float
    settle_s: float | None
    config: bootstrap_config.ConfigFile | None
    resolved: tuple[str, ...]

    @property
    def spec(self) -> str:
        """The target as one would type it."""
        return self.module if self.attr is None else f"{self.module}:{self.attr}"


def resolve(options: LaunchOptions, cwd: str, environ: Mapping[str, str], prefix: str) -> LaunchSettings:
    """Find out how to start the target.

    Args:
        options: what the command line, or a caller, says.
        cwd: the folder of the command.
        environ: the environment of the command.
        prefix: the tool's own `sys.prefix`.

    Raises:
        UsageError: if there is no target, or what is needed to start it is wrong. Whether the whole configuration is
            valid, and everything that is wrong with it, is for `settings.load_settings` to say: ask it first.
    """
    config = bootstrap_config.find_config(cwd)
    settings = bootstrap_config.read_early(config.table) if config else bootstrap_config.LaunchConfig()
    if settings is None:
        raise UsageError([Problem("it is not valid", config.path if config else "")])
    base = config.folder if config else cwd
    spec = _target(options, settings, cwd, config)
    if options.python is not None or settings.python is None:
        python, why_python = interpreter_discovery.find_python(options.python, environ, cwd, prefix)
    else:
        python, why_python = interpreter_discovery.find_python(settings.python, environ, base, prefix)
    app_dir = _first(_path(options.app_dir, cwd), spec.app_dir, _path(settings.app_dir, base), cwd)
    if app_dir is not None and not os.path.isdir(app_dir):
        raise UsageError(
            [Problem(f"{app_dir} is no folder", "--app-dir", "name the folder that holds the target's package")]
        )
    references = [options.contracts] if options.contracts else list(settings.contracts)
    folder = cwd if options.contracts else base
    return LaunchSettings(
        module=spec.module,
        attr=spec.attr,
        factory=options.factory if options.factory is not None else settings.factory,
        app_dir=app_dir or cwd,
        python=python,
        cwd=cwd,
        env=_environment(options, settings, environ, cwd, base),
        contracts=tuple(name for name in references if not name.endswith(".toml") and not name.startswith(PACK)),
        contract_files=tuple(os.path.join(folder, name) for name in references if name.endswith(".toml")),
        contract_packs=tuple(name.removeprefix(PACK) for name in references if name.startswith(PACK)),
        startup_timeout_s=_seconds(
            "startup-timeout", options.startup_timeout, settings.startup_timeout, STARTUP_TIMEOUT_S
        ),
        shutdown_timeout_s=_seconds(
            "shutdown-timeout", options.shutdown_timeout, settings.shutdown_timeout, SHUTDOWN_TIMEOUT_S
        ),
        settle_s=_settle(options.settle if options.settle is not None else settings.settle),
        config=config,
        resolved=(spec.how, why_python),
    )


def _target(
    options: LaunchOptions,
    settings: bootstrap_config.LaunchConfig,
    cwd: str,
    config: bootstrap_config.ConfigFile | None,
) -> target_discovery.TargetSpec:
    if options.target is not None:
        return target_discovery.parse_target(options.target, cwd)
    if settings.target is not None and config is not None:
        found = target_discovery.parse_target(settings.target, config.folder)
        place = os.path.basename(config.path)
        folder = found.app_dir or _path(settings.app_dir, config.folder) or config.folder
        return found._replace(how=f"target `{settings.target}`, from {place}", app_dir=folder)
    discovered = target_discovery.discover(cwd)
    if discovered is None:
        raise UsageError([nothing_to_check(cwd)])
    return discovered


def nothing_to_check(cwd: str) -> Problem:
    """There is no target: what was looked at, and what to do."""
    return Problem(
        "there is nothing to check here",
        cwd,
        "name the application, e.g. `netra-contracts check myapp.main:app`, or run this where it is; looked for "
        + ", ".join(target_discovery.PLACES),
    )


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value is not None), None)


def _path(name: str | None, folder: str) -> str | None:
    return None if name is None else os.path.join(folder, os.path.expanduser(name))


def _seconds(name: str, given: float | None, configured: float | None, default: float) -> float:
    seconds = given if given is not None else configured if configured is not None else default
    if not seconds > 0:
        raise UsageError([Problem(f"{name} must be more than 0 seconds, not {seconds:g}", f"--{name}")])
    return min(seconds, _LONGEST_S)


def _settle(seconds: float | None) -> float | None:
    if seconds is not None and not seconds >= 0:
        raise UsageError([Problem(f"settle must be 0 seconds or more, not {seconds:g}", "--settle")])
    return None if seconds is None else min(seconds, _LONGEST_S)


def _environment(
    options: LaunchOptions, settings: bootstrap_config.LaunchConfig, environ: Mapping[str, str], cwd: str, base: str
) -> dict[str, str]:
    """The caller's environment, over it the configuration's, over it the environment file's."""
    env = dict(environ)
    env.update(settings.env)
    file = _first(_path(options.env_file, cwd), _path(settings.env_file, base))
    if file is not None:
        env.update(bootstrap_config.load_env_file(file))
    env["NETRA_CONTRACTS"] = "check"
    return env
