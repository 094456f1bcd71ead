"""What to do about exceptions that many applications meet, told from their names and messages."""

from __future__ import annotations

import re

from netra_contracts import wire

_REFUSED = re.compile(
    r"connection refused|connect call failed|could not connect|all connection attempts failed|econnrefused"
    r"|name or service not known|temporary failure in name resolution|nodename nor servname|getaddrinfo failed"
    r"|error 111 connecting|no servers available|serverselectiontimeout",
    re.IGNORECASE,
)

SERVICES = (
    "a service did not answer: in CI, start it beside the job and wait for its health check; or hold this step back "
    "when `NETRA_CONTRACTS=check` is in the environment"
)
_ENVIRONMENT = "set it under `[tool.netra-contracts.env]`, or name a file with `--env-file`"
_LOOP = "it was made at import, before the loop that now uses it: make it in the lifespan"
_INSTALL = "install it in the environment of the target, or name the right interpreter with `--python`"


def for_fault(fault: wire.Fault) -> str:
    """A hint for what an exception chain tells, or an empty string."""
    for raised in fault.chain:
        hint = _for_exception(raised)
        if hint:
            return hint
    return ""


def _for_exception(raised: wire.Raised) -> str:
    name = raised.type.rpartition(".")[2]
    if name in ("ConnectionRefusedError", "gaierror", "ConnectError") or _REFUSED.search(raised.message):
        return SERVICES
    if (
        name == "KeyError"
        and raised.trace
        and raised.trace[-1].function.endswith(("_Environ.__getitem__", "__getitem__"))
    ):
        if raised.trace[-1].file.endswith("os.py"):
            return f"the environment variable {raised.message} is missing: {_ENVIRONMENT}"
    elif name == "ValidationError" and ("settings" in raised.message.lower() or "env" in raised.message.lower()):
        return f"a setting is missing or wrong: {_ENVIRONMENT}"
    elif name == "ModuleNotFoundError":
        return _INSTALL
    elif "attached to a different loop" in raised.message or "bound to a different event loop" in raised.message:
        return _LOOP
    return ""
