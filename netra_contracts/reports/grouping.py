"""Groups what belongs together, so that one fault is reported once: consequences, and checks that were not run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from netra_contracts.model.finding import Blocked, Finding, NotRun


@dataclass
class FindingGroup:
    """A finding that is not a consequence of another one shown, with its consequences and the contracts it blocks."""

    finding: Finding
    consequences: list[Finding] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)


def group_by_root(
    findings: Sequence[Finding], blocked: Sequence[Blocked]
) -> tuple[list[FindingGroup], dict[str, list[Blocked]]]:
    """Return the groups in the order of the findings, and the blocked contracts that no group explains, by blocker.

    A finding whose cause is not among the findings, because its code is not selected, is a root here. So is a finding
    that is part of a cycle.
    """
    tops = _tops(findings)
    roots: dict[int, FindingGroup] = {}
    group_of: dict[str, FindingGroup] = {}
    for finding in findings:
        top = tops[id(finding)]
        root = roots.setdefault(id(top), FindingGroup(top))
        if top is not finding:
            root.consequences.append(finding)
        group_of[finding.fingerprint] = root
    unexplained: dict[str, list[Blocked]] = {}
    for entry in blocked:
        if entry.finding in group_of:
            group_of[entry.finding].blocked.append(entry)
        else:
            unexplained.setdefault(entry.by, []).append(entry)
    order = {id(finding): position for position, finding in enumerate(findings)}
    return sorted(roots.values(), key=lambda root: order[id(root.finding)]), unexplained


def _tops(findings: Sequence[Finding]) -> dict[int, Finding]:
    """Return the last finding of each finding's chain of causes, by its identity; in a cycle, the finding itself."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.fingerprint, finding)
    tops: dict[int, Finding | None] = {}
    for finding in findings:
        chain: dict[int, Finding] = {}
        step: Finding | None = finding
        while step is not None and id(step) not in tops and id(step) not in chain:
            chain[id(step)] = step
            step = first.get(step.caused_by)
        top = next(reversed(chain.values())) if step is None else tops.get(id(step))  # None: it leads into a cycle
        tops.update(dict.fromkeys(chain, top))
    return {id(finding): tops[id(finding)] or finding for finding in findings}


def merge_not_run(not_run: Sequence[NotRun]) -> list[str]:
    """Return a line for each reason and component, with all codes that it applies to, and their subjects."""
    codes: dict[tuple[str, str, str], list[str]] = {}
    for entry in not_run:
        codes.setdefault((entry.component, entry.subject, entry.reason), []).append(entry.code)
    subjects: dict[tuple[str, str, str], list[str]] = {}
    for (component, subject, reason), found in codes.items():
        subjects.setdefault((", ".join(filter(None, dict.fromkeys(found))), component, reason), []).append(subject)
    return [
        f"{found}{f' `{component}`' if component else ''}{f' ({about})' if about else ''}: {reason}"
        for (found, component, reason), names in subjects.items()
        for about in (", ".join(filter(None, names)),)
    ]
