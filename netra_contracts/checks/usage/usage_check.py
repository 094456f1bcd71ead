"""The base class of checks of the family NC7xx."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netra_contracts.checks.components.presence import ComponentMissing, ComponentNone
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.wording import short_location
from netra_contracts.checks.usage.family import USAGE
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import Cause, Finding, NotRun
from netra_contracts.protocol.location import Location

#: The end of the message of a cause that is a further line of the same fault.
ALSO = "here, too"
#: How many lines a finding names, after the first.
_MAX_LINES = 4


class UsageCheck(Check):
    """A check of what the sources say. It judges only a startup that succeeded."""

    family = USAGE
    severity = Severity.WARNING
    after_startup = True
    breaks_contract = False
    required = False

    def judge(self, context: Context) -> Iterable[Result]:
        """Findings, if the sources were read."""
        if context.uses.is_known:
            yield from self.judge_uses(context)

    def judge_uses(self, context: Context) -> Iterable[Result]:
        """What is wrong with the accesses of the sources."""
        return ()

    def concludes(self, context: Context, component: str | None) -> bool:
        """Whether the sources were read."""
        return context.uses.is_known

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What is wrong with the component itself."""
        return findings.of(ComponentMissing, ComponentNone, component=finding.component)

    def finding_about(self, context: Context, component: str, message: str, **more: Any) -> Finding:
        """A finding about a component: with its contract's severity, if there is one."""
        contract = context.contracts.by_component.get(component)
        if contract is None:
            return self.finding(message, component=component, **more)
        return self.finding_for(contract, message, **more)

    def unknown(self, reason: str, component: str = "") -> NotRun:
        """What cannot be judged."""
        return NotRun(code=self.code, component=component, subject="sources", reason=reason)


def component_named(context: Context, name: str) -> str:
    """The address of the component that code means by the name of an entry: that of a contract, if only one has it."""
    contracts: Iterable[ComponentContract] = context.contracts.by_component.values()
    declared = [each.component for each in contracts if context.uses.name_of(each.component) == name]
    return declared[0] if len(declared) == 1 else name


def distinct_lines(locations: Iterable[Location]) -> list[Location]:
    """The locations, each line once: a line may read a method, call it, and await the result."""
    found: dict[tuple[str, int], Location] = {}
    for location in locations:
        found.setdefault((location.file, location.line), location)
    return list(found.values())


def lines_in_words(lines: Sequence[Location]) -> str:
    """The first line, and how many others there are, for a sentence."""
    first = short_location(lines[0])
    others = len(lines) - 1
    return first if not others else f"{first} and {others} other place{'s' if others > 1 else ''}"


def other_lines(lines: Sequence[Location], what: str) -> list[Cause]:
    """The lines after the first, as causes: `what` happens there, too."""
    return [Cause(message=f"{what} {ALSO}", location=line) for line in lines[1 : _MAX_LINES + 1]]
