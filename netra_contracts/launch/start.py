"""Starts one target: the process first, everything else while it comes up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netra_contracts.errors import Problem, UsageError
from netra_contracts.launch.child import Child


def start(
    *,
    python: str,
    env: Mapping[str, str],
    cwd: str,
    module: str,
    attr: str | None,
    factory: bool | None,
    app_dir: str,
    contracts: Sequence[str],
    startup_timeout_s: float,
    shutdown_timeout_s: float,
    settle_s: float | None,
) -> Child:
    """Start the probe on a target. The arguments are those of `wire.Job` and `Child`.

    Raises:
        UsageError: if the interpreter cannot be started.
    """
    try:
        child = Child(python, env, cwd)
    except OSError as error:
        message = f"the interpreter `{python}` cannot be started: {error.strerror or error}"
        raise UsageError([Problem(message, "--python", "name another one with --python")]) from error
    from netra_contracts import wire  # noqa: PLC0415 - its import is paid for while the child comes up

    job = wire.Job(
        module=module,
        attr=attr,
        factory=factory,
        app_dir=app_dir,
        contracts=tuple(contracts),
        startup_timeout_s=startup_timeout_s,
        shutdown_timeout_s=shutdown_timeout_s,
        settle_s=settle_s,
        crash_file=child.crash_file,
        journal_file=child.journal_file,
    )
    child.send(wire.encode({"body": job}))
    return child
