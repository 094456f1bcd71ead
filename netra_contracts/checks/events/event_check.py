"""The base class of checks of what clients received."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.explanations import exception_hints
from netra_contracts.checks.engine.explanations.exception_text import one_line
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.received_events import (
    ReceivedEvents,
)
from netra_contracts.checks.isolation.family import ISOLATION
from netra_contracts.checks.lifecycle.process_end import ProcessDied, TargetExited
from netra_contracts.contracts.model import DeliveryContract, Severity
from netra_contracts.model.finding import Cause, Finding, NotRun
from netra_contracts.protocol.observed.clients import ClientLog, Scenario, ScenarioName
from netra_contracts.protocol.stages import during

#: Scenarios in which each client must get all events of its runs.
COUNTED_SCENARIOS: tuple[ScenarioName, ...] = ("delivery", "burst")
#: Scenarios in which order and duplicates are judged.
REPEATING_SCENARIOS: tuple[ScenarioName, ...] = (*COUNTED_SCENARIOS, "reconnect")
_MAX_CAUSES = 3
#: Why checks of events were not run; NC511 says more.
_NOBODY = "no client could be connected"


class EventCheck(Check):
    """A check of what clients received."""

    severity = Severity.WARNING
    after_startup = True

    def judge(self, context: Context) -> Iterable[Result]:
        """Findings, or why there can be none."""
        contract = context.recording.events_contract
        if contract is None:
            return
        clients = context.observation.clients
        if clients is None or clients.skipped:
            reason = self._unserved(context) if clients is None else _NOBODY if clients.failed else clients.skipped
            yield NotRun(code=self.code, reason=reason)
            return
        received = ReceivedEvents(contract, clients)
        if received.is_nobody_connected:
            yield NotRun(code=self.code, reason=_NOBODY)
            return
        yield from self._of(received, context)

    def concludes(self, context: Context, component: str | None) -> bool:
        """Whether clients received all events of the contract: what some lack says nothing of the rest."""
        contract, clients = context.recording.events_contract, context.observation.clients
        if contract is None:
            return True
        if clients is None or clients.skipped:
            return False
        skipped = any(scenario.skipped for scenario in clients.scenarios if scenario.name in REPEATING_SCENARIOS)
        return not skipped and ReceivedEvents(contract, clients).is_delivery_complete

    def is_required(self, entry: NotRun, context: Context) -> bool:
        """The contract on events asks for it, unless clients were left out."""
        return self.required and context.recording.events_contract is not None and context.recording.live

    @staticmethod
    def _unserved(context: Context) -> str:
        ended = next((stage for stage in context.observation.stages if stage.outcome in ("died", "exited")), None)
        if ended is not None:
            return f"the process ended {during(ended.name)}"
        return "no users were served: events are tested by `check` only, on an application"

    @abstractmethod
    def _of(self, received: ReceivedEvents, context: Context) -> Iterator[Result]:
        """Findings from what clients received."""

    def _found(
        self,
        contract: DeliveryContract,
        message: str,
        *,
        subject: str,
        causes: Sequence[Cause] = (),
        hint: str = "",
    ) -> Finding:
        return self.finding(
            message,
            severity=contract.severity,
            subject=subject,
            causes=causes,
            impact=contract.impact,
            docs=contract.docs,
            hint=hint,
        )

    def _tried(self, received: ReceivedEvents, name: ScenarioName) -> tuple[Scenario | None, list[NotRun]]:
        """A scenario that was run, or why it cannot be judged."""
        scenario = received.scenarios.get(name)
        if scenario is None:
            return None, []
        if scenario.skipped:
            return None, [NotRun(code=self.code, subject=name, reason=scenario.skipped)]
        failed = next((client for client in scenario.clients if client.ended == "failed"), None)
        if failed is not None:
            return None, [NotRun(code=self.code, subject=name, reason=f"the client failed: {failed.error}")]
        if not received.is_delivery_complete:
            reason = "normal clients did not receive all events either"
            return None, [NotRun(code=self.code, subject=name, reason=reason)]
        return scenario, []

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """A process that ended while it served, broken contracts, and users that are not isolated from each other."""
        yield from (end for end in findings.of(TargetExited, ProcessDied) if end.subject.split(" ")[0] == "live")
        yield from findings.broken_contracts()
        yield from findings.of(ISOLATION)


def exceptions_while_serving(context: Context) -> tuple[Cause, ...]:
    """Exceptions that the application raised while users were served."""
    server = context.observation.server
    return tuple(
        Cause(message=f"raised while users were served: {one_line(failure.message)}", location=failure.location)
        for failure in (server.failures if server is not None else ())[:_MAX_CAUSES]
    )


def hint_from_exceptions(context: Context) -> str:
    """A hint for the first of these exceptions that there is one for."""
    server = context.observation.server
    return next(filter(None, map(exception_hints.hint_for, server.failures)), "") if server is not None else ""


def how_waiting_ended(client: ClientLog, contract: DeliveryContract) -> str:
    """How a client's wait for events ended, as the end of a sentence."""
    if client.ended == "closed":
        code = f" with code {client.close_code}" if client.close_code else ""
        return f"before the server closed the connection{code}"
    return "although the run ended" if client.ended == "done" else f"within {contract.deadline_s:g} s"
