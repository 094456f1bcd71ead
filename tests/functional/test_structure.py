"""Applications, states and lifespans are found by what is observed, however they are wrapped."""

from __future__ import annotations

from tests.functional.harness import Runner
from tests.functional.shared_runs import SharedRunner

KINDS = (
    *("/generator", "/class", "/instance", "/lambda", "/function", "/partial", "/method", "/router", "/litestar"),
    *("/litestar-lifespan", "/outer-litestar/in-litestar", "/prepared", "api.example.org", "/endpoint", "/late"),
)


def not_run(outcome: object, code: str) -> dict[str, str]:
    """Subjects and reasons of what a check did not run on."""
    report = outcome.report  # type: ignore[attr-defined]  # of `Outcome`
    return {entry["subject"]: entry["reason"] for entry in report["not_run"] if entry["code"] == code}


def test_mounted_lifespans_that_nobody_enters_are_reported_as_nc112(run: Runner) -> None:
    outcome = run.run_and_assert(
        "catalogue/f02_lifespans_of_all_kinds", "main:forgotten", exit_code=0, codes=["NC112"] * len(KINDS)
    )
    assert sorted(finding["subject"] for finding in outcome.findings) == sorted(KINDS)


def test_mounted_lifespans_that_are_entered_are_not_reported(run: Runner) -> None:
    outcome = run.run_and_assert("catalogue/f02_lifespans_of_all_kinds", "main:entered", exit_code=0)
    assert not_run(outcome, "NC112") == {}, outcome.details


def test_application_inside_wrappers_is_found(run: Runner) -> None:
    run.run_and_assert("good/wrappers", exit_code=0)
    run.run_and_assert("good/wrappers", "main:lazy", exit_code=0)


def test_states_that_cannot_be_attributed_are_listed(shared: SharedRunner) -> None:
    outcome = shared.run_and_assert("hostile/opaque_wrapper", exit_code=0)
    assert outcome.report["summary"]["held"] == 0
    assert "FastAPI at main.py:7" in not_run(outcome, "NC201")["app.state"]


def test_states_of_any_class_are_examined(run: Runner) -> None:
    outcome = run.run_and_assert("contracts/state_classes", exit_code=1, codes=["NC201"] * 4)
    missing = {finding["component"] for finding in outcome.findings}
    assert missing == {"/no_property:pool", "/no_annotated:pool", "/no_answers_everything:pool", "/no_empty:pool"}
    unseen = not_run(outcome, "NC305")
    assert set(unseen) == {"app.state of /dataclass", "app.state of /shared"}, outcome.details
    recorded = {entry["name"] for entry in outcome.report["timeline"] if entry["kind"] == "set" and entry["location"]}
    assert {"/litestar:late", "/loaded:late"} <= recorded
