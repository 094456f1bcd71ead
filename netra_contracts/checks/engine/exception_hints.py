"""Hints for common exceptions, recognised by their names and messages."""

from __future__ import annotations

import re

from netra_contracts.protocol.failures import ExceptionInfo, StageFailure

_REFUSED = re.compile(
    r"connection refused|connect call failed|could not connect|all connection attempts failed|econnrefused"
    r"|name or service not known|temporary failure in name resolution|nodename nor servname|getaddrinfo failed"
    r"|error (?:111|61) connecting|no servers available|serverselectiontimeout|unable to bootstrap from",
    re.IGNORECASE,
)

_REFUSING = frozenset(["ConnectionRefusedError", "gaierror", "ConnectError", "NoBrokersAvailable"])

SERVICES = (
    "a service is not reachable: in CI, start it as a service container and wait for its health check; or skip "
    "this step if `NETRA_CONTRACTS=check` is set"
)
_ENVIRONMENT = "set it under `[tool.netra-contracts.env]`, or in a file given with `--env-file`"
_LOOP = "it was created at import, before the event loop that uses it: create it in the lifespan"
_NO_LOOP = "it needs a running event loop, and there is none: do this in the lifespan, or in an async factory"
_INSTALL = "install it in the target's environment, or select the right interpreter with `--python`"


def hint_for(failure: StageFailure) -> str:
    """A hint for an exception chain, or an empty string."""
    for raised in failure.chain:
        hint = _for_exception(raised)
        if hint:
            return hint
    return ""


def _for_exception(raised: ExceptionInfo) -> str:
    name = raised.type.rpartition(".")[2]
    if name in _REFUSING or _REFUSED.search(raised.message):
        return SERVICES
    if name == "KeyError" and _is_read_of_environment(raised):
        return f"the environment variable {raised.message} is missing: {_ENVIRONMENT}"
    if name == "ValidationError" and ("settings" in raised.message.lower() or "env" in raised.message.lower()):
        return f"a setting is missing or wrong: {_ENVIRONMENT}"
    return _INSTALL if name == "ModuleNotFoundError" else _on_loops(raised)


def _is_read_of_environment(raised: ExceptionInfo) -> bool:
    last = raised.trace[-1] if raised.trace else None
    return last is not None and last.file.endswith("os.py") and last.function.endswith("__getitem__")


def _on_loops(raised: ExceptionInfo) -> str:
    if "attached to a different loop" in raised.message or "bound to a different event loop" in raised.message:
        return _LOOP
    if raised.message.startswith(("no running event loop", "There is no current event loop")):
        return _NO_LOOP
    return ""
