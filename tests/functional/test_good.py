"""Correct applications of every supported kind pass, and the report describes them."""

from __future__ import annotations

import pytest

from tests.functional.cases import Case, parametrize_cases
from tests.functional.harness import Runner, location_of
from tests.functional.shared_runs import SharedRunner

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
def test_correct_application_passes(shared: SharedRunner, case: Case) -> None:
    outcome = case.run_and_assert(shared)
    assert outcome.report["verdict"] == "passed"
    assert outcome.report["summary"]["errors"] == 0


@pytest.mark.parametrize(
    ("project", "target", "kind", "framework"),
    [
        ("good/fastapi_lifespan", "main:app", "application", "FastAPI"),
        ("good/litestar_state", "main:app", "application", "Litestar"),
        ("good/factory_async", "main:create_app", "application factory", "Starlette"),
        ("good/factory_context", "main:create_app", "application factory", "Starlette"),
        ("good/state_mapping_factory", "main:create_services", "state factory", ""),
        ("good/state_itself", "main:state", "state", "Starlette"),
    ],
)
def test_kind_and_framework_of_the_target_are_detected(
    shared: SharedRunner, project: str, target: str, kind: str, framework: str
) -> None:
    info = shared.check(project, target).report["target"]["info"]
    assert (info["kind"], info["framework"]) == (kind, framework)


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
        ("good/state_object_factory", "main:create_services", {"pool": None, "limit": None}),
        ("good/state_mapping_factory", "main:create_services", {"pool": None, "limit": None}),
        ("good/state_starlette_factory", "main:create_state", {"pool": "state.pool", "limit": 'state["limit"]'}),
        ("good/state_itself", "main:state", {"pool": "state.pool"}),
        ("good/nested_attribute", "main:services.web.app", {"pool": "services.web.app.state"}),
        ("good/mount_entered", "main:app", {"/api:pool": "app.state.pool"}),
    ],
)
def test_report_has_every_component_with_the_line_that_set_it(
    shared: SharedRunner, project: str, target: str, components: dict[str, str | None]
) -> None:
    """None: no line sets it, since a factory returns the state as a whole."""
    outcome = shared.check(project, target)
    actual = {component["address"]: location_of(component) for component in outcome.report["components"]}
    assert actual == {
        address: f"main.py:{outcome.line_of(text)}" if text else "" for address, text in components.items()
    }


def test_report_has_the_type_of_a_component(shared: SharedRunner) -> None:
    outcome = shared.check("good/fastapi_lifespan", "main:app")
    assert outcome.component("pool")["type"] == "main:Pool"


def test_timeline_has_stages_and_writes_in_order(shared: SharedRunner) -> None:
    outcome = shared.check("good/fastapi_lifespan", "main:app")
    assert [(entry["kind"], entry["name"]) for entry in outcome.report["timeline"]] == [
        ("stage", "import"),
        ("stage", "build"),
        ("stage", "startup"),
        ("set", "pool"),
        ("set", "bridge"),
        ("stage", "settle"),
        ("stage", "shutdown"),
    ]
    times = [entry["ms"] for entry in outcome.report["timeline"]]
    assert times == sorted(times)
    (startup,) = [stage for stage in outcome.report["startup"]["stages"] if stage["name"] == "startup"]
    assert 0 <= outcome.component("pool")["set_ms"] - startup["start_ms"] <= startup["ms"]


def test_context_manager_of_a_factory_is_exited(shared: SharedRunner) -> None:
    outcome = shared.check("good/factory_context", "main:create_app")
    assert (outcome.folder / "left").exists()


@pytest.mark.parametrize("project", ["good/http_only", "good/http_returns"])
def test_unsupported_lifespan_protocol_is_reported(shared: SharedRunner, project: str) -> None:
    outcome = shared.check(project, "main:app")
    assert outcome.report["startup"]["outcome"] == "unsupported"


