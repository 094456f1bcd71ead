"""NC802: the contracts themselves."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.family import Family
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding

CONTRACT_LINT = Family(8, "the contracts themselves")


class CannotFail(Check):
    """## What it does

    Reports a contract that no startup can break: the component is optional, and the contract declares nothing else.

    ## Why it matters

    It looks like a guarantee and is not one.

    ## Example

    ```toml
    [tool.netra-contracts.components.cache]
    optional = true
    ```

    ## What to do

    Declare what must hold when the component is present (`type`, `methods`, ...), or remove the contract.
    """

    code = "NC802"
    name = "contract-cannot-fail"
    family = CONTRACT_LINT
    breaks_contract = False
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each."""
        for contract in context.contracts.in_scope:
            if contract.optional and contract.is_presence_only:
                yield self.finding(
                    f"the contract of `{contract.component}` cannot fail: it is optional and declares nothing else",
                    component=contract.component,
                    phase=contract.phase,
                    location=contract.origin.location,
                    hint="declare what must hold when it is present, or remove the contract",
                )


CHECKS: tuple[Check, ...] = (CannotFail(),)
