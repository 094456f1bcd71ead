"""Applications that are in order pass, whatever they are built with, and are described."""

from __future__ import annotations

import pytest

from tests.functional.cases import Case, parametrize_cases
from tests.functional.harness import Runner, location_of

CASES = tuple(
    Case(f"good/{project}", target=target, exit_code=0)
    for project, target in (
        ("fastapi_lifespan", "main:app"),
        ("starlette_mapping", "main:app"),
        ("both_states", "main:app"),
        ("litestar_state", "main:app"),
        ("fastapi_on_event", "main:app"),
        ("factory_sync", "main:create_app"),
        ("factory_async", "main:create_app"),
        ("factory_context", "main:create_app"),
        ("state_object_factory", "main:create_services"),
        ("state_mapping_factory", "main:create_services"),
        ("state_starlette_factory", "main:create_state"),
        ("state_itself", "main:state"),
        ("nested_attribute", "main:services.web.app"),
        ("marked_phases", "main:app"),
        ("http_only", "main:app"),
        ("http_returns", "main:app"),
        ("mount_entered", "main:app"),
        ("mount_shared_lifespan", "main:app"),
        ("mount_opaque", "main:app"),
        ("mounts_with_handlers", "main:app"),
        ("questions", "main:app"),
        ("background_task", "main:app"),
        ("adr001", "adr001.main:create_app"),
    )
)


@parametrize_cases(CASES)
def test_application_in_order_passes(run: Runner, case: Case) -> None:
    outcome = case.run_and_assert(run)
    assert outcome.report["verdict"] == "passed"
    assert outcome.report["summary"]["errors"] == 0


@pytest.mark.parametrize(
    ("project", "target", "kind", "framework"),
    [
        ("good/fastapi_lifespan", "main:app", "application", "fastapi"),
        ("good/litestar_state", "main:app", "application", "litestar"),
        ("good/factory_async", "main:create_app", "application factory", "starlette"),
        ("good/factory_context", "main:create_app", "application factory", "starlette"),
        ("good/state_mapping_factory", "main:create_services", "state factory", ""),
        ("good/state_itself", "main:state", "state", "starlette"),
    ],
)
def test_what_the_target_is_is_found_out(run: Runner, project: str, target: str, kind: str, framework: str) -> None:
    info = run.check(project, target).report["target"]["info"]
    assert info["kind"] == kind
    assert info["framework"].lower() in {framework, ""}


@pytest.mark.parametrize(
    ("project", "target", "components"),
    [
        ("good/fastapi_lifespan", "main:app", {"pool": "app.state.pool = Pool()", "bridge": "app.state.bridge ="}),
        ("good/starlette_mapping", "main:app", {"pool": "yield {", "limits": "yield {"}),
        ("good/both_states", "main:app", {"pool": "WritePool()", "lifespan:pool": "yield {"}),
        (
            "good/litestar_state",
            "main:app",
            {"pool": "app.state.pool = Pool()", "limit": "state.limit", "bridge": "state.bridge"},
        ),
        ("good/factory_sync", "main:create_app", {"pool": "object()", "settings": "app.state.settings"}),
        ("good/state_object_factory", "main:create_services", {"pool": "", "limit": ""}),
        ("good/state_mapping_factory", "main:create_services", {"pool": "", "limit": ""}),
        ("good/state_starlette_factory", "main:create_state", {"pool": "state.pool", "limit": 'state["limit"]'}),
        ("good/state_itself", "main:state", {"pool": "state.pool"}),
        ("good/nested_attribute", "main:services.web.app", {"pool": "services.web.app.state"}),
        ("good/mount_entered", "main:app", {"/api:pool": "app.state.pool"}),
    ],
)
def test_every_component_is_shown_with_the_line_that_wrote_it(
    run: Runner, project: str, target: str, components: dict[str, str]
) -> None:
    outcome = run.check(project, target)
    assert {c["address"] for c in outcome.report["components"]} == set(components), outcome.details
    for address, text in components.items():
        if text:
            assert location_of(outcome.component(address)) == f"main.py:{outcome.line_of(text)}"


def test_component_is_shown_with_its_type(run: Runner) -> None:
    outcome = run.check("good/fastapi_lifespan", "main:app")
    assert outcome.component("pool")["type"].endswith("Pool")


