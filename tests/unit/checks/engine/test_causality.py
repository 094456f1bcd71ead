"""Findings are linked to the findings they follow from, as their checks declare."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import netra_contracts
from netra_contracts.checks import CHECKS
from netra_contracts.checks.components.family import COMPONENTS
from netra_contracts.checks.components.presence import ComponentMissing
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from tests.unit.checks.evidence import Startup, contract, fault, raised

PACKAGE = Path(netra_contracts.__file__).parent


class Closed(Check):
    """A check of a plugin that always finds something."""

    code = "SHOP001"
    name = "shop-closed"

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding."""
        yield Finding(code=self.code, severity=Severity.WARNING, message="the shop is closed")


class ClosedAsNothingIsThere(Closed):
    """Follows from what our own checks report."""

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Any finding about a component."""
        return findings.of(COMPONENTS)


class ClosedSoNothingIsThere(Closed):
    """Explains what our own checks report."""

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What is missing."""
        return findings.of(ComponentMissing)


class Circular(ClosedAsNothingIsThere, ClosedSoNothingIsThere):
    """Says that it follows from what it leads to."""


class Faulty(Closed):
    """Cannot say what its finding follows from."""

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """Raises."""
        raise LookupError(finding.code)


def linked(check: Check) -> list[tuple[str, str]]:
    """Code of each finding, and code of the one it follows from; `pool` is missing."""
    findings = Startup(contract("pool")).judged(checks=(*CHECKS, check)).findings
    codes = {finding.fingerprint: finding.code for finding in findings}
    return [(finding.code, codes.get(finding.caused_by, "")) for finding in findings]


def test_finding_of_a_plugin_can_follow_from_nc201() -> None:
    assert linked(ClosedAsNothingIsThere()) == [("NC201", ""), ("SHOP001", "NC201")]


def test_nc201_can_follow_from_a_finding_of_a_plugin() -> None:
    assert linked(ClosedSoNothingIsThere()) == [("SHOP001", ""), ("NC201", "SHOP001")]


def test_cause_that_would_close_a_cycle_is_left_out() -> None:
    assert linked(Circular()) == [("NC201", ""), ("SHOP001", "NC201")]


def test_check_that_cannot_name_causes_is_not_run_and_its_finding_is_a_root() -> None:
    judgement = Startup(contract("pool")).judged(checks=(*CHECKS, Faulty()))
    assert [(finding.code, finding.caused_by) for finding in judgement.findings] == [("NC201", ""), ("SHOP001", "")]
    (not_run,) = judgement.not_run
    assert (not_run.code, "LookupError" in not_run.reason) == ("SHOP001", True)


def test_error_of_a_plugin_in_the_family_of_components_is_a_broken_contract() -> None:
    class PluginComponent(Closed):
        family = COMPONENTS
        severity = Severity.ERROR

        def judge(self, context: Context) -> Iterable[Finding]:
            """An error."""
            yield Finding(code=self.code, severity=self.severity, message="the shop is closed")

    judgement = Startup().judged(checks=(PluginComponent(),))
    found = Findings(judgement.findings, (PluginComponent(),))
    assert [finding.code for finding in found.broken_contracts()] == ["SHOP001"]


def test_findings_of_a_class_include_its_subclasses_and_keep_to_one_component() -> None:
    class Narrow(ComponentMissing):
        code = "SHOP002"

    findings = [
        Finding(code=code, severity=Severity.ERROR, message="", component=component)
        for code, component in (("NC201", "pool"), ("SHOP002", "pool"), ("SHOP002", "bridge"))
    ]
    found = Findings(findings, (ComponentMissing(), Narrow()))
    assert [one.code for one in found.of(ComponentMissing, component="pool")] == ["NC201", "SHOP002"]
    assert list(found.of(Narrow, component="pool")) == [findings[1]]


def test_failure_of_an_early_stage_explains_those_of_later_ones() -> None:
    startup = Startup().fails("startup", fault("raised", raised("ValueError", "no", 41)))
    startup.fails("shutdown", fault("raised", raised("AttributeError", "pool", 90)))
    root, after = startup.findings()
    assert (root.code, after.code, after.caused_by) == ("NC108", "NC110", root.fingerprint)


def _named_codes(path: Path) -> Iterator[str]:
    """Codes, and beginnings of codes, in string constants of a module, apart from `code = ...` in a class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = {
        id(node.value)
        for definition in ast.walk(tree)
        if isinstance(definition, ast.ClassDef)
        for node in definition.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "code"
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in own else None
        if isinstance(text, str) and re.fullmatch(r"NC\d+", text):
            yield f"{path.relative_to(PACKAGE)}: {text}"


def test_no_module_names_the_code_of_a_check_of_another_module() -> None:
    # A seeded fault names the code that the tool must report for it.
    modules = [path for path in PACKAGE.rglob("*.py") if PACKAGE / "selftest" / "faults" not in path.parents]
    assert len(modules) > 100
    assert [found for path in modules for found in _named_codes(path)] == []
