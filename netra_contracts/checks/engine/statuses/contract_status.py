"""The status of each contract of a run. Totals, phases, components and the exit status derive from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Blocked, Finding, NotRun

ContractStatus = Literal["held", "broken", "blocked", "not_run"]


class ContractStatuses(NamedTuple):
    """One status for each contract that the run judges.

    Attributes:
        by_component: the status of the contract of each component.
        blocked: an entry for each contract with the status `blocked`.
        not_run: why contracts have the status `not_run`, where no selected check says so.
    """

    by_component: Mapping[str, ContractStatus]
    blocked: tuple[Blocked, ...]
    not_run: tuple[NotRun, ...]


def contract_statuses(
    context: Context, checks: Mapping[str, Check], results: Sequence[Result], left_out: Iterable[Result]
) -> ContractStatuses:
    """Decide the status of each contract.

    A contract holds only if the moment at which it is judged was reached, every required check was run, and none
    found it broken. Results of checks that are not selected leave it unknown.

    Args:
        context: the evidence.
        checks: by code.
        results: of the checks that are selected.
        left_out: of the checks that are not.
    """
    broken = {result.component for result in results if isinstance(result, Finding) and _breaks(result, checks)}
    missed = {entry.component for entry in _unanswered(results, checks)}
    failed = any(
        isinstance(entry, NotRun) and not entry.component and not entry.subject and _judges_contracts(entry, checks)
        for entry in results
    )
    reasons = _reasons(left_out, checks)
    statuses: dict[str, ContractStatus] = {}
    blocked: list[Blocked] = []
    not_run: list[NotRun] = []
    for contract in context.contracts.in_scope:
        name = contract.component
        blocker = context.blocking.blocked.get(name) or context.blocking.unreached(contract)
        if name in broken:
            statuses[name] = "broken"
        elif blocker is not None:
            statuses[name] = "blocked"
            blocked.append(blocker)
        elif name in missed or failed:
            statuses[name] = "not_run"
        elif name in reasons or context.statuses.of(name) not in ("present", "absent"):
            statuses[name] = "not_run"
            not_run.append(reasons.get(name) or _unreported(context, contract))
        else:
            statuses[name] = "held"
    return ContractStatuses(statuses, tuple(blocked), tuple(not_run))


def _breaks(finding: Finding, checks: Mapping[str, Check]) -> bool:
    return finding.code not in checks or checks[finding.code].breaks_contract


def _judges_contracts(entry: NotRun, checks: Mapping[str, Check]) -> bool:
    return entry.code in checks and checks[entry.code].family.judges_contracts


def _unanswered(results: Iterable[Result], checks: Mapping[str, Check]) -> Iterator[NotRun]:
    """What required checks could not judge of one component."""
    for result in results:
        if isinstance(result, NotRun) and result.component and result.code in checks and checks[result.code].required:
            yield result


def _reasons(left_out: Iterable[Result], checks: Mapping[str, Check]) -> Mapping[str, NotRun]:
    """By component, why nothing is known of its contract: a check that is not selected has a result about it."""
    found: dict[str, NotRun] = {}
    results = list(left_out)
    for entry in _unanswered(results, checks):
        found.setdefault(entry.component, entry)
    for result in results:
        if isinstance(result, Finding) and _breaks(result, checks):
            reason = f"{result.code} is left out by `select` or `ignore`"
            found[result.component] = NotRun(code=result.code, component=result.component, reason=reason)
    return found


def _unreported(context: Context, contract: ComponentContract) -> NotRun:
    status = context.statuses.of(contract.component).replace("_", " ")
    return NotRun(code="", component=contract.component, reason=f"no check of this run reports that it is {status}")
