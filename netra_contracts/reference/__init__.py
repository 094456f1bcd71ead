"""A small chat backend that shows the pattern this tool grew out of: one WebSocket bridge per user, made by a factory.

It is checked by `make demo` and is an application like any other: of netra-contracts it imports `declare` alone.
"""

from netra_contracts.reference.app import create_app

__all__ = ["create_app"]
