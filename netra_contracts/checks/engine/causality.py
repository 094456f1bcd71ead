"""Links findings to the findings they follow from, as their checks declare, and puts them in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.errors import describe_exception
from netra_contracts.model.finding import Finding, NotRun


class Linked(NamedTuple):
    """Findings with `caused_by`, each root followed by its consequences; and checks that could not say their causes."""

    findings: tuple[Finding, ...]
    not_run: tuple[NotRun, ...]


def link_causes(
    findings: Sequence[Finding],
    checks: Iterable[Check],
    context: Context,
    severity_of: Callable[[Finding], Severity] = lambda finding: finding.severity,
) -> Linked:
    """Fill in `caused_by` and order the findings.

    What a check says of its own findings (`follows_from`) precedes what others say of them (`leads_to`). The first
    cause wins. A cause that would close a cycle is left out.

    Args:
        findings: in the order of their checks.
        checks: those that reported them.
        context: the evidence.
        severity_of: the severity that a finding is reported with; what follows from what does not depend on it.
    """
    links = _Links(Findings(findings, checks), context)
    for finding in findings:
        for cause in links.ask(finding, lambda check: check.follows_from):
            if links.add(finding, cause):
                break
    for finding in findings:
        for consequence in links.ask(finding, lambda check: check.leads_to):
            links.add(consequence, finding)
    linked = [
        _updated(finding, links.causes.get(finding.fingerprint, ""), severity_of(finding)) for finding in findings
    ]
    return Linked(in_order(linked, links.found), tuple(links.not_run))


def _updated(finding: Finding, caused_by: str, severity: Severity) -> Finding:
    if not caused_by and severity is finding.severity:
        return finding
    return finding.model_copy(update={"caused_by": caused_by, "severity": severity})


#: One of the two functions by which a check declares causes.
_Declaration = Callable[[Finding, Findings, Context], Iterable[Finding]]


class _Links:
    """Fingerprint of a finding -> fingerprint of the one it follows from."""

    def __init__(self, found: Findings, context: Context) -> None:
        self.found = found
        self.causes: dict[str, str] = {}
        self.not_run: list[NotRun] = []
        self._context = context

    def ask(self, finding: Finding, declaration: Callable[[Check], _Declaration]) -> Iterable[Finding]:
        """What the check of a finding declares; a check of a plugin may fail, and is reported."""
        check = self.found.check_of(finding)
        if check is None:
            return ()
        try:
            return list(declaration(check)(finding, self.found, self._context))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a check may be a plugin's, and raise `SystemExit`
            reason = f"the check itself failed to link its finding: {describe_exception(error)}"
            self.not_run.append(NotRun(code=check.code, reason=reason, required=True))
            return ()

    def add(self, finding: Finding, cause: Finding) -> bool:
        """Link a finding to its cause. False if it has one, or would become a cause of itself."""
        name, root = finding.fingerprint, cause.fingerprint
        if name in self.causes or name in self._chain(root):
            return False
        self.causes[name] = root
        return True

    def _chain(self, name: str) -> list[str]:
        """A finding, what it follows from, and so on to its root."""
        chain = [name]
        while chain[-1] in self.causes:
            chain.append(self.causes[chain[-1]])
        return chain


def in_order(findings: Sequence[Finding], found: Findings) -> tuple[Finding, ...]:
    """Roots by severity and phase, each followed by its consequences.

    Args:
        findings: with their causes.
        found: knows their checks.
    """

    def rank(finding: Finding) -> tuple[int, bool, int, str, str]:
        check = found.check_of(finding)
        later = check is None or not check.reported_first
        position = finding.phase.position if finding.phase else len(Phase)
        return finding.severity.rank, later, position, finding.code, finding.component

    roots = sorted((finding for finding in findings if not finding.caused_by), key=rank)
    following: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.caused_by:
            following.setdefault(finding.caused_by, []).append(finding)
    ordered: list[Finding] = []
    pending = roots[::-1]
    while pending:
        finding = pending.pop()
        ordered.append(finding)
        pending.extend(sorted(following.pop(finding.fingerprint, []), key=rank, reverse=True))
    return (*ordered, *(finding for rest in following.values() for finding in rest))
