"""`netra-contracts run`."""

from __future__ import annotations

import errno

from netra_contracts.cli import terminal
from netra_contracts.cli.check import Values, check
from netra_contracts.cli.prestart import Launch, launch
from netra_contracts.cli.server import command
from netra_contracts.launch.process import ProbeProcess

_HINTS = {
    errno.ENOEXEC: "it has no `#!` line, or is of another architecture",
    errno.ENOENT: "its `#!` line names a file that does not exist",
}


def run(values: Values, launched: Launch | None, running: list[ProbeProcess]) -> int:
    """Check the configured target and, if the check passes, replace this process with the server.

    Args:
        values: the arguments, by name; `server` is the server's command line, at least one word.
        launched: the target, if it was started before.
        running: see `netra_contracts.launch.start.start`.

    Returns:
        The exit status of the check, or that of a shell for a server that cannot be executed.

    Raises:
        UsageError: with everything that is wrong with the command line and the configuration.
    """
    words = values["server"]
    server = words if isinstance(words, list) else []
    options = {name: value for name, value in values.items() if name != "server"}
    file = command.find(server[0])
    if not file:
        return _not_found(server[0])
    target = launched if launched is not None else launch("run", options, running)
    status = check(options, target, running, report_to="stderr")
    if status != 0:
        return status
    error = command.become(file, server)
    hint = _HINTS.get(error.errno or 0, "")
    reason = f"{error.strerror or error} ({hint})" if hint else error.strerror or error
    terminal.print_stderr(f"netra-contracts: run: {file} cannot be executed: {reason}")
    return command.NOT_FOUND if error.errno == errno.ENOENT else command.NOT_EXECUTABLE


def _not_found(name: str) -> int:
    where = "" if "/" in name else " on PATH"
    hint = "the target was not started; name the server's command by its path, e.g. .venv/bin/uvicorn"
    terminal.print_stderr(f"netra-contracts: run: there is no command `{name}`{where} ({hint})")
    return command.NOT_FOUND
