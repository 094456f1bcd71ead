"""Applications that import netra-contracts without having it."""

from tests.functional.harness import location_of
from tests.functional.shared_runs import SharedRunner
from tests.interpreters import without_netra_contracts


def test_imports_that_work_under_check_only_are_reported_as_NC117(shared: SharedRunner) -> None:
    interpreter = ("--python", without_netra_contracts(), "--env-file", "clean.env")
    outcome = shared.check("hostile/not_installed", "main:app", *interpreter)
    findings = outcome.report["findings"]
    assert [(f["code"], f["subject"]) for f in findings] == [("NC117", "unguarded"), ("NC117", "main")], outcome.details
    assert [location_of(finding) for finding in findings] == ["unguarded.py:1", "main.py:16"]
    assert outcome.report["phases"][3]["status"] == "passed", outcome.details
