"""Which findings follow from which: one fault, one root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netra_contracts import wire
from netra_contracts.checks import lifespan, loading
from netra_contracts.checks.base import Context
from netra_contracts.checks.lifespan import hidden_error
from netra_contracts.checks.loading import StageCheck
from netra_contracts.declare import Phase
from netra_contracts.model.contract import Severity
from netra_contracts.model.finding import Finding

_STARTING = frozenset([f"NC{number}" for number in (*range(101, 110), 113, 114, 116)])


_STARTUP = ("NC2", "NC3")
_SHARING = ("NC401", "NC402", "NC403")
_MET = frozenset(["NC404", "NC405", "NC501", "NC502", "NC503", "NC504", "NC505", "NC508", "NC509"])


def linked(findings: Sequence[Finding], context: Context) -> tuple[Finding, ...]:
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
    _link_users(findings, found)
    _link_reads(findings, reads, context, found)
    missing = {finding.component: finding for finding in findings if finding.code == "NC201"}
    for name, position in reads.items():
        if name in missing:
            found.setdefault(position, missing[name].fingerprint)
    return found


def _link_users(findings: Sequence[Finding], found: dict[int, str]) -> None:
    """What users meet follows from instances that are not kept apart, and that from a startup that is broken."""
    startup = [
        finding for finding in findings if finding.code.startswith(_STARTUP) and finding.severity is Severity.ERROR
    ]
    sharing = [finding for finding in findings if finding.code in _SHARING]
    foreign = [finding for finding in findings if finding.code == "NC504"]
    for position, finding in enumerate(findings):
        if finding.code not in _MET:
            continue
        roots = [root for root in _roots_of(finding, startup, sharing, foreign) if root is not finding]
        if roots:
            found.setdefault(position, roots[0].fingerprint)


def _roots_of(
    finding: Finding, startup: list[Finding], sharing: list[Finding], foreign: list[Finding]
) -> list[Finding]:
    if finding.code == "NC404":  # kept by what is shared
        return [root for root in sharing if root.component == finding.component]
    if finding.code == "NC405":
        return startup
    return [*startup, *sharing, *(foreign if finding.code == "NC501" else ())]


def _link_mounts(findings: Sequence[Finding], found: dict[int, str]) -> None:
    """What is missing in a mounted application whose lifespan never ran is missing for that reason."""
    mounts = {finding.subject: finding.fingerprint for finding in findings if finding.code == "NC112"}
    for position, finding in enumerate(findings):
        prefix, colon, _ = finding.component.rpartition(":")
        if colon and prefix in mounts and finding.code in ("NC201", "NC202"):
            found[position] = mounts[prefix]


def _first(context: Context, findings: Sequence[Finding]) -> Finding | None:
    """The finding of the fault that came first. A shutdown's comes after all others, whatever its code."""
    order: dict[wire.FaultKind, int] = {}
    for position, fault in enumerate(_all_faults(context)):
        order.setdefault(fault.kind, position)
    kinds = {check.code: check.kinds for check in (*loading.CHECKS, *lifespan.CHECKS) if isinstance(check, StageCheck)}

    def place(finding: Finding) -> tuple[bool, int]:
        return finding.code == "NC110", min((order[kind] for kind in kinds[finding.code] if kind in order), default=0)

    return min(findings, key=place, default=None)


def _all_faults(context: Context) -> list[wire.Fault]:
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
