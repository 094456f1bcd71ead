"""Which contracts are blocked, because what they depend on is broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from netra_contracts.checks.engine.evidence import StartupEvidence
from netra_contracts.checks.engine.statuses.component_status import ComponentStatus, ComponentStatuses
from netra_contracts.checks.engine.statuses.contract_scope import ContractScope
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Blocked
from netra_contracts.protocol.plan import Question

#: Statuses of a component that block the contracts that depend on it.
BLOCKING_STATUSES: frozenset[ComponentStatus] = frozenset(["missing", "none", "lost", "wrong_type"])


class Blocking:
    """Splits the contracts of a run into those that are judged and those that are blocked.

    Args:
        evidence: of the startup.
        contracts: those that the run judges, unless they are blocked.
        statuses: of their components.
    """

    def __init__(self, evidence: StartupEvidence, contracts: ContractScope, statuses: ComponentStatuses) -> None:
        self._evidence = evidence
        self._contracts = contracts
        self._statuses = statuses

    @cached_property
    def blocked(self) -> Mapping[str, Blocked]:
        """Contracts that are not judged because of what they depend on, by component: each names its root."""
        found: dict[str, Blocked] = {}
        for contract in self._in_dependency_order():
            reason = self._reason(contract, found)
            if reason is not None:
                found[contract.component] = reason
        names = (contract.component for contract in self._contracts.in_scope)
        return {name: found[name] for name in names if name in found}

    def unreached(self, contract: ComponentContract) -> Blocked | None:
        """Why the moment at which a contract is judged was not reached; None: it was.

        Findings about its component still count: what was set may be wrong already.
        """
        failed = self._evidence.failed_stage
        if failed is None or self._contracts.is_judged_at_mark(contract):
            return None
        end = f"the {contract.phase.value} phase" if contract.phase else "startup"
        return self._block(contract, failed.name, f"{failed.name} failed before the end of {end}")

    @cached_property
    def judged(self) -> tuple[ComponentContract, ...]:
        """Contracts that are not blocked."""
        return tuple(contract for contract in self._contracts.in_scope if contract.component not in self.blocked)

    @cached_property
    def examinable(self) -> tuple[ComponentContract, ...]:
        """Judged contracts whose component is there and not None, so that its type and members can be examined."""
        return tuple(
            contract
            for contract in self.judged
            if self._statuses.of(contract.component) in ("present", "unknown", "wrong_type")
            and not self._is_none(contract)
        )

    @cached_property
    def suppressed(self) -> frozenset[str]:
        """Components about which nothing is reported: their contracts are blocked, or belong to a later phase."""
        return frozenset(self._contracts.by_component) - {contract.component for contract in self.judged}

    def _is_none(self, contract: ComponentContract) -> bool:
        present = self._contracts.answer(contract, Question("present", contract.component))
        return present is not None and present.is_none

    def _in_dependency_order(self) -> Iterator[ComponentContract]:
        """Contracts, each after those it depends on. Cycles were refused before; here they merely end."""
        by_component = self._contracts.by_component
        done: set[str] = set()
        for start in by_component.values():
            stack = [(start, iter(start.depends_on))]
            entered = {start.component}
            while stack:
                contract, needed = stack[-1]
                following = next(
                    (
                        by_component[name]
                        for name in needed
                        if name in by_component and name not in done and name not in entered
                    ),
                    None,
                )
                if following is not None:
                    entered.add(following.component)
                    stack.append((following, iter(following.depends_on)))
                    continue
                stack.pop()
                if contract.component not in done:
                    done.add(contract.component)
                    yield contract

    def _reason(self, contract: ComponentContract, found: Mapping[str, Blocked]) -> Blocked | None:
        if self._statuses.of(contract.component) == "absent":
            return None  # an optional component that is not there depends on nothing
        for name in contract.depends_on:
            if name in found:
                root = found[name].by
                return self._block(contract, root, f"it depends on `{name}`, which is blocked by `{root}`")
            if self._statuses.of(name) in BLOCKING_STATUSES:
                return self._block(contract, name, f"it depends on `{name}`, which is broken")
        if self._statuses.of(contract.component) == "unreached":
            stage = self._evidence.failed_stage.name if self._evidence.failed_stage else "startup"
            return self._block(contract, stage, f"{stage} ended before {self._not_reached(contract.component)}")
        return None

    def _not_reached(self, address: str) -> str:
        if self._evidence.is_present_at_end(address):
            return "it could be examined"
        return "it was set permanently" if self._evidence.first_set(address) is not None else "it was set"

    @staticmethod
    def _block(contract: ComponentContract, by: str, reason: str) -> Blocked:
        return Blocked(
            component=contract.component,
            by=by,
            reason=reason,
            phase=contract.phase,
            severity=contract.severity,
            impact=contract.impact,
        )
