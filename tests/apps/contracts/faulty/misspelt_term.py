"""A keyword that is not a term of a contract."""

from netra_contracts.declare import AppStateContract

CONTRACTS = [AppStateContract("pool", wire={"_pool": "pool"})]
