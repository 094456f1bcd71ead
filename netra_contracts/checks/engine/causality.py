"""Which findings follow from which: one fault, one root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Context
from netra_contracts.checks.engine.exception_text import hidden_error
from netra_contracts.checks.engine.stage_check import StageCheck
from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Finding
from netra_contracts.protocol.failures import FailureKind, StageFailure

_STARTING = frozenset([f"NC{number}" for number in (*range(101, 110), 113, 114, 116)])


_STARTUP = ("NC2", "NC3")
_SHARING = ("NC401", "NC402", "NC403")
#: What users meet, and what follows from it: an event that went to somebody else is missing where it belongs.
_MET = frozenset(["NC501", "NC502", "NC503", "NC504", "NC505", "NC508", "NC509"])
_FROM_FOREIGN = frozenset(["NC501", "NC502", "NC505", "NC508", "NC509"])
_DEAD = frozenset(["NC105", "NC107"])
_OF_A_TYPE = frozenset(["NC204", "NC205", "NC206"])


def link_causes(findings: Sequence[Finding], context: Context) -> tuple[Finding, ...]:
    """Findings with `caused_by` filled in, gravest and earliest first, each followed by its consequences."""
    causes = _causes(findings, context)
    found = [
        finding.model_copy(update={"caused_by": causes[position]}) if position in causes else finding
        for position, finding in enumerate(findings)
    ]
    roots = sorted((finding for finding in found if not finding.caused_by), key=_rank)
    following: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.caused_by:
            following.setdefault(finding.caused_by, []).append(finding)
    ordered: list[Finding] = []
    pending = roots[::-1]
    while pending:
        finding = pending.pop()
        ordered.append(finding)
        pending.extend(sorted(following.pop(finding.fingerprint, []), key=_rank, reverse=True))
    return (*ordered, *(finding for rest in following.values() for finding in rest))


def _rank(finding: Finding) -> tuple[int, bool, int, str, str]:
    position = finding.phase.position if finding.phase else len(Phase)
    return finding.severity.rank, finding.code not in _STARTING, position, finding.code, finding.component


def _causes(findings: Sequence[Finding], context: Context) -> dict[int, str]:
    """Position of a finding -> fingerprint of the one it follows from."""
    found: dict[int, str] = {}
    reads = {finding.component: position for position, finding in enumerate(findings) if finding.code == "NC306"}
    stages = [
        position for position, finding in enumerate(findings) if finding.code in _STARTING or finding.code == "NC110"
    ]
    first = _first(context, [findings[position] for position in stages])
    for position in stages:
        if first is not None and findings[position] is not first and not _independent(findings[position], first):
            found[position] = first.fingerprint
    if first is not None and not context.started:
        found.update(
            {position: first.fingerprint for position, finding in enumerate(findings) if finding.code == "NC602"}
        )
    _link_mounts(findings, found)
    _link_components(findings, context, found)
    _link_to_phases(findings, context, found)
    _link_users(findings, context, found)
    _link_reads(findings, reads, context, found)
    missing = {finding.component: finding for finding in findings if finding.code == "NC201"}
    for name, position in reads.items():
        if name in missing:
            found.setdefault(position, missing[name].fingerprint)
    return found


def _link_users(findings: Sequence[Finding], context: Context, found: dict[int, str]) -> None:
    """What users meet follows from a dead process, from instances not kept apart, and that from a broken startup."""
    dead = [one for one in findings if one.code in _DEAD and one.subject == "live"]
    startup = [one for one in findings if one.code.startswith(_STARTUP) and one.severity is Severity.ERROR]
    users = [one for one in findings if one.code.startswith("NC4")]
    foreign = [one for one in findings if one.code == "NC504"]
    for position, finding in enumerate(findings):
        roots: list[Finding] = []
        if finding.code in _MET:
            roots = [*dead, *startup, *users, *(foreign if finding.code in _FROM_FOREIGN else ())]
        elif finding.code == "NC404":
            roots = [one for one in users if one.code in _SHARING and _is_what_grows(one, finding)]
        elif finding.code == "NC405":
            roots = startup
        elif finding.code == "NC507":
            roots = [one for one in users if one.component in _required_by(finding.subject, context)]
            roots += [one for one in findings if one.code == "NC507" and finding.subject.startswith("/")]
        if roots and roots[0] is not finding:
            found.setdefault(position, roots[0].fingerprint)


def _is_what_grows(shared: Finding, kept: Finding) -> bool:
    """Whether an instance is kept since it is everybody's, or by the attribute that everybody shares."""
    if shared.component != kept.component:
        return False
    return shared.code == "NC401" or _last_attribute(shared.subject) == _last_attribute(kept.subject)


