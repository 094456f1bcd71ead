"""A failure of the probe ends the run with exit status 3: it is neither a finding nor a pass."""

from __future__ import annotations

import pytest

from tests.functional.harness import Runner

#: Methods by the stage in which they are called.
METHODS = {
    "startup": "EvidenceCollector.compare_states",
    "settle": "EvidenceCollector.record_end_of_startup",
    "shutdown": "TargetLifecycle.stop",
    "after all stages": "EvidenceCollector.record_left_running",
}


@pytest.mark.parametrize(
    "stage", ["settle", *(pytest.param(stage, marks=pytest.mark.slow) for stage in METHODS if stage != "settle")]
)
def test_failure_of_the_probe_is_one_of_the_tool_and_not_of_the_open_stage(run: Runner, stage: str) -> None:
    environment = {"BROKEN_METHOD": METHODS[stage]}
    outcome = run.run_and_assert("hostile/breaks_the_probe", "main:app", exit_code=3, env=environment)
    assert "the probe failed: TypeError: 'NoneType' object is not callable" in outcome.stderr
    assert "This is a bug in netra-contracts" in outcome.stderr
