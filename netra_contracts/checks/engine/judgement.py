"""From contracts to questions, and from evidence to findings. Pure functions, without input and output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.causality import link_causes
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.recording import Recording
from netra_contracts.protocol.plan import IsolationRequest, Plan, PlanItem, Question


class Judgement(NamedTuple):
    """What the checks found, each root before its consequences. `checks` are those that judged, by code."""

    findings: tuple[Finding, ...]
    blocked: tuple[Blocked, ...]
    not_run: tuple[NotRun, ...]
    context: Context
    checks: Mapping[str, Check]


def plan(
    contracts: Iterable[ComponentContract],
    check_modules: Sequence[str] = (),
    checks: Sequence[Check] = CHECKS,
) -> Plan:
    """The questions that checks have about contracts, each once, and the requests of isolation tests.

    Args:
        contracts: of components.
        check_modules: modules with the application's phase checks.
        checks: those that ask.
    """
    items: dict[PlanItem, None] = {}
    per_user = []
    for contract in contracts:
        if contract.per_user is not None:
            per_user.append(IsolationRequest(contract.component, **contract.per_user.model_dump()))
        phase = contract.phase.value if contract.phase else None
        for check in checks:
            for question in _asked_by(check, contract):
                items[PlanItem(question, phase)] = None
    return Plan(tuple(items), tuple(check_modules), tuple(per_user))


def _asked_by(check: Check, contract: ComponentContract) -> list[Question]:
    """One check's questions. One that cannot ask finds no answer when it judges, and is not run."""
    try:
        return list(check.ask(contract))
    except Exception:  # noqa: BLE001 - a check may be a plugin's
        return []


def judge(
    recording: Recording,
    checks: Sequence[Check] = CHECKS,
    until: Phase | None = None,
    selected: Callable[[str], bool] = lambda code: True,
) -> Judgement:
    """Judge a recording.

    Args:
        recording: contracts and evidence.
        checks: those that judge.
        until: judge no later phase.
        selected: which codes are wanted.
    """
    context = Context.of(recording, until)
    results: list[Result] = []
    for check in checks:
        if selected(check.code):
            results.extend(_judged_by(check, context))
    findings = [result for result in results if isinstance(result, Finding)]
    not_run = [result for result in results if isinstance(result, NotRun)]
    linked = link_causes(findings, checks, context)
    return Judgement(
        findings=linked.findings,
        blocked=tuple(context.blocking.blocked.values()),
        not_run=(*not_run, *linked.not_run),
        context=context,
        checks={check.code: check for check in checks},
    )


def _judged_by(check: Check, context: Context) -> list[Result]:
    """One check's results. If the check itself fails, that is a result too, and the other checks still run."""
    found: list[Result] = []
    try:
        found.extend(check.judge(context))
    except Exception as error:  # noqa: BLE001 - a check may be a plugin's
        found.append(NotRun(code=check.code, reason=f"the check itself failed: {type(error).__name__}: {error}"))
    return found
