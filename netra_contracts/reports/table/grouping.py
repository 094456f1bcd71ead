"""Arranges findings: each root with what follows from it, so that one fault is told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from netra_contracts.model.finding import Blocked, Finding


@dataclass
class FindingGroup:
    """A finding that follows from no other that is shown, with its consequences and the contracts that it blocks."""

    finding: Finding
    consequences: list[Finding] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)


def group_by_root(
    findings: Sequence[Finding], blocked: Sequence[Blocked]
) -> tuple[list[FindingGroup], dict[str, list[Blocked]]]:
    """Roots in the order of the findings, and the blocked contracts that no root explains, by what blocks them.

    A finding whose cause is not among the findings, since its code is not selected, is a root here, and so is one of a
    circle: nothing is lost.
    """
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.fingerprint, finding)
    roots: dict[int, FindingGroup] = {}
    root_of: dict[str, FindingGroup] = {}
    for finding in findings:
        top = _top(finding, first)
        root = roots.setdefault(id(top), FindingGroup(top))
        if top is not finding:
            root.consequences.append(finding)
        if finding.component:
            root_of.setdefault(finding.component, root)
    unexplained: dict[str, list[Blocked]] = {}
    for entry in blocked:
        if entry.by in root_of:
            root_of[entry.by].blocked.append(entry)
        else:
            unexplained.setdefault(entry.by, []).append(entry)
    order = {id(finding): position for position, finding in enumerate(findings)}
    return sorted(roots.values(), key=lambda root: order[id(root.finding)]), unexplained


def _top(finding: Finding, first: Mapping[str, Finding]) -> Finding:
    """The finding at the end of the causes; of a circle, the finding itself."""
    seen = {id(finding)}
    top = finding
    while top.caused_by in first:
        top = first[top.caused_by]
        if id(top) in seen:
            return finding
        seen.add(id(top))
    return top
