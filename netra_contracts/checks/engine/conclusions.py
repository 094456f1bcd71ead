"""Whether a check came to a conclusion in a run: only then does the absence of a finding say that it was fixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.received_events import ReceivedEvents
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.declare import Phase
from netra_contracts.model.finding import NotRun
from netra_contracts.model.suppression import Suppression, in_utf8

#: Outcomes of a shutdown after which nothing else would have been observed.
_COMPLETE = ("ok", "unsupported", "skipped", "failed")


class Conclusions:
    """What the checks of a run came to a conclusion about. What is not known counts as no conclusion.

    Args:
        context: the evidence.
        checks: those that judged, by code.
        not_run: what could not be judged.
        selected: which codes are wanted.
    """

    def __init__(
        self,
        context: Context,
        checks: Mapping[str, Check],
        not_run: Iterable[NotRun],
        selected: Callable[[str], bool],
    ) -> None:
        self._context = context
        self._checks = checks
        self._selected = selected
        self._not_run: defaultdict[str, list[NotRun]] = defaultdict(list)
        for entry in not_run:
            self._not_run[entry.code].append(entry)
        self._is_cut = context.until not in (None, Phase.READINESS)
        self._is_complete = context.evidence.unfinished_stage is None
        self._is_whole = self._is_complete and _is_whole(context)
        self._examinable = {in_utf8(contract.component) for contract in context.blocking.examinable}
        self._contracts = {in_utf8(name): contract for name, contract in context.contracts.by_component.items()}
        self._in_scope = {in_utf8(contract.component) for contract in context.contracts.in_scope}

    def covers(self, entry: Suppression) -> bool:
        """Whether each finding that an entry means would have been reported, if there were one."""
        checks = self.checks_of(entry)
        return bool(checks) and all(self._concluded(check, entry) for check in checks)

    def checks_of(self, entry: Suppression) -> Sequence[Check]:
        """The checks whose codes an entry names."""
        if entry.source == "baseline":
            return [self._checks[entry.code]] if entry.code in self._checks else []
        return [check for code, check in self._checks.items() if code.startswith(entry.code)]

    def _concluded(self, check: Check, entry: Suppression) -> bool:
        is_reached = self._is_whole if check.observes_whole_run else self._is_complete
        if not (self._selected(check.code) and is_reached and check.concludes(self._context, entry.component)):
            return False
        if self._is_unanswered(check, entry):
            return False
        if not entry.component:
            return self._judged_all(check, anywhere=entry.component is None)
        return self._judged(check, entry.component)

    def _is_unanswered(self, check: Check, entry: Suppression) -> bool:
        """Whether something that a finding may have come from was not run."""
        if any(_concerns(missed, entry) for missed in self._not_run[check.code]):
            return True
        shared = (missed for other in check.judges_questions_of for missed in self._not_run[other.code])
        return any(_is_about(missed, entry.component) for missed in shared)

    def _judged_all(self, check: Check, *, anywhere: bool) -> bool:
        """Whether a check judged what belongs to no component, and (`anywhere`) every component."""
        if self._is_cut:
            return False
        return not anywhere or all(self._judged(check, name) for name in self._contracts)

    def _judged(self, check: Check, component: str) -> bool:
        contract = self._contracts.get(component)
        if contract is None:  # it is judged by what was observed, perhaps for a contract of a later phase
            return not self._is_cut
        if component not in self._in_scope or self._is_blocked(contract):
            return False
        if self._context.statuses.of(contract.component) in ("unknown", "unreached"):
            return False
        return not check.examines_component or component in self._examinable

    def _is_blocked(self, contract: ComponentContract) -> bool:
        blocking = self._context.blocking
        return contract.component in blocking.blocked or blocking.unreached(contract) is not None


def _concerns(missed: NotRun, entry: Suppression) -> bool:
    """Whether what could not be judged may have led to a finding that an entry means."""
    about = in_utf8(missed.subject)
    # The subject of a finding may say more than the part of the check: `shop.checks:answers ValueError`.
    same_subject = not about or not entry.subject or _begins_with(entry.subject, about)
    return same_subject and _is_about(missed, entry.component)


def _begins_with(subject: str, part: str) -> bool:
    following = subject[len(part) : len(part) + 1]
    return subject.startswith(part) and not (following.isalnum() or following == "_")


def _is_about(missed: NotRun, component: str | None) -> bool:
    return component is None or in_utf8(missed.component) in ("", component)


def _is_whole(context: Context) -> bool:
    """Whether everything was observed that a run can observe: users, clients, and the shutdown."""
    shutdown = context.recording.stages.get("shutdown")
    if shutdown is None or shutdown.outcome not in _COMPLETE:
        return False
    if context.recording.events_contract is not None and not _were_clients_served(context):
        return False
    tested = {result.component for result in context.observation.isolation if not result.skipped}
    return all(contract.component in tested for contract in context.contracts.in_scope if contract.per_user is not None)


def _were_clients_served(context: Context) -> bool:
    events, clients = context.recording.events_contract, context.observation.clients
    if events is None or clients is None or clients.skipped:
        return False
    return not ReceivedEvents(events, clients).is_nobody_connected
