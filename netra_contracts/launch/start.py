"""Starts the probe on a target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from netra_contracts.errors import Problem, UsageError
from netra_contracts.launch.process import ProbeProcess


class Launch(Protocol):
    """What must be known to start a target: the arguments of `ProbeProcess`, and the fields of `LaunchRequest`."""

    @property
    def reads_sources(self) -> bool:
        """Whether the sources of the target are read, in a process beside it."""
        ...

    @property
    def python(self) -> str:
        """Path of the interpreter."""
        ...

    @property
    def env(self) -> Mapping[str, str]:
        """The whole environment of the child."""
        ...

    @property
    def cwd(self) -> str:
        """Working folder of the child."""
        ...

    @property
    def request(self) -> Mapping[str, Any]:
        """The fields of `LaunchRequest`, apart from the files of the child."""
        ...


def start(launch: Launch, running: list[ProbeProcess] | None = None) -> ProbeProcess:
    """Start the probe on a target.

    Args:
        launch: how to start it.
        running: the child is in this list from its start to its end, for a signal handler.

    Raises:
        UsageError: if the interpreter cannot be started.
    """
    try:
        process = ProbeProcess(launch.python, launch.env, launch.cwd, running)
    except OSError as error:
        message = f"the interpreter `{launch.python}` cannot be started: {error.strerror or error}"
        hint = "repair its environment, or name another interpreter: --python, or `python` in the configuration"
        raise UsageError([Problem(message, hint=hint)]) from error
    from netra_contracts.protocol.control import LaunchRequest  # noqa: PLC0415 - while the process comes up

    files = process.files
    usage_file = files.usage_file if launch.reads_sources else ""
    process.send(
        LaunchRequest(
            **launch.request, crash_file=files.crash_file, journal_file=files.journal_file, usage_file=usage_file
        )
    )
    if usage_file:
        from netra_contracts.launch.source_reader import SourceReader  # noqa: PLC0415 - as above

        process.read_sources(SourceReader(launch.python, launch.env, launch.cwd, _request(launch, usage_file)))
    return process


def _request(launch: Launch, output: str) -> Mapping[str, str]:
    """The fields of `SourceRequest`."""
    return {"module": launch.request["module"], "app_dir": launch.request["app_dir"], "output": output}
