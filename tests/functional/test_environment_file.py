"""NC122 on environment files that are loaded too late, and on reads that precede the load for good reason."""

from __future__ import annotations

import pytest

from tests.functional.harness import Outcome
from tests.functional.shared_runs import SharedRunner

VARIABLES = ["CACHE_URL", "DATABASE_URL", "STAGE"]


def names(outcome: Outcome) -> list[str]:
    causes = [cause["message"] for cause in outcome.finding("NC122")["causes"]]
    return sorted(message.split("`")[1] for message in causes if message.endswith("was not set here"))


@pytest.mark.parametrize(
    ("target", "variables", "read", "loaded"),
    [
        ("main", VARIABLES, ("late.py", "# reads"), "# loads"),
        ("in_lifespan", ["DATABASE_URL"], ("in_lifespan.py", "# reads"), "# loads"),
        ("settings_only", VARIABLES, ("late.py", "# reads"), "# reads the file"),
    ],
)
def test_variable_that_is_read_before_its_file_is_loaded_reports_NC122(
    shared: SharedRunner, target: str, variables: list[str], read: tuple[str, str], loaded: str
) -> None:
    outcome = shared.run_and_assert("lifecycle/environment_file", f"{target}:app", exit_code=0, codes=["NC122"])
    assert names(outcome) == variables
    file, text = read
    finding = outcome.finding("NC122")
    assert finding["location"]["file"].endswith(file)
    assert finding["location"]["line"] == outcome.line_of(text, file)
    assert finding["causes"][-1]["location"]["line"] == outcome.line_of(loaded, f"{target}.py")
    assert "example" not in str(outcome.report), "a value of a variable"


def test_read_that_decides_which_file_is_loaded_is_not_reported(shared: SharedRunner) -> None:
    shared.run_and_assert("lifecycle/environment_file", "first:app", exit_code=0)
