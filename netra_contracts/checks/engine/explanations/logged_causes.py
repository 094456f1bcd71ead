"""What the application logged, as causes of findings that nothing else explains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.explanations.exception_text import one_line
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.address import last_name
from netra_contracts.protocol.observed.observation import LoggedMessage

_MOST_MESSAGES = 3
_GRAVE = frozenset(["ERROR", "CRITICAL", "FATAL"])


def with_logged_messages(findings: Iterable[Finding], found: Findings, context: Context) -> Iterator[Finding]:
    """Findings that follow from no other, with up to three messages from the log as causes, if their check lists them.

    Args:
        findings: linked to their causes.
        found: the same, with their checks.
        context: the evidence.
    """
    for finding in findings:
        causes = _causes(finding, context) if _lists_log(found.check_of(finding), finding) else ()
        yield finding.model_copy(update={"causes": (*finding.causes, *causes)}) if causes else finding


def _lists_log(check: Check | None, finding: Finding) -> bool:
    if check is None or check.lists_log == "never" or finding.caused_by or finding.severity is Severity.NOTE:
        return False
    return check.lists_log == "always" or not check.is_explained(finding)


def _causes(finding: Finding, context: Context) -> tuple[Cause, ...]:
    """The messages that explain a finding best: those that name the component, then the most severe, then the first."""
    name = last_name(finding.component).lower()

    def rank(message: LoggedMessage) -> tuple[bool, bool, bool]:
        function = message.location.function if message.location is not None else ""
        named = bool(name) and name in f"{message.template} {message.logger} {function}".lower()
        return not named, message.level not in _GRAVE, not message.exception

    best = sorted(context.observation.log, key=rank)[:_MOST_MESSAGES]
    return tuple(map(_cause, sorted(best, key=lambda message: message.ms)))


def _cause(message: LoggedMessage) -> Cause:
    text = message.text or message.template
    template = f": {one_line(text)}" if text else ""
    exception = f" ({message.exception})" if message.exception else ""
    times = f", {message.count} times" if message.count > 1 else ""
    words = f"`{message.logger}` logged {message.level}{template}{exception}{times}"
    return Cause(message=words, location=message.location, ms=message.ms)
