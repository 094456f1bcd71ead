"""What to do about exceptions that many applications meet, told from their names and messages."""

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
    "a service did not answer: in CI, start it beside the job and wait for its health check; or hold this step back "
    "when `NETRA_CONTRACTS=check` is in the environment"
)
_ENVIRONMENT = "set it under `[tool.netra-contracts.env]`, or name a file with `--env-file`"
_LOOP = "it was made at import, before the loop that now uses it: make it in the lifespan"
_NO_LOOP = "it needs a running event loop, and here there is none: do this in the lifespan, or in an async factory"
_INSTALL = "install it in the environment of the target, or name the right interpreter with `--python`"


def for_fault(fault: StageFailure) -> str:
    """A hint for what an exception chain tells, or an empty string."""
    for raised in fault.chain:
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
