"""The reference application: a small chat backend with one WebSocket bridge per user, made by a factory.

An application like any other: of netra-contracts it imports `declare` only. `make demo` checks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["create_app"]


def create_app() -> Starlette:
    """Return a new application. Nothing is built before its startup.

    Raises:
        ModuleNotFoundError: if a package of the extra `selftest` is not installed.
    """
    from netra_contracts.reference import app  # noqa: PLC0415 - `requirements` must work without the packages

    return app.create_app()
