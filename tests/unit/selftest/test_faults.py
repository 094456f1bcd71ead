"""The seeded faults: each changes what it says, and is judged as strictly as it must be."""

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

BROADCAST = next(fault for fault in FAULTS if fault.name == "missing-tool-completed")


def source(module: str) -> str:
    return (files("netra_contracts.reference") / f"{module}.py").read_text(encoding="utf-8")


def finding(code: str, component: str = "", subject: str = "", caused_by: str = "") -> Finding:
    return Finding(
        code=code, severity=Severity.ERROR, message="m", component=component, subject=subject, caused_by=caused_by
    )


def test_there_are_at_least_forty_with_names_of_their_own() -> None:
    assert len(FAULTS) >= 40
    assert len({fault.name for fault in FAULTS}) == len({fault.what for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_changes_the_reference_and_leaves_it_python(fault: SeededFault) -> None:
    for module in {edit.module for edit in fault.edits}:
        before = source(module)
        after = edited(before, [edit for edit in fault.edits if edit.module == module])
        assert after != before
        ast.parse(after)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_expects_a_code_there_is_and_a_component_there_could_be(fault: SeededFault) -> None:
    assert fault.code in {check.code for check in CHECKS}
    declared = {getattr(contract, "component", "") for contract in CONTRACTS}
    assert fault.component in declared | {"", "current_user"}
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", fault.name)


def test_every_check_of_users_and_events_has_a_fault() -> None:
    codes = {check.code for check in CHECKS if check.code.startswith(("NC4", "NC5"))}
    assert codes <= {fault.code for fault in FAULTS}


def test_what_is_to_be_replaced_must_be_there_once() -> None:
    for text in ("nothing of it", "x = 1\nx = 1\n"):
        with pytest.raises(ValueError, match=r"to be replaced in engine\.py"):
            edited(text, [Edit("engine", "x = 1\n", "")])


class TestDetection:
    def test_one_root_of_the_code_and_subject(self) -> None:
        assert is_detected(BROADCAST, [finding("NC501", subject="tool_completed")])

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
    def test_anything_else_is_a_miss(self, found: list[Finding]) -> None:
        assert not is_detected(BROADCAST, found)


def test_the_process_of_the_target_loads_no_library_for_the_faults() -> None:
    probe = "import sys, netra_contracts.selftest.faults; print(*{m.partition('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pydantic", "rich", "typer", "starlette", "websockets"} & set(loaded)
