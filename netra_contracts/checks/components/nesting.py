"""Components below others, and in modules: what they follow from, and why they are not there."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.checks.components.family import COMPONENTS
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.address import parse_address
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.observed.failures import StageFailure
from netra_contracts.protocol.plan import Question


def faults_above(finding: Finding, findings: Findings) -> Iterator[Finding]:
    """Findings that say that what a component is below is missing, None or of another type, the nearest first."""
    for parent in parse_address(finding.component).parents:
        yield from findings.of(COMPONENTS, component=parent)


def present_answer(context: Context, contract: ComponentContract, name: str) -> Answer | None:
    """The answer to whether a component is there that a contract is about, or that it depends on; None: there is none.

    Args:
        context: the evidence.
        contract: of the component, or one that depends on it.
        name: the address of the component.
    """
    return context.contracts.answer(contract, Question("present", name))


def failure_of_provider(context: Context, address: str) -> StageFailure | None:
    """Why the call of the provider failed that an address begins with, or the import of its module; else None."""
    parsed = parse_address(address)
    for call in context.observation.providers:
        if call.address in (address, *parsed.parents) and call.failure is not None:
            return call.failure
    imports = context.observation.failed_imports
    return next((failed.failure for failed in imports if failed.module == parsed.module), None)
