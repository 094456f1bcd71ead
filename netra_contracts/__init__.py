"""Contracts for what an ASGI application's startup must leave in its state.

The names below are resolved when they are first used, so that importing this package loads neither pydantic nor rich.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netra_contracts.declare import AppStateContract, Contract, Phase, phase_check, startup_phase

__version__ = "0.1.0"

_HOMES = {
    "AppStateContract": "declare",
    "Contract": "declare",
    "Phase": "declare",
    "phase_check": "declare",
    "startup_phase": "declare",
}

__all__ = ["AppStateContract", "Contract", "Phase", "phase_check", "startup_phase"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - costs nothing until a name is used

    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