def test_timeline_tells_the_stages_and_the_writes_in_order(run: Runner) -> None:
    outcome = run.check("good/fastapi_lifespan", "main:app")
    told = [(entry["kind"], entry["name"]) for entry in outcome.report["timeline"]]
    expected = [("stage", "import"), ("stage", "startup"), ("set", "pool"), ("set", "bridge"), ("stage", "shutdown")]
    assert [entry for entry in told if entry in expected] == expected, told
    times = [entry["ms"] for entry in outcome.report["timeline"]]
    assert times == sorted(times)


def test_factory_that_is_a_context_manager_is_left(run: Runner) -> None:
    outcome = run.check("good/factory_context", "main:create_app")
    assert (outcome.folder / "left").exists()


@pytest.mark.parametrize("project", ["good/http_only", "good/http_returns"])
def test_refusal_of_the_lifespan_protocol_is_told(run: Runner, project: str) -> None:
    outcome = run.check(project, "main:app")
    assert outcome.report["startup"]["outcome"] == "unsupported"


def test_component_left_none_is_a_note(run: Runner) -> None:
    outcome = run.run_and_assert("good/none_by_design", "main:app", exit_code=0, codes=["NC202"])
    finding = outcome.finding("NC202")
    assert (finding["component"], finding["severity"]) == ("cache", "note")
    assert location_of(finding) == f"main.py:{outcome.line_of('app.state.cache = None')}"


def test_marked_phases_are_shown_with_their_times(run: Runner) -> None:
    phases = run.check("good/marked_phases", "main:app").report["phases"]
    assert [phase["name"] for phase in phases] == ["initialization", "configuration", "integration", "readiness"]
    assert all(phase["marked"] and phase["ms"] is not None for phase in phases)
    assert {phase["status"] for phase in phases} == {"passed"}


@pytest.mark.parametrize(
    ("project", "spec"),
    [("good/discovered", "app.main:app"), ("good/entrypoint", "service.web:api"), ("good/environment", "main:app")],
)
def test_target_is_found_and_told(run: Runner, project: str, spec: str) -> None:
    outcome = run.run_and_assert(project, exit_code=0)
    info = outcome.report["target"]["info"]
    assert f"{info['module']}:{info['attr']}" == spec
    assert outcome.report["target"]["resolved"], "why this target was taken is part of the report"


def test_environment_comes_from_the_settings(run: Runner) -> None:
    outcome = run.run_and_assert("good/environment", exit_code=0)
    assert outcome.component("engine")["type"].endswith("SqliteEngine")
    assert [c["address"] for c in outcome.report["components"]] == ["engine"], "NETRA_CONTRACTS=check is not seen"


def test_environment_file_wins_over_the_settings(run: Runner) -> None:
    outcome = run.run_and_assert("good/environment", "--env-file", "other.env", exit_code=0)
    assert outcome.component("engine")["type"].endswith("PostgresqlEngine")


@pytest.mark.parametrize(
    "contracts", ["adr001.contracts:CONTRACTS", "adr001.typed:AppState", "adr001.typed:ModelState"]
)
def test_contracts_of_every_form_hold(run: Runner, contracts: str) -> None:
    (run.project("good/adr001") / "pyproject.toml").unlink()
    outcome = run.run_and_assert("good/adr001", "adr001.main:create_app", "--contracts", contracts, exit_code=0)
    summary = outcome.report["summary"]
    assert (summary["contracts"], summary["held"], summary["not_run"]) == (4, 4, 0), outcome.details


def test_contracts_of_the_settings_are_used_without_a_word(run: Runner) -> None:
    outcome = run.run_and_assert("good/adr001", exit_code=0)
    assert outcome.report["summary"]["held"] == 4
    statuses = {phase["name"]: phase["status"] for phase in outcome.report["phases"]}
    assert statuses["initialization"] == statuses["configuration"] == statuses["integration"] == "passed"


def test_recorded_startup_is_judged_again(run: Runner) -> None:
    folder = run.project("good/adr001")
    first = run.check("good/adr001", "--record", "startup.json")
    again = run.command("check", "--from", "startup.json", "--format", "json", cwd=folder)
    assert (first.exit_code, again.exit_code) == (0, 0), again.details
    assert again.report["summary"] == first.report["summary"]
    assert again.report["components"] == first.report["components"]
