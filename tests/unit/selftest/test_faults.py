"""The seeded faults are valid changes to the reference, and detection is strict."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.resources import files

import pytest

from netra_contracts.checks import CHECKS
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.reference.contracts import CONTRACTS
from netra_contracts.selftest.faults import FAULTS, Edit, SeededFault
from netra_contracts.selftest.faulty_app import edited
from netra_contracts.selftest.run import is_detected

MISSING_EVENT = next(fault for fault in FAULTS if fault.name == "missing-tool-completed")


def source(module: str) -> str:
    return (files("netra_contracts.reference") / f"{module}.py").read_text(encoding="utf-8")


def finding(code: str, component: str = "", subject: str = "", caused_by: str = "") -> Finding:
    return Finding(
        code=code, severity=Severity.ERROR, message="m", component=component, subject=subject, caused_by=caused_by
    )


def test_at_least_forty_faults_have_unique_names_and_descriptions() -> None:
    assert len(FAULTS) >= 40
    assert len({fault.name for fault in FAULTS}) == len({fault.description for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_changes_the_reference_and_leaves_valid_python(fault: SeededFault) -> None:
    for module in {edit.module for edit in fault.edits}:
        before = source(module)
        after = edited(before, [edit for edit in fault.edits if edit.module == module])
        assert after != before
        ast.parse(after)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_expects_an_existing_code_and_component(fault: SeededFault) -> None:
    assert fault.code in {check.code for check in CHECKS}
    declared = {getattr(contract, "component", "") for contract in CONTRACTS}
    assert fault.component in declared | {"", "current_user", "tracer", "legacy_bridge", "user_agent"}
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", fault.name)


def test_every_check_of_isolation_and_events_has_a_fault() -> None:
    codes = {check.code for check in CHECKS if check.code.startswith(("NC4", "NC5"))}
    assert codes <= {fault.code for fault in FAULTS}


@pytest.mark.parametrize(("source", "count"), [("y = 1\n", 0), ("x = 1\nx = 1\n", 2)])
def test_text_to_replace_must_occur_exactly_once(source: str, count: int) -> None:
    with pytest.raises(ValueError, match=rf"the text to replace in engine\.py occurs {count} times"):
        edited(source, [Edit("engine", "x = 1\n", "")])


class TestDetection:
    def test_root_finding_with_expected_code_and_subject_is_detected(self) -> None:
        assert is_detected(MISSING_EVENT, [finding("NC501", subject="tool_completed")])

    @pytest.mark.parametrize(
        "found",
        [
            [],
            [finding("NC502", subject="tool_completed")],
            [finding("NC501", subject="agent_completed")],
            [finding("NC501", component="pool", subject="tool_completed")],
            [finding("NC501", subject="tool_completed"), finding("NC503", subject="tool_completed")],
            [finding("NC501", subject="tool_completed"), finding("NC501", subject="agent_started")],
        ],
    )
    def test_other_root_findings_are_not_detected(self, found: list[Finding]) -> None:
        assert not is_detected(MISSING_EVENT, found)


def test_faults_import_the_standard_library_only() -> None:
    probe = "import sys, netra_contracts.selftest.faults; print(*{m.partition('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    third_party = {name for name in loaded if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert third_party == {"netra_contracts"}