def test_component_left_none_is_reported_as_note_NC202(shared: SharedRunner) -> None:
    outcome = shared.run_and_assert("good/none_by_design", "main:app", exit_code=0, codes=["NC202"])
    finding = outcome.finding("NC202")
    assert (finding["component"], finding["severity"]) == ("cache", "note")
    assert location_of(finding) == f"main.py:{outcome.line_of('app.state.cache = None')}"


def test_marked_phases_are_reported_with_their_times(shared: SharedRunner) -> None:
    phases = shared.check("good/marked_phases", "main:app").report["phases"]
    assert [phase["name"] for phase in phases] == ["initialization", "configuration", "integration", "readiness"]
    assert all(phase["marked"] and phase["ms"] is not None for phase in phases)
    assert {phase["status"] for phase in phases} == {"passed"}


@pytest.mark.parametrize(
    ("project", "spec", "source"),
    [
        ("good/discovered", "app.main:app", "from app/main.py"),
        ("good/entrypoint", "service.web:api", "from [tool.fastapi] entrypoint in pyproject.toml"),
        ("good/environment", "main:app", "from pyproject.toml"),
    ],
)
def test_discovered_target_is_reported_with_its_source(
    shared: SharedRunner, project: str, spec: str, source: str
) -> None:
    outcome = shared.run_and_assert(project, exit_code=0)
    info = outcome.report["target"]["info"]
    assert f"{info['module']}:{info['attr']}" == spec
    assert source in outcome.report["target"]["resolved"][0], outcome.report["target"]["resolved"]


def test_environment_is_set_from_the_configuration(shared: SharedRunner) -> None:
    outcome = shared.run_and_assert("good/environment", exit_code=0)
    components = {component["address"]: component["type"] for component in outcome.report["components"]}
    assert components == {"engine": "main:SqliteEngine"}, "the application must not see NETRA_CONTRACTS=check"


def test_environment_file_overrides_the_configuration(shared: SharedRunner) -> None:
    outcome = shared.run_and_assert("good/environment", "--env-file", "other.env", exit_code=0)
    assert outcome.component("engine")["type"] == "main:PostgresqlEngine"


@pytest.mark.parametrize(
    "contracts", ["adr001.contracts:CONTRACTS", "adr001.typed:AppState", "adr001.typed:ModelState"]
)
def test_contracts_in_python_hold(run: Runner, contracts: str) -> None:
    (run.project("good/adr001") / "pyproject.toml").unlink()
    outcome = run.run_and_assert("good/adr001", "adr001.main:create_app", "--contracts", contracts, exit_code=0)
    summary = outcome.report["summary"]
    assert (summary["contracts"], summary["held"], summary["not_run"]) == (4, 4, 0), outcome.details


def test_contracts_of_the_configuration_are_used_without_an_option(shared: SharedRunner) -> None:
    outcome = shared.run_and_assert("good/adr001", exit_code=0)
    assert outcome.report["summary"]["held"] == 4
    assert {phase["name"]: phase["status"] for phase in outcome.report["phases"]} == dict.fromkeys(
        ("initialization", "configuration", "integration", "readiness"), "passed"
    )


def test_recording_is_checked_again_with_the_same_report(run: Runner) -> None:
    folder = run.project("good/adr001")
    first = run.check("good/adr001", "--record", "startup.json")
    again = run.command("check", "--from", "startup.json", "--format", "json", cwd=folder)
    assert (first.exit_code, again.exit_code) == (0, 0), again.details
    assert again.report["summary"] == first.report["summary"]
    assert again.report["components"] == first.report["components"]


def test_work_of_any_thread_is_busy_and_waiting_is_not(shared: SharedRunner) -> None:
    report = shared.check("good/busy_and_waiting", "main:app").report
    entries = {entry["name"]: entry for entry in report["timeline"]}
    (startup,) = (stage for stage in report["startup"]["stages"] if stage["name"] == "startup")
    assert entries["model"]["busy_ms"] >= 40
    assert entries["connection"]["busy_ms"] < entries["connection"]["since_ms"]
    assert startup["ms"] > startup["busy_ms"] >= 40
    assert [phase["busy_ms"] is not None for phase in report["phases"]] == [True, False, False, False]
