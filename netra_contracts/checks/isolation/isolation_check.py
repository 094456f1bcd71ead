"""The base class of checks of per-user isolation."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.protocol.isolation import (
    IsolationResult,
)

INDEX = re.compile(r"\[\d+\]")


class IsolationCheck(Check):
    """One question about what the instances of several users reach."""

    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Result]:
        """Findings for each component with a `per-user` contract, or why there can be none."""
        found = {isolation.component: isolation for isolation in context.observation.isolation}
        for contract in context.blocking.examinable:
            if contract.per_user is None or not context.evidence.started:
                continue
            isolation = found.get(contract.component)
            reason = self._not_run(isolation)
            if isolation is None or reason:
                yield NotRun(code=self.code, component=contract.component, reason=reason)
            else:
                yield from self._of(contract, isolation)

    def _not_run(self, isolation: IsolationResult | None) -> str:
        if isolation is None:
            return "no instances were made for users: only `check` does that, on a target that runs"
        if isolation.skipped:
            return isolation.skipped
        return self._missing(isolation)

    def _missing(self, isolation: IsolationResult) -> str:
        """What this check lacks in an observation; "" if nothing."""
        if isolation.users < 2:
            return f"there was an instance for {isolation.users or 'no'} user: it takes two"
        return ""

    @abstractmethod
    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        """Findings from what was observed."""


def creator_of(contract: ComponentContract) -> str:
    create = contract.per_user.create if contract.per_user else ""
    return f"`{contract.component}.{create}`"


def share_of_users(count: int, of: int) -> str:
    return "both users" if count == of == 2 else f"{count} of {of} users"


def count_more(count: int, what: str) -> str:
    return f"{count} more {what}{'s' if count > 1 else ''}"


def class_name(kind: str) -> str:
    """A class's name without its module."""
    return kind.rpartition(":")[2]
