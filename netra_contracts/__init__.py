"""Checks the startup of ASGI applications against contracts for their state.

Public names are imported when they are first used, so that importing this package imports neither pydantic nor rich.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing.TYPE_CHECKING` without the import, which takes longer than `--version`
if TYPE_CHECKING:
    from netra_contracts.api import (
        AppStateContractViolation,
        Report,
        check,
        check_async,
        enforce_app_state_contracts,
        validate_app_state_contracts,
        validate_complete_startup_sequence,
    )
    from netra_contracts.declare import AppStateContract, Contract, Phase, phase_check, startup_phase
    from netra_contracts.errors import ToolError, UsageError

__version__ = "0.1.0"

__all__ = [
    "AppStateContract",
    "AppStateContractViolation",
    "Contract",
    "Phase",
    "Report",
    "ToolError",
    "UsageError",
    "check",
    "check_async",
    "enforce_app_state_contracts",
    "phase_check",
    "startup_phase",
    "validate_app_state_contracts",
    "validate_complete_startup_sequence",
]

#: The modules of the public names that are not in `api`.
_MODULES = {
    **dict.fromkeys(("AppStateContract", "Contract", "Phase", "phase_check", "startup_phase"), "declare"),
    **dict.fromkeys(("ToolError", "UsageError"), "errors"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _MODULES.get(name, "api")
    from importlib import import_module  # noqa: PLC0415 - costs nothing until a name is used

    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
