"""Targets that hang, crash, exit or print: one finding reports it in time, and no process is left running."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.functional.cases import Case, parametrize_cases
from tests.functional.harness import Runner
from tests.functional.shared_runs import SharedRunner

SOON = ("--startup-timeout", "2", "--shutdown-timeout", "1")

NAMES = (
    Case("hostile/shop", ("NC101",), target="nope:app", message=("nope",)),
    Case("hostile/shop", ("NC101",), target="mian:app", message=("mian",), hint=("main",)),
    Case("hostile/shop", ("NC101",), target="nope.sub:app", message=("nope",)),
    Case("hostile/shop", ("NC101",), target="package.nope:app", message=("package.nope",)),
    Case("hostile/shop", ("NC101",), target="main.sub:app", message=("main",)),
    Case("hostile/shop", ("NC102",), target="main:ap", message=("ap",), hint=("app",)),
    Case("hostile/shop", ("NC102",), target="main:services.wep", message=("wep",), hint=("web",)),
    Case("hostile/shop", ("NC114",), target="main:VERSION", message=("str",)),
    Case("hostile/factory_exits", ("NC114",), target="main:create_app", args=("--no-factory",), hint=("factory",)),
)  # fmt: skip

IMPORTS = (
    Case("hostile/import_raises", ("NC103",), message=("ValueError", "eighty"), line='int("eighty")',
         file="settings.py"),
    Case("hostile/import_syntax_error", ("NC103",), message=("SyntaxError",), line="VALUES = [1, 2",
         file="settings.py"),
    Case("hostile/import_recursion", ("NC103",), message=("RecursionError",)),
    Case("hostile/import_keyboard_interrupt", ("NC105",), message=("KeyboardInterrupt",),
         line="raise KeyboardInterrupt"),
    Case("hostile/import_exit_message", ("NC105",), message=("DATABASE_URL is not set",), line="sys.exit("),
    Case("hostile/import_os_exit", ("NC105",), message=("import", "0")),
    Case("hostile/import_kills_itself", ("NC107",), message=("SIGKILL", "import")),
    Case("hostile/import_segfault", ("NC107",), message=("SIGSEGV", "import"), line="ctypes.string_at(0)"),
    Case("hostile/import_never_ends", ("NC106",), args=SOON, message=("import",),
         stacks=("while True:",)),
    Case("hostile/import_holds_the_lock", ("NC106",), args=SOON, message=("import",),
         stacks=("re.match",)),
    Case("hostile/flood_lines", exit_code=0),
    Case("hostile/flood_one_line", ("NC103",), message=("after the flood",)),
    Case("hostile/not_utf8", ("NC103",), message=("RuntimeError",)),
    Case("hostile/closes_descriptors", exit_code=0),
    Case("hostile/closes_streams", ("NC103",), message=("nobody hears me",)),
    Case("hostile/changes_folder", exit_code=0),
    Case("hostile/signal_handlers", exit_code=0),
    Case("hostile/patches_modules", exit_code=0),
    Case("hostile/patches_builtins", exit_code=0),
    Case("hostile/factory_hangs", ("NC106",), target="main:create_app", args=SOON),
    Case("hostile/factory_exits", ("NC105",), target="main:create_app", line="    sys.exit(0)"),
)  # fmt: skip

STARTS = (
    Case("hostile/starts_raising", ("NC108",), message=("Connection refused",), line="raise ConnectionRefusedError",
         hint=("service",)),
    Case("hostile/starts_failing", ("NC108",), message=("cannot connect to postgresql://", "db.internal/orders")),
    Case("hostile/starts_failing_silently", ("NC108",)),
    Case("hostile/starts_sleeping", ("NC106",), args=SOON, message=("startup",),
         stacks=("time.sleep(3600)",)),
    Case("hostile/starts_holding_the_lock", ("NC106",), args=SOON, message=("startup",),
         stacks=("return re.match",)),
    Case("hostile/starts_refusing_cancellation", ("NC106",), args=SOON, message=("startup",),
         stacks=("await asyncio.sleep(3600)",)),
    Case("hostile/starts_never_answering", ("NC106",), args=SOON, message=("startup",),
         stacks=("message = await receive()",)),
    Case("hostile/starts_returning", ("NC116",)),
    Case("hostile/starts_answering_twice", ("NC116",), message=("twice",)),
    Case("hostile/starts_contradicting", ("NC116",), consequences=("NC110",)),
    Case("hostile/starts_with_shutdown", ("NC116",), message=("lifespan.shutdown.complete",)),
    Case("hostile/starts_exiting", ("NC105",), line="    sys.exit(0)", message=("startup",)),
    Case("hostile/starts_os_exiting", ("NC105",), message=("startup", "0")),
    Case("hostile/starts_dying", ("NC107",), message=("SIGSEGV", "startup"), line="ctypes.string_at(0)"),
    Case("hostile/starts_killed", ("NC107",), message=("SIGKILL", "startup")),
    Case("hostile/signal_itself", ("NC107",), message=("SIGTERM", "startup")),
)  # fmt: skip

STOPS = (
    Case("hostile/stops_raising", ("NC110",), line="raise RuntimeError", message=("pool was closed twice",)),
    Case("hostile/stops_failing", ("NC110",), message=("queue was not drained",)),
    Case("hostile/stops_hanging", ("NC110",), args=SOON,
         stacks=("await app.state.queue.join()",)),
    Case("hostile/stops_sleeping", ("NC110",), args=SOON,
         stacks=("time.sleep(3600)",)),
    Case("hostile/stops_holding_the_lock", ("NC110",), args=SOON,
         stacks=("re.match",)),
    Case("hostile/stops_never_answering", ("NC110",)),
    Case("hostile/stops_early", ("NC110",),
         message=("ended before shutdown was requested: the application returned",)),
    Case("hostile/stops_answering_twice", ("NC110",), message=("twice",)),
    Case("hostile/stops_exiting", ("NC105",), line="    sys.exit(0)", message=("shutdown",)),
    Case("hostile/stops_os_exiting", ("NC105",), message=("shutdown", "0")),
    Case("hostile/stops_dying", ("NC107",), message=("SIGKILL", "shutdown")),
)  # fmt: skip

LEFT = (
    Case("hostile/threads_left", ("NC602",), args=SOON, message=("worker-0", "worker-1", "worker-2")),
    Case("hostile/tasks_left", ("NC602", "NC602"), args=SOON, message=("stubborn",),
         line="await asyncio.Event().wait()"),
    Case("hostile/process_left", ("NC602",), args=SOON, message=("process",)),
    Case("hostile/forks", ("NC602",), args=SOON, message=("process",)),
    Case("hostile/forks_at_import", ("NC602", "NC118"), args=SOON, message=("process",)),
)  # fmt: skip


@parametrize_cases(NAMES)
def test_target_that_does_not_resolve_is_reported(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


@parametrize_cases(IMPORTS)
def test_fault_at_import_is_reported(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


@parametrize_cases(STARTS)
def test_fault_at_startup_is_reported(shared: SharedRunner, case: Case) -> None:
    outcome = case.run_and_assert(shared)
    completed = case.project in {"hostile/starts_answering_twice", "hostile/starts_contradicting"}
    assert outcome.report["verdict"] == ("failed" if completed else "not_started")


@parametrize_cases(tuple(case for case in STOPS if case.codes != ("NC110",)))
def test_process_that_ends_during_shutdown_is_an_error(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


@parametrize_cases(tuple(replace(case, exit_code=0, severity="warning") for case in STOPS if case.codes == ("NC110",)))
def test_failed_shutdown_NC110_is_a_warning(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


@parametrize_cases(tuple(replace(case, exit_code=0, severity="warning") for case in LEFT))
def test_background_work_left_after_shutdown_NC602_is_a_warning(shared: SharedRunner, case: Case) -> None:
    outcome = case.run_and_assert(shared)
    assert all(finding["location"] for finding in outcome.findings), "where it is, or else the line that started it"


def test_deadline_NC106_after_a_protocol_violation_NC116_is_a_consequence(run: Runner) -> None:
    outcome = run.check("hostile/starts_with_nonsense", "main:app", *SOON)
    assert outcome.exit_code == 1, outcome.details
    assert outcome.codes == ["NC116"], outcome.details
    assert [finding["code"] for finding in outcome.findings if finding["caused_by"]] == ["NC106", *["NC116"] * 4]


def test_components_are_reported_if_the_shutdown_ends_the_process(shared: SharedRunner) -> None:
    for project, *args in (
        ("hostile/stops_dying",),
        ("hostile/stops_os_exiting",),
        ("hostile/stops_holding_the_lock", *SOON),
    ):
        outcome = shared.check(project, "main:app", *args)
        assert outcome.component("pool")["present"], project


def test_state_changes_are_reported_if_the_startup_ends_the_process(shared: SharedRunner) -> None:
    for project in ("hostile/starts_dying", "hostile/starts_os_exiting", "hostile/starts_killed"):
        outcome = shared.check(project, "main:app")
        assert ("set", "pool") in [(entry["kind"], entry["name"]) for entry in outcome.report["timeline"]], project


def test_passwords_in_messages_are_masked(shared: SharedRunner) -> None:
    outcome = shared.check("hostile/starts_failing", "main:app")
    assert "hunter2" not in outcome.stdout
    assert "hunter2" not in outcome.stderr


def test_quoted_output_is_limited_to_the_last_lines(run: Runner) -> None:
    (run.project("hostile/flood_lines") / "contracts.toml").write_text("[components.absent]\n", encoding="utf-8")
    outcome = run.run_and_assert(
        "hostile/flood_lines", "main:app", "--contracts", "contracts.toml", exit_code=1, codes=["NC201"]
    )
    assert outcome.report["output"] == ["x" * 99] * 40


def test_quoted_line_is_limited_in_length(shared: SharedRunner) -> None:
    outcome = shared.run_and_assert("hostile/flood_one_line", "main:app", exit_code=1, codes=["NC103"])
    (line,) = outcome.report["output"]
    assert "xxx" in line
    assert len(outcome.stdout) + len(outcome.stderr) < 200_000


@pytest.mark.parametrize("format_", ["table", "json"])
def test_undecodable_message_with_markup_and_escapes_is_shown(run: Runner, format_: str) -> None:
    folder = run.project("hostile/not_utf8")
    outcome = run.command("check", "main:app", "--format", format_, cwd=folder)
    assert outcome.exit_code == 1, outcome.details
    assert "[/red]" in outcome.stdout
    assert "\x1b[2J" not in outcome.stdout + outcome.stderr


def test_startup_that_closes_file_descriptors_does_not_pass(run: Runner) -> None:
    outcome = run.check("hostile/closes_descriptors_starting", "main:app", *SOON)
    assert outcome.exit_code == 1, outcome.details
    assert outcome.report["verdict"] == "not_started"


def test_child_process_in_a_new_session_is_ended(run: Runner) -> None:
    run.run_and_assert("hostile/session_of_its_own", "main:app", *SOON, exit_code=1, codes=["NC106"])


def test_output_path_does_not_depend_on_the_working_folder_of_the_target(run: Runner) -> None:
    outcome = run.check("hostile/changes_folder", "main:app", "--output", "report.json")
    assert outcome.stderr.splitlines()[-1].startswith("PASSED  main:app: "), outcome.details
    assert outcome.stderr.endswith("; the report is in report.json\n"), outcome.details
    assert json.loads((outcome.folder / "report.json").read_text())["exit_code"] == 0


TYPES = {
    "raises": "main:Raises",
    "raises_all": "main:RaisesAll",
    "exits": "main:ExitsWhenLookedAt",
    "lies": "main:Lies",
    "class_raises": "main:ClassRaises",
    "blocks": "main:Blocks",
    "recurses": "main:Recurses",
    "answers": "main:AnswersEverything",
    "nameless": "main:Nameless",
    "dict_raises": "main:DictRaises",
    "odd_module": "OddModule",
    "pool": "main:Pool",
    "class_itself": "main:Meta",
    "module": "module",
    "myself": "starlette.datastructures:State",
}


def test_types_of_hostile_objects_are_reported(run: Runner) -> None:
    outcome = run.run_and_assert("hostile/objects", "main:app", exit_code=0)
    components = {component["address"]: component for component in outcome.report["components"]}
    assert {address: component["type"] for address, component in components.items()} == TYPES
    assert not any(component["is_none"] for component in components.values())


OBJECTS = (
    Case("hostile/objects", args=("--contracts", "fits.toml"), exit_code=0),
    Case("hostile/objects", ("NC203",), args=("--contracts", "lies.toml"), component="lies", message=("Lies", "Pool")),
    Case("hostile/objects", ("NC205", "NC205", "NC205", "NC204", "NC204"), args=("--contracts", "answers.toml")),
    Case("hostile/proxies", exit_code=0),
    Case("hostile/proxies", ("NC203",), args=("--contracts", "wrong.toml"), component="wrong", message=("Bridge",)),
    Case("hostile/many_components", exit_code=0),
    Case("hostile/odd_names", exit_code=0),
)  # fmt: skip


@parametrize_cases(OBJECTS)
def test_contract_is_checked_against_the_real_type(shared: SharedRunner, case: Case) -> None:
    case.run_and_assert(shared)


def test_attribute_that_blocks_is_not_run_and_hides_no_other_finding(run: Runner) -> None:
    outcome = run.check("hostile/objects", "main:app", *SOON, "--contracts", "blocks.toml")
    assert outcome.exit_code == 1, outcome.details
    assert [(finding["code"], finding["component"]) for finding in outcome.root_findings] == [
        ("NC201", "missing"),
        ("NC203", "pool"),
    ], outcome.details
    assert [(entry["code"], entry["component"]) for entry in outcome.report["not_run"]] == [("NC204", "blocks")]


def test_test_double_without_a_contract_is_a_warning_NC207(run: Runner) -> None:
    (run.project("hostile/doubles") / "netra-contracts.toml").unlink()
    outcome = run.run_and_assert("hostile/doubles", "main:app", exit_code=0, codes=["NC207"] * 4)
    assert {f["component"] for f in outcome.findings} == {"plain", "magic", "asynchronous", "automatic"}
    assert {f["severity"] for f in outcome.findings} == {"warning"}


def test_test_double_with_a_contract_is_an_error_NC207(shared: SharedRunner) -> None:
    outcome = shared.check("hostile/doubles", "main:app")
    assert outcome.exit_code == 1, outcome.details
    severities = {finding["component"]: finding["severity"] for finding in outcome.findings}
    assert severities == {**dict.fromkeys(("plain", "asynchronous", "automatic"), "warning"), "magic": "error"}
    assert outcome.codes == ["NC207"] * 4, outcome.details


def test_ten_thousand_components_are_reported(shared: SharedRunner) -> None:
    outcome = shared.check("hostile/many_components", "main:app")
    assert len(outcome.report["components"]) == outcome.report["summary"]["components"] == 10_000


@pytest.mark.parametrize("format_", ["table", "json"])
def test_component_names_that_are_not_identifiers_are_reported(run: Runner, format_: str) -> None:
    outcome = run.command("check", "main:app", "--format", format_, cwd=run.project("hostile/odd_names"))
    assert outcome.exit_code == 0, outcome.details
    assert "\x1b[31m" not in outcome.stdout
    assert "my pool" in outcome.stdout
    assert "[/bold]" in outcome.stdout


@pytest.mark.parametrize(
    "target", ["", ":app", "main:", "main:app:other", "main app", "../main:app", "main:create_app()"]
)
def test_malformed_target_is_a_usage_error(run: Runner, target: str) -> None:
    outcome = run.run_and_assert("hostile/shop", target, exit_code=2)
    assert len(outcome.stderr.strip().splitlines()) <= 5, outcome.details


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("--startup-timeout", "-1"), "startup-timeout"),
        (("--startup-timeout", "soon"), "startup-timeout"),
        (("--startup-timeot", "1"), "--startup-timeout"),
        (("--select", "XY"), "XY"),
        (("--fail-level", "fatal"), "fatal"),
        (("--format", "jsn"), "json"),
        (("--phase", "redy"), "readiness"),
        (("--app-dir", "nowhere"), "nowhere"),
        (("--python", "/nowhere/python"), "/nowhere/python"),
        (("--env-file", "nowhere.env"), "nowhere.env"),
        (("--contracts", "nowhere.toml"), "nowhere.toml"),
        (("--contracts", "main:NOWHERE"), "NOWHERE"),
        (("--from", "nowhere.json"), "nowhere.json"),
        (("--output", "nowhere/report.json"), "nowhere"),
        (("--output", "."), "."),
        (("--record", "nowhere/startup.json"), "nowhere"),
    ],
)
def test_wrong_option_is_a_usage_error(run: Runner, args: tuple[str, ...], text: str) -> None:
    formats = () if "--format" in args else ("--format", "json")
    target = () if "--from" in args else ("main:app",)  # which has no effect with it
    outcome = run.command("check", *target, *args, *formats, cwd=run.project("hostile/shop"))
    assert outcome.exit_code == 2, outcome.details
    assert outcome.stdout == ""
    assert text in outcome.stderr


def test_missing_target_is_a_usage_error(run: Runner, tmp_path: Path) -> None:
    outcome = run.command("check", cwd=tmp_path)
    assert outcome.exit_code == 2, outcome.details


def test_output_that_cannot_be_written_leaves_the_folder_unchanged(run: Runner) -> None:
    folder = run.project("hostile/shop")
    (folder / "report.json").mkdir()
    outcome = run.check("hostile/shop", "main:app", "--output", "report.json")
    assert outcome.exit_code == 2, outcome.details
    assert sorted(path.name for path in folder.iterdir()) == ["main.py", "package", "report.json"]


def test_full_device_is_a_usage_error(run: Runner) -> None:
    with Path("/dev/full").open("wb") as full:
        outcome = run.command("check", "main:app", "--format", "json", cwd=run.project("hostile/shop"), stdout=full)
    assert outcome.exit_code == 2, outcome.details
    assert "No space left" in outcome.stderr
    assert "bug in netra-contracts" not in outcome.stderr


def test_closed_pipe_is_not_a_failure_of_the_tool(run: Runner) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        outcome = run.command("check", "main:app", cwd=run.project("hostile/shop"), stdout=pipe)
    assert "BrokenPipeError" not in outcome.stderr
    assert outcome.exit_code == 0, outcome.details


def test_calls_of_the_probe_do_not_count_as_blocking_calls_of_the_target(run: Runner) -> None:
    outcome = run.run_and_assert("hostile/forbids_blocking", "main:app", "--contracts", "contracts.toml", exit_code=0)
    assert outcome.report["summary"]["held"] == 1, outcome.details


_USES = [
    pytest.param("text startup"),
    *(pytest.param(f"{how} {when}", marks=pytest.mark.slow) for how in ("text", "length", "forged")
      for when in ("import", "shutdown")),
]  # fmt: skip


@pytest.mark.parametrize("use", _USES)
def test_target_that_writes_into_the_connection_of_the_probe_is_named_with_exit_3(run: Runner, use: str) -> None:
    folder = run.project("hostile/uses_the_probes_connection")
    outcome = run.command("check", "main:app", "--format", "json", *SOON, cwd=folder, env={"USE": use})
    assert outcome.exit_code == 3, outcome.details
    assert outcome.stdout == ""
    assert f"during {use.partition(' ')[2]} its process wrote into" in outcome.stderr
    assert "bug in netra-contracts" not in outcome.stderr


@pytest.mark.slow
@pytest.mark.parametrize("use", ["shutdown import", "shutdown startup", "shutdown shutdown", "connect import"])
def test_target_that_shuts_the_connection_of_the_probe_down_changes_nothing(run: Runner, use: str) -> None:
    folder = run.project("hostile/uses_the_probes_connection")
    outcome = run.command("check", "main:app", "--format", "json", *SOON, cwd=folder, env={"USE": use})
    assert outcome.exit_code == 0, outcome.details
    report = json.loads(outcome.stdout)
    assert [component["address"] for component in report["components"]] == ["pool"]
    assert report["findings"] == []
