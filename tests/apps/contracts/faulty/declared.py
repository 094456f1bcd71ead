"""Contracts in Python that contradict each other, and one that is misspelt."""

from netra_contracts.declare import AppStateContract
from parts import Bridge, Pool

TWICE = [AppStateContract("pool", Pool), AppStateContract("pool", Bridge)]
WRONG_VALUES = [AppStateContract("pool", Pool, phase="later", severity="fatal"), AppStateContract("bridge", 42)]
NO_CONTRACTS = "pool"
MISSPELT = [AppStateContract("pool", Pool, requires=["bridg"]), AppStateContract("bridge", Bridge)]
