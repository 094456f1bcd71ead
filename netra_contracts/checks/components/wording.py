"""Phrases that several checks of components use."""

from __future__ import annotations

from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.origins import origin
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Cause


def display_type(name: str) -> str:
    """`module:qualname` as a reader expects it."""
    return f"`{name.replace(':', '.')}`"


def last_write_cause(context: Context, contract: ComponentContract) -> Cause | None:
    """The last write of a contract's component, as a cause."""
    return origin(context, contract.component, context.evidence.last_write(contract.component), "was set here")
