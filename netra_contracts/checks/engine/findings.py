"""Findings of one run, to look for causes and consequences in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.family import Family
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding


class Findings:
    """Findings by check, family and component.

    Args:
        findings: in the order of their checks.
        checks: those that reported them.
    """

    def __init__(self, findings: Sequence[Finding], checks: Iterable[Check]) -> None:
        self._checks: Mapping[str, Check] = {check.code: check for check in checks}
        self._by_code: dict[str, list[Finding]] = {}
        self._by_component: dict[tuple[str, str], list[Finding]] = {}
        for finding in findings:
            self._by_code.setdefault(finding.code, []).append(finding)
            self._by_component.setdefault((finding.code, finding.component), []).append(finding)

    def check_of(self, finding: Finding) -> Check | None:
        """The check that reported a finding; None for a code that no check of this run has."""
        return self._checks.get(finding.code)

    def of(self, *checks: type[Check] | Family, component: str | None = None) -> Iterator[Finding]:
        """Findings of some checks.

        Args:
            checks: classes, subclasses included, or whole families; findings come in this order.
            component: only findings about this component.
        """
        for wanted in checks:
            yield from self.where(partial(_belongs, wanted), component)

    def where(self, wanted: Callable[[Check], bool], component: str | None = None) -> Iterator[Finding]:
        """Findings of checks for which a condition holds."""
        for code in self._by_code:
            check = self._checks.get(code)
            if check is not None and wanted(check):
                if component is None:
                    yield from self._by_code[code]
                else:
                    yield from self._by_component.get((code, component), ())

    def broken_contracts(self) -> Iterator[Finding]:
        """Errors that say that startup did not deliver what contracts declare."""
        for finding in self.where(lambda check: check.family.judges_contracts):
            if finding.severity is Severity.ERROR:
                yield finding


def _belongs(to: type[Check] | Family, check: Check) -> bool:
    return check.family == to if isinstance(to, Family) else isinstance(check, to)
