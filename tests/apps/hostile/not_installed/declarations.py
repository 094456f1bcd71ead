"""Contracts, which the application does not import."""

from netra_contracts.declare import AppStateContract

CONTRACTS = [AppStateContract("phase", str)]
