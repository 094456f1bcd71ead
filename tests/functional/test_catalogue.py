"""The catalogue of startup failures: each is reported under its code, with location and causes."""

from __future__ import annotations

import pytest

from tests.functional.cases import Case, parametrize_cases
from tests.functional.harness import Runner, location_of
from tests.functional.shared_runs import SharedRunner

SOON = ("--startup-timeout", "2", "--shutdown-timeout", "1")
CASES = (
    Case("catalogue/f02_mount_never_entered", ("NC112",), message=("/api",), args=("--fail-level", "warning"),
         consequences=("NC201",), severity="warning"),
    Case("catalogue/f03_key_of_the_root", ("NC306",), component="/api:pool", line="return application.state.pool",
         message=("pool",), consequences=("NC108",)),
    Case("catalogue/f04_handlers_ignored", ("NC111", "NC111"), message=("Mqtt.connect",), line="async def connect",
         file="plugin.py", exit_code=0, severity="warning"),
    Case("catalogue/f04_mounted_at_root", ("NC111", "NC112"), line='@app.on_event("startup")', exit_code=0,
         message=("the startup handler `open_pool` was registered but never ran",), severity="warning"),
    Case("catalogue/f04_mounted_at_root", ("NC112", "NC111"), line='@site.on_event("startup")', exit_code=0,
         message=("mounted at `/` never ran",), severity="warning"),
    Case("catalogue/f04_mounted_at_empty_path", ("NC111", "NC112"), line='@app.on_event("startup")', exit_code=0,
         message=("`open_pool`",), severity="warning"),
    Case("catalogue/f04_mounted_at_empty_path", ("NC112", "NC111"), exit_code=0,
         message=("mounted at `/` never ran",), severity="warning"),
    Case("catalogue/f04_mounted_and_entered", ("NC111",), line='@api.on_event("startup")', exit_code=0,
         message=("`open_pool` of the application mounted at `/api`",), severity="warning"),
    Case("catalogue/f04_nested_mounts", ("NC111", "NC112"), line='@api.on_event("startup")', exit_code=0,
         message=("`open_pool` of the application mounted at `/api` was",), severity="warning"),
    Case("catalogue/f04_nested_mounts", ("NC112", "NC111"), exit_code=0,
         message=("mounted at `/api/` never ran",), severity="warning"),
    Case("catalogue/f04_mounted_in_a_router", ("NC111", "NC112"), line='@app.on_event("startup")', exit_code=0,
         message=("`open_pool` was registered",), severity="warning"),
    Case("catalogue/f04_mounted_in_a_router", ("NC112", "NC111"), exit_code=0,
         message=("mounted at `/site/` never ran",), severity="warning"),
    Case("catalogue/f05_mapping_dropped", ("NC119",), severity="warning", line='yield {"pool"', causes=("dropped",),
         consequences=("NC201",)),
    Case("catalogue/f06_raises_before_answer", ("NC109",), line="raise RuntimeError", message=("no tracing backend",)),
    Case("catalogue/f06_raises_in_lifespan", ("NC108",), line="raise RuntimeError", message=("no such table: users",)),
    Case("catalogue/f07_middleware_reads_path", ("NC109",), line='if scope["path"]', message=("path",)),
    Case("catalogue/f08_yields_no_mapping", ("NC108",), message=("Pool",)),
    Case("catalogue/f10_second_error_hides_first", ("NC108",), line="raise ConnectionRefusedError",
         message=("connect to db.internal:5432 refused",), causes=("client",), hint=("service",),
         consequences=("NC306",)),
    Case("catalogue/f11_swallowed_into_none", ("NC202", "NC110"), exit_code=0, severity="note", component="bridge",
         line="app.state.bridge = None"),
    Case("catalogue/f11_swallowed_into_none", ("NC202",), args=("--contracts", "contracts.toml"), component="bridge",
         line="app.state.bridge = None", consequences=("NC110",)),
    Case("catalogue/f13_hangs_in_await", ("NC106",), args=SOON, message=("startup",), line="await self.answered.wait()",
         stacks=("await self.answered.wait()", "await asyncio.sleep(0.05)")),
    Case("catalogue/f14_set_twice", ("NC304",), component="bridge", message=("pool",), exit_code=0, severity="warning"),
    Case("catalogue/f15_cleanup_skipped", ("NC108",), args=SOON, message=("migration 0042 failed",),
         line="raise RuntimeError", consequences=("NC602",)),
    Case("catalogue/f16_task_dies", ("NC601",), exit_code=0, severity="warning",
         message=("consumer", "broker closed the connection"), line="raise ConnectionError"),
    Case("catalogue/f20_needs_environment", ("NC103",), line="PORT = int(os.environ", message=("SHOP_DATABASE_PORT",),
         hint=("the environment variable `SHOP_DATABASE_PORT` is missing", "--env-file")),
    Case("catalogue/f20_needs_environment", ("NC108",), args=("--env-file", "shop.env"), line="await loop.getaddrinfo",
         message=("startup failed: socket.gaierror",), hint=("the host `db.internal` cannot be resolved",)),
    Case("catalogue/f23_circular_import", ("NC103",), message=("main", "orders", "billing"),
         line="from main import app",
         file="billing.py"),
    Case("catalogue/f24_exits_at_import", ("NC105",), message=("0",), line="    sys.exit(0)"),
    Case("catalogue/f24_thread_left", ("NC602", "NC118"), args=SOON, exit_code=0, severity="warning",
         message=("reaper",)),
    Case("catalogue/f24_atexit", args=SOON, exit_code=0),
    Case("catalogue/f24_signal_handlers", ("NC106",), args=SOON, message=("import",)),
    Case("catalogue/f44_source_folder", ("NC101",), target="shop.main:app", message=("shop",),
         hint=("--app-dir src",)),
    Case("catalogue/f44_source_folder", target="shop.main:app", args=("--app-dir", "src"), exit_code=0),
    Case("catalogue/f45_factory_arguments", ("NC113",), target="main:create_app", message=("settings", "debug"),
         line="def create_app"),
    Case("catalogue/f45_factory_raises", ("NC104",), target="main:create_app", message=("KeyError", "DEBUG"),
         line='settings["DEBUG"]'),
    Case("catalogue/f45_factory_returns_none", ("NC114",), target="main:create_app", message=("None",)),
    Case("catalogue/f47_prints", exit_code=0),
    Case("catalogue/f48_hidden_cause", ("NC103",), message=("cannot load services",), causes=("frobnicate_driver",)),
    Case("catalogue/f48_missing_dependency", ("NC103",), message=("frobnicate_driver",), file="services.py",
         line="import frobnicate_driver"),
    Case("catalogue/f48_package_fails", ("NC103",), target="shop.main:app", message=("shop.main.settings",),
         file="shop/__init__.py", line="import shop.main.settings"),
)  # fmt: skip


