"""Starts the probe on a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from netra_contracts.errors import Problem, UsageError
from netra_contracts.launch.process import ProbeProcess


class Launch(Protocol):
    """What must be known to start a target: the arguments of `ProbeProcess`, and fields of `LaunchRequest`."""

    @property
    def python(self) -> str: ...
    @property
    def env(self) -> Mapping[str, str]: ...
    @property
    def cwd(self) -> str: ...
    @property
    def module(self) -> str: ...
    @property
    def attr(self) -> str | None: ...
    @property
    def factory(self) -> bool | None: ...
    @property
    def app_dir(self) -> str: ...
    @property
    def contracts(self) -> Sequence[str]: ...
    @property
    def startup_timeout_s(self) -> float: ...
    @property
    def shutdown_timeout_s(self) -> float: ...
    @property
    def settle_s(self) -> float | None: ...


def start(launch: Launch) -> ProbeProcess:
    """Start the probe on a target.

    Raises:
        UsageError: if the interpreter cannot be started.
    """
    try:
        process = ProbeProcess(launch.python, launch.env, launch.cwd)
    except OSError as error:
        message = f"the interpreter `{launch.python}` cannot be started: {error.strerror or error}"
        raise UsageError([Problem(message, "--python", "name another interpreter with --python")]) from error
    from netra_contracts.protocol.control import LaunchRequest  # noqa: PLC0415 - while the process comes up

    request = LaunchRequest(
        module=launch.module,
        attr=launch.attr,
        factory=launch.factory,
        app_dir=launch.app_dir,
        contracts=tuple(launch.contracts),
        startup_timeout_s=launch.startup_timeout_s,
        shutdown_timeout_s=launch.shutdown_timeout_s,
        settle_s=launch.settle_s,
        crash_file=process.files.crash_file,
        journal_file=process.files.journal_file,
    )
    process.send(request)
    return process