def _last_attribute(path: str) -> str:
    """`_log` of `engine._log`, and of `factory._log[]`."""
    return path.partition("[")[0].rpartition(".")[2]


def _required_by(check: str, context: Context) -> tuple[str, ...]:
    """The components that one of the application's own checks requires."""
    return next((run.requires for run in context.observation.checks if run.name == check), ())


def _link_to_phases(findings: Sequence[Finding], context: Context, found: dict[int, str]) -> None:
    """A startup that fails after a marked phase whose contracts were broken fails for that: it came first."""
    if context.started:
        return
    broken = [
        one
        for one in findings
        if one.code.startswith("NC2") and one.severity is Severity.ERROR and _judged_at_mark(one, context)
    ]
    broken += [one for one in findings if one.code == "NC303" and _judged_at_mark(one, context)]
    for position, finding in enumerate(findings):
        if broken and finding.code in ("NC108", "NC109"):
            found.setdefault(position, broken[0].fingerprint)


def _judged_at_mark(finding: Finding, context: Context) -> bool:
    contract = context.by_component.get(finding.component)
    return contract is not None and context.moment(contract) != "startup"


def _link_components(findings: Sequence[Finding], context: Context, found: dict[int, str]) -> None:
    """An object of a wrong type lacks methods for that; a wire leads elsewhere as what it leads to came late."""
    types = {one.component: one for one in findings if one.code in ("NC203", "NC207")}
    late = {one.component: one for one in findings if one.code in ("NC301", "NC302")}
    for position, finding in enumerate(findings):
        contract = context.by_component.get(finding.component)
        if finding.code in _OF_A_TYPE and finding.component in types:
            found.setdefault(position, types[finding.component].fingerprint)
        elif finding.code == "NC303" and contract is not None:
            other = contract.wires.get(finding.subject, "")
            if other in late:
                found.setdefault(position, late[other].fingerprint)


def _link_mounts(findings: Sequence[Finding], found: dict[int, str]) -> None:
    """What is missing in a mounted application whose lifespan never ran is missing for that reason."""
    mounts = {finding.subject: finding.fingerprint for finding in findings if finding.code == "NC112"}
    for position, finding in enumerate(findings):
        prefix, colon, _ = finding.component.rpartition(":")
        if colon and prefix in mounts and finding.code in ("NC201", "NC202"):
            found[position] = mounts[prefix]


def _first(context: Context, findings: Sequence[Finding]) -> Finding | None:
    """The finding of the fault that came first. A shutdown's comes after all others, whatever its code."""
    order: dict[FailureKind, int] = {}
    for position, fault in enumerate(_all_faults(context)):
        order.setdefault(fault.kind, position)
    kinds = {check.code: check.kinds for check in CHECKS if isinstance(check, StageCheck)}

    def place(finding: Finding) -> tuple[bool, int]:
        return finding.code == "NC110", min((order[kind] for kind in kinds[finding.code] if kind in order), default=0)

    return min(findings, key=place, default=None)


def _all_faults(context: Context) -> list[StageFailure]:
    return [fault for stage in context.observation.stages for fault in stage.faults]


def _independent(finding: Finding, first: Finding) -> bool:
    """A shutdown that fails after a startup that went well is a fault of its own."""
    return finding.code == "NC110" and first.code == "NC110"


def _link_reads(findings: Sequence[Finding], reads: Mapping[str, int], context: Context, found: dict[int, str]) -> None:
    """What a failed read ended follows from the read; a read that hid an earlier error follows from that."""
    faults = [*_all_faults(context)]
    faults += [dead.fault for dead in context.observation.dead]
    for fault in faults:
        event = context.by_seq.get(fault.read) if fault.read is not None else None
        read = reads.get(event.component) if event is not None else None
        if read is None:
            continue
        hidden = hidden_error(fault)
        place = fault.location if hidden is None else fault.chain[hidden].location or fault.location
        ended = [
            position
            for position, finding in enumerate(findings)
            if finding.location == place and finding.code in ("NC103", "NC104", "NC108", "NC109", "NC110", "NC601")
        ]
        for position in ended:
            if hidden is None:
                found.setdefault(position, findings[read].fingerprint)
            else:
                found[read] = findings[position].fingerprint
