"""From contracts to questions, and from evidence to findings. Pure functions, without input and output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.causality import link_causes
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.explanations.logged_causes import with_logged_messages
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.stage_check import first_failure
from netra_contracts.checks.engine.statuses.contract_status import ContractStatus, contract_statuses
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.declare import Phase
from netra_contracts.errors import describe_exception, exits_as_errors
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.recording import Recording
from netra_contracts.model.suppression import StaleSuppression, Suppressed
from netra_contracts.protocol.plan import IsolationRequest, Plan, PlanItem, Question


class Judgement(NamedTuple):
    """What the checks found, each root before its consequences.

    Attributes:
        findings: of the codes that are selected.
        blocked: contracts that cannot hold because of something else.
        not_run: what could not be judged.
        context: the evidence.
        checks: those that judged, by code.
        statuses: of the contracts, by component.
        suppressed: known findings, which entries suppress; they are not among `findings`.
        stale: entries of these that have expired, or that match nothing.
    """

    findings: tuple[Finding, ...]
    blocked: tuple[Blocked, ...]
    not_run: tuple[NotRun, ...]
    context: Context
    checks: Mapping[str, Check]
    statuses: Mapping[str, ContractStatus]
    suppressed: tuple[Suppressed, ...] = ()
    stale: tuple[StaleSuppression, ...] = ()


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
    imports: dict[str, None] = {}
    per_user = []
    for contract in contracts:
        if contract.per_user is not None:
            per_user.append(IsolationRequest(contract.component, **contract.per_user.model_dump()))
        phase = contract.phase.value if contract.phase and not contract.is_judged_after_startup else None
        imports.update(dict.fromkeys(contract.modules if contract.imports else ()))
        for question in questions(contract, checks):
            items[PlanItem(question, phase)] = None
    return Plan(tuple(items), tuple(check_modules), tuple(per_user), imports=tuple(imports))


def questions(contract: ComponentContract, checks: Sequence[Check] = CHECKS) -> Iterator[Question]:
    """The questions that checks have about a contract.

    Args:
        contract: of a component.
        checks: those that ask.
    """
    for check in checks:
        if type(check).ask is not Check.ask:  # most checks have no questions
            yield from _asked_by(check, contract)


def _asked_by(check: Check, contract: ComponentContract) -> list[Question]:
    """One check's questions. One that cannot ask finds no answer when it judges, and is not run."""
    try:
        return list(check.ask(contract))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - a check may be a plugin's, and raise `SystemExit`
        return []


def judge(
    recording: Recording,
    checks: Sequence[Check] = CHECKS,
    until: Phase | None = None,
    selected: Callable[[str], bool] | None = None,
    severity_of: Callable[[Finding], Severity] = lambda finding: finding.severity,
) -> Judgement:
    """Judge a recording.

    Args:
        recording: contracts and evidence.
        checks: those that judge.
        until: judge no later phase.
        selected: which codes are wanted; None: those of checks that are not off by default.
        severity_of: the severity that a finding is reported with.
    """
    context = Context.of(recording, until)
    by_code = {check.code: check for check in checks}
    results: list[Result] = []
    left_out: list[Result] = []
    for check in checks:
        wanted = selected(check.code) if selected is not None else not check.off_by_default
        (results if wanted else left_out).extend(_judged_by(check, context))
    statuses = contract_statuses(context, by_code, results, left_out)
    findings = [result for result in results if isinstance(result, Finding)]
    linked = link_causes(findings, checks, context, severity_of)
    not_run = [_with_requirement(result, by_code, context) for result in results if isinstance(result, NotRun)]
    found = Findings(linked.findings, checks)
    return Judgement(
        findings=tuple(with_logged_messages(linked.findings, found, context)),
        blocked=_with_findings(statuses.blocked, found, context),
        not_run=(*not_run, *statuses.not_run, *linked.not_run),
        context=context,
        checks=by_code,
        statuses=statuses.by_component,
    )


def _with_requirement(entry: NotRun, checks: Mapping[str, Check], context: Context) -> NotRun:
    """An entry that says whether a contract asks for what was not run. A check that itself failed always counts."""
    check = checks.get(entry.code)
    required = entry.required or (check is not None and check.is_required(entry, context))
    return entry.model_copy(update={"required": required}) if required else entry


def _with_findings(blocked: Iterable[Blocked], findings: Findings, context: Context) -> tuple[Blocked, ...]:
    """Entries with the finding that explains them: on the component that they name, or on the stage that failed."""
    failed = context.evidence.failed_stage
    stage = first_failure(findings, context) if failed is not None else None

    def explained(entry: Blocked) -> Blocked:
        finding = next(findings.where(lambda check: check.breaks_contract, entry.by), None)
        if finding is None and failed is not None and entry.by == failed.name:
            finding = stage
        return entry if finding is None else entry.model_copy(update={"finding": finding.fingerprint})

    return tuple(map(explained, blocked))


def _judged_by(check: Check, context: Context) -> list[Result]:
    """One check's results. If the check itself fails, that is a result too, and the other checks still run."""
    found: list[Result] = []
    if check.after_startup and not context.evidence.started:
        return found
    try:
        with exits_as_errors():
            found.extend(check.judge(context))
    except Exception as error:  # noqa: BLE001 - a check may be a plugin's
        reason = f"the check itself failed: {describe_exception(error)}"
        found.append(NotRun(code=check.code, reason=reason, required=True))
    return found
