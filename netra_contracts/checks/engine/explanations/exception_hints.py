"""Hints for common exceptions, recognised by their names and messages."""

from __future__ import annotations

import re

from netra_contracts.protocol.observed.failures import ExceptionInfo, StageFailure

_REFUSED = re.compile(
    r"connection refused|connect call failed|could not connect|all connection attempts failed|econnrefused"
    r"|name or service not known|temporary failure in name resolution|nodename nor servname|getaddrinfo failed"
    r"|error (?:111|61) connecting|no servers available|serverselectiontimeout|unable to bootstrap from",
    re.IGNORECASE,
)

_REFUSING = frozenset(["ConnectionRefusedError", "gaierror", "ConnectError", "NoBrokersAvailable"])

_START = (
    "in CI, start it as a service container and wait for its health check; or skip this step if "
    "`NETRA_CONTRACTS=check` is set"
)
SERVICES = f"a service is not reachable: {_START}"
_ENVIRONMENT = (
    "pass secrets in the environment of the command or with `--env-file`, and set other values under "
    "`[tool.netra-contracts.env]`"
)
_LOOP = "it was created at import, before the event loop that uses it: create it in the lifespan"
_NO_LOOP = "it needs a running event loop, and there is none: do this in the lifespan, or in an async factory"
_INSTALL = "install it in the target's environment, or select the right interpreter with `--python`"

#: What libraries say of a missing variable: starlette.config, python-decouple, environs, django-environ.
_VARIABLE = re.compile(
    r"Config '(\w+)' is missing|^(\w+) not found\. Declare it as envvar"
    r"|[Ee]nvironment variable \W?(\w+)\W? (?:is )?not set|Set the (\w+) environment variable"
)


def hint_for(failure: StageFailure) -> str:
    """A hint for an exception chain, or an empty string."""
    for raised in failure.chain:
        hint = _for_exception(raised, failure)
        if hint:
            return hint
    return ""


def _for_exception(raised: ExceptionInfo, failure: StageFailure) -> str:
    name = raised.type.rpartition(".")[2]
    variables = raised.variables or tuple(filter(None, _variable_in(raised.message)))
    if variables:
        listed = ", ".join(f"`{variable}`" for variable in variables)
        what = f"variable {listed} is" if len(variables) == 1 else f"variables {listed} are"
        return f"the environment {what} missing: {_ENVIRONMENT}"
    if raised.host:
        return f"the host `{raised.host}` cannot be resolved: check its name; {_START}"
    if name in _REFUSING or _REFUSED.search(raised.message):
        return SERVICES
    if name == "ModuleNotFoundError":
        return _not_found(failure)
    if name == "ValidationError" and ("settings" in raised.message.lower() or "env" in raised.message.lower()):
        return f"a setting is wrong: {_ENVIRONMENT}"
    return _on_loops(raised)


def _variable_in(message: str) -> tuple[str, ...]:
    match = _VARIABLE.search(message)
    return tuple(group for group in match.groups() if group) if match else ()


def _not_found(failure: StageFailure) -> str:
    """A module that the target imports does not exist: it is in another folder of the project, or not installed."""
    if failure.found_in == "..":
        return "the target's own folder has this name: run the command above it, and begin the target with the name"
    if failure.found_in:
        return (
            f"it is in {failure.found_in}/: add `--app-dir {failure.found_in}`, and name the target without "
            f"`{failure.found_in}.`"
        )
    return _INSTALL


#: Files of servers that run until the process ends.
_SERVERS = (
    "uvicorn/main.py",
    "uvicorn/server.py",
    "hypercorn/run.py",
    "granian/server/common.py",
    "gunicorn/app/base.py",
)


def serves_itself(failure: StageFailure) -> bool:
    """Whether the target was running a server of its own, as `uvicorn.run` in a module does that has no guard."""
    lines = [line for stack in failure.stacks if stack.main for line in stack.lines]
    lines += [line for raised in failure.chain for line in raised.trace]
    return any(line.file.endswith(_SERVERS) for line in lines)


SERVES_ITSELF = 'the module starts a server when it is imported: put that under `if __name__ == "__main__":`'


def _on_loops(raised: ExceptionInfo) -> str:
    if "attached to a different loop" in raised.message or "bound to a different event loop" in raised.message:
        return _LOOP
    if raised.message.startswith(("no running event loop", "There is no current event loop")):
        return _NO_LOOP
    return ""
