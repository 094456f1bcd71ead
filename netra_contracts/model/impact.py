"""What users lose, in the words of the contracts that do not hold."""

from __future__ import annotations

from typing import Literal

from netra_contracts.contracts.model import FrozenModel, Severity
from netra_contracts.declare import Phase


class Impact(FrozenModel):
    """What users lose, in the words of contracts that do not hold. Contracts with the same words share one impact.

    Attributes:
        text: the contract's words.
        severity: the highest of the contracts.
        phase: the earliest of the contracts; null: they name none.
        status: `broken` if there is a finding about one of the contracts, `blocked` if none of them was judged.
        components: the components of the contracts.
        codes: codes of the findings.
    """

    text: str
    severity: Severity
    phase: Phase | None = None
    status: Literal["broken", "blocked"] = "broken"
    components: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