@parametrize_cases(CASES)
def test_failure_is_reported_under_its_code(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


def test_each_ignored_handler_reports_NC111(shared: SharedRunner) -> None:
    outcome = shared.check("catalogue/f04_handlers_ignored", "main:app")
    assert sorted((finding["code"], location_of(finding)) for finding in outcome.findings) == [
        ("NC111", f"main.py:{outcome.line_of('@app.on_event')}"),
        ("NC111", f"plugin.py:{outcome.line_of('async def connect', 'plugin.py')}"),
    ]


def test_exception_behind_NC103_is_a_cause_with_its_line(shared: SharedRunner) -> None:
    outcome = shared.check("catalogue/f48_hidden_cause", "main:app")
    line = outcome.line_of("import frobnicate_driver", "services/storage.py")
    assert [location_of(cause) for cause in outcome.finding("NC103")["causes"]] == [f"storage.py:{line}"]


def test_component_set_before_the_deadline_NC106_is_reported(shared: SharedRunner) -> None:
    outcome = shared.check("catalogue/f13_hangs_in_await", "main:app", *SOON)
    assert outcome.component("broker")["type"] == "main:Broker"


def test_replaced_object_NC304_is_explained_by_both_writes(shared: SharedRunner) -> None:
    outcome = shared.check("catalogue/f14_set_twice", "main:app")
    finding = outcome.finding("NC304")
    replaced, first = outcome.line_of("    app.state.pool = Pool()"), outcome.line_of("app = Starlette(") + 1
    assert [location_of(cause) for cause in finding["causes"]] == [f"main.py:{replaced}", f"main.py:{first}"]
    assert "`bridge.pool`" in finding["message"]


def test_import_cycle_NC103_is_reported_in_order(shared: SharedRunner) -> None:
    outcome = shared.check("catalogue/f23_circular_import", "main:app")
    assert "main -> orders -> billing -> main" in outcome.finding("NC103")["message"]


def test_fail_level_warning_fails_on_warnings(shared: SharedRunner) -> None:
    fails = ("main:app", "--fail-level", "warning")
    shared.run_and_assert("catalogue/f16_task_dies", *fails, exit_code=1, codes=["NC601"])


def test_fail_level_never_does_not_fail_on_errors(shared: SharedRunner) -> None:
    outcome = shared.check("catalogue/f06_raises_in_lifespan", "main:app", "--fail-level", "never")
    assert (outcome.exit_code, outcome.codes) == (0, ["NC108"])


def test_output_of_a_target_that_passes_is_not_shown(shared: SharedRunner) -> None:
    outcome = shared.run_and_assert("catalogue/f47_prints", "main:app", exit_code=0)
    assert (outcome.report["schema_version"], outcome.report["output"]) == (2, [])
    assert "from a child" not in outcome.stdout + outcome.stderr


def test_verbose_shows_the_output_of_the_target(shared: SharedRunner) -> None:
    outcome = shared.check("catalogue/f47_prints", "main:app", "-v")
    assert "from a child" in outcome.stderr
    assert "\x1b[2J" not in outcome.stderr


@pytest.mark.parametrize("format_", ["table", "json"])
def test_exit_status_is_the_same_in_every_format(run: Runner, format_: str) -> None:
    folder = run.project("catalogue/f06_raises_in_lifespan")
    assert run.command("check", "main:app", "--format", format_, cwd=folder).exit_code == 1
