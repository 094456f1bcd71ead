"""The base class of checks of per-user isolation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import NotRun
from netra_contracts.protocol.observed.isolation import IsolationResult


class IsolationCheck(Check):
    """A check of the objects that are reachable from the instances of several users."""

    severity = Severity.WARNING
    after_startup = True
    examines_component = True

    def judge(self, context: Context) -> Iterable[Result]:
        """Findings for each component with a `per-user` contract, or why there can be none."""
        results = {isolation.component: isolation for isolation in context.observation.isolation}
        for contract in context.blocking.examinable:
            if contract.per_user is None:
                continue
            isolation = results.get(contract.component)
            reason = self._reason_not_run(isolation)
            if isolation is None or reason:
                yield NotRun(code=self.code, component=contract.component, reason=reason)
            else:
                yield from self._of(contract, isolation)

    def _reason_not_run(self, isolation: IsolationResult | None) -> str:
        if isolation is None:
            return "no instances were created: isolation is tested by `check` only, on a target that started"
        if isolation.skipped:
            return isolation.skipped
        return self._missing(isolation)

    def _missing(self, isolation: IsolationResult) -> str:
        """Why the observation is not sufficient for this check; "" if it is."""
        if isolation.users < 2:
            return f"instances were created for {isolation.users} of at least 2 users"
        return ""

    @abstractmethod
    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Result]:
        """Findings from what was observed, or what was not observed."""


def creator_of(contract: ComponentContract) -> str:
    """The method that creates an instance, for a sentence."""
    create = contract.per_user.create if contract.per_user else ""
    return f"`{contract.component}.{create}`"


def share_of_users(count: int, of: int) -> str:
    """`both users`, `3 of 10 users`."""
    return "both users" if count == of == 2 else f"{count} of {of} users"


def count_more(count: int, what: str) -> str:
    """`1 more user`, `9 more users`."""
    return f"{count} more {what}{'s' if count > 1 else ''}"


def count_of(count: int, what: str) -> str:
    """`1 instance`, `9 instances`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def class_name(kind: str) -> str:
    """A class's name without its module."""
    return kind.rpartition(":")[2]
