from __future__ import annotations

import dataclasses
import re

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Cause, Finding, NotRun, SourceLine
from netra_contracts.model.impact import Impact
from netra_contracts.model.report import NOT_RUN, ComponentReport, PhaseReport, Report, Summary, TimelineEntry, Verdict
from netra_contracts.model.report_of_startup import StageReport, StartupReport
from netra_contracts.model.run_report import RunReport
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import FailureKind, StackSnapshot
from netra_contracts.protocol.stages import StageName
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import sample_reports


def table(report: Report, width: int = 80, *, colour: bool = False, unicode: bool = True, verbose: int = 0) -> str:
    return RENDERERS["table"](RunReport.of(report), RenderOptions(width, colour, unicode, verbose, sample_reports.CWD))


def finding(code: str = "NC201", component: str = "pool", **fields: object) -> Finding:
    values = {"severity": Severity.ERROR, "message": f"`{component}` was never set", **fields}
    return Finding.model_validate({"code": code, "component": component, **values})


FAILED = """\
FAILED  app.main:app: 1 error; 3 contracts: 2 held and 1 broken; took 360 ms
  FastAPI application, Python 3.11.7
  import 310 ms, startup 40 ms

error[NC303] `execution_engine_factory._websocket_bridge` is None
  --> app/startup.py:41 in lifespan (integration phase)
41 │         app.state.factory = Factory(bridge)
   │                             ^^^^^^^^^^^^^^^
   │
   │ why     it was built here, 12 ms after startup began
   │         `agent_websocket_bridge` was first set 8 ms later
   │           app/startup.py:57 in lifespan, 20 ms after startup began
57 │           app.state.bridge = Bridge()  # late
   │ impact  Users stop seeing the agent's reasoning
   │ help    build the factory after the bridge
"""


def test_report_begins_with_verdict_then_findings_as_compiler_errors() -> None:
    assert table(sample_reports.failed()).startswith(FAILED)


def test_table_names_what_the_call_of_a_provider_created() -> None:
    components = [ComponentReport(address=f"shop.db:get_{number}()", created_by_call=True) for number in range(8)]
    few, many = (
        " ".join(table(sample_reports.report(components=(sample_reports.POOL, *components[:count]))).split())
        for count in (2, 8)
    )
    sentence = "Created when the tool asked for it, since nothing had done so during startup: `shop.db:get_0()`, "
    assert sentence + "`shop.db:get_1()`" in few
    assert "`shop.db:get_4()` and 3 more" in many
    assert "Created when" not in table(sample_reports.report(components=(sample_reports.POOL,)))


def test_quiet_report_names_what_was_not_run_only_if_that_fails_the_run() -> None:
    not_run = (
        NotRun(code="NC203", reason="unknown", component="a", required=True),
        NotRun(code="NC506", reason="left"),
    )
    passed = sample_reports.report(not_run=not_run)
    failed = sample_reports.report(not_run=not_run, verdict=Verdict.FAILED, exit_code=1, failed_by=(NOT_RUN,))
    assert "Not run" not in table(passed, verbose=-1)
    assert "NC203 `a`: unknown" in table(failed, verbose=-1)
    assert "NC506" not in table(failed, verbose=-1)


def test_application_without_a_framework_is_called_an_asgi_application() -> None:
    report = sample_reports.report()
    info = dataclasses.replace(report.target.info, framework="")
    plain = report.model_copy(update={"target": report.target.model_copy(update={"info": info})})
    assert "  ASGI application, Python 3.11.7" in table(plain)


def test_quiet_report_has_only_verdict_and_findings() -> None:
    first, _, _, *rest = FAILED.splitlines(keepends=True)
    assert table(sample_reports.failed(), verbose=-1) == "".join([first, *rest])


def located(text: str, start: int, end: int, line: int = 7, severity: Severity = Severity.ERROR) -> list[str]:
    """The lines under a finding whose line of source has this text, up to its causes, at a width of 60."""
    source = SourceLine(text=text, start=start, end=end)
    location = Location(sample_reports.STARTUP, line, "lifespan")
    drawn = table(sample_reports.report(findings=(finding(location=location, source=source, severity=severity),)), 60)
    lines = drawn.splitlines()
    first = next(number for number, text in enumerate(lines) if "-->" in text)
    return lines[first : first + 3]


def test_line_of_source_is_numbered_and_its_part_is_marked() -> None:
    assert located("    await connect(url)  # slow", 10, 22) == [
        "  --> app/startup.py:7 in lifespan",
        " 7 │         await connect(url)  # slow",
        "   │               ^^^^^^^^^^^^",
    ]


def test_gutter_is_as_wide_as_the_longest_line_number() -> None:
    assert located("connect()", 0, 9, line=1234) == [
        "    --> app/startup.py:1234 in lifespan",
        "1234 │         connect()",
        "     │         ^^^^^^^^^",
    ]


def test_marks_are_below_wide_characters_and_tabs() -> None:
    assert located('\tx = "日本",\topen()', 11, 17)[1:] == [
        ' 7 │         x = "日本",    open()',
        "   │                        ^^^^^^",
    ]


def test_long_line_is_cut_around_its_part() -> None:
    numbered, marks = located("x = [" + "1, " * 100 + "open(), " + "2, " * 100 + "]", 305, 311)[1:]
    assert "open()" in numbered
    assert numbered.index("open()") == marks.index("^")
    assert marks.count("^") == len("open()")
    assert len(numbered) <= 60


def test_calls_name_the_functions_from_the_outermost_on() -> None:
    calls = (
        Location(sample_reports.STARTUP, 3, "lifespan"),
        Location(f"{sample_reports.CWD}/db.py", 9, "connect"),
        Location(f"{sample_reports.CWD}/db.py", 20, "open"),
    )
    text = table(sample_reports.report(findings=(finding(location=calls[-1], calls=calls),)))
    assert "   │ calls   lifespan (app/startup.py:3) -> connect (db.py:9) -> open\n" in text


def test_traceback_is_drawn_with_v_only() -> None:
    line = Location("/usr/lib/python3/dist-packages/redis/client.py", 88, "send")
    report = sample_reports.report(findings=(finding(trace=(line,), causes=(Cause(message="why", trace=(line,)),)),))
    assert "client.py" not in table(report)
    assert table(report, 120, verbose=1).count("redis/client.py:88 in send") == 2


def test_line_of_source_that_many_findings_have_is_drawn_once() -> None:
    source = SourceLine(text="    await connect()", start=4, end=19)
    location = Location(sample_reports.STARTUP, 7, "lifespan")
    findings = [finding(component=name, location=location, source=source) for name in ("a", "b", "c")]
    text = table(sample_reports.report(findings=tuple(findings)))
    assert text.count("--> app/startup.py:7 in lifespan") == 3
    assert text.count("await connect()") == 1


def test_note_has_no_line_of_source_without_v() -> None:
    assert "connect()" not in "".join(located("connect()", 0, 9, severity=Severity.NOTE))


def test_phases_components_and_timeline_follow_the_findings() -> None:
    lines = table(sample_reports.failed()).splitlines()
    titles = [line.strip("─ ") for line in lines if line.startswith("──")]
    assert titles == ["Phases", "3 components", "Timeline"]
    assert "  configuration  ✓ passed  2 held" in lines
    assert "  integration    ✗ failed  1 broken" in lines


def test_phases_that_nothing_names_are_left_out_if_only_the_last_has_contracts() -> None:
    *earlier, last = (PhaseReport(name=phase, status="empty") for phase in Phase)
    held = last.model_copy(update={"status": "passed", "contracts": 1, "held": 1})
    text = table(sample_reports.report(phases=(*earlier, held)))
    assert "  readiness  ✓ passed  1 held" in text
    assert "initialization" not in text
    marked = earlier[0].model_copy(update={"marked": True, "status": "passed"})
    text = table(sample_reports.report(phases=(marked, *earlier[1:], held)))
    assert "  configuration   · nothing to check" in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_component_row_has_name_type_time_line_and_status_at_any_width(width: int) -> None:
    row = next(
        line for line in table(sample_reports.failed(), width).splitlines() if "+12 ms" in line and "broken" in line
    )
    name, kind, *when, where, status = row.split()
    assert name.startswith("execu")
    assert name.endswith("tory")
    assert kind.endswith("Factory")
    assert when == ["+12", "ms"]
    assert where.endswith("up.py:41")
    assert status == "broken"


def test_timeline_symbols_are_positioned_by_time() -> None:
    drawn = table(sample_reports.failed()).partition("startup, magnified")[2]
    columns = [line.index("◆") for line in drawn.splitlines() if "◆" in line and " ms" in line]
    assert len(columns) == 3
    first, second, third = columns
    assert first < second < third
    assert abs((third - second) - (second - first)) <= 1


def test_report_without_contracts_has_no_phases_and_names_init() -> None:
    drawn = table(sample_reports.report())
    assert "Phases" not in drawn
    assert drawn.count("No contracts declared: `netra-contracts init`") == 1


def test_consequences_are_one_line_each_under_their_root_cause() -> None:
    root = finding()
    messages = {"message": "failed " * 20, "caused_by": root.fingerprint}
    consequences = [finding(code, "", **messages) for code in ("NC108", "NC110")]
    lines = table(sample_reports.report(findings=(root, *consequences))).splitlines()
    drawn = [line for line in lines if "failed failed" in line]
    assert [line.split("[")[1][:5] for line in drawn] == ["NC108", "NC110"]
    assert drawn[0].startswith("   │ then    error[NC108] failed")
    assert all(line.endswith("…") for line in drawn)


def test_single_consequence_is_wrapped_under_its_root_cause() -> None:
    root = finding()
    consequence = finding("NC108", "", message="failed " * 20, caused_by=root.fingerprint)
    drawn = table(sample_reports.report(findings=(root, consequence)))
    assert "   │ then    error[NC108] failed" in drawn
    assert drawn.count("failed") >= 20
    assert "…" not in drawn


def test_consequence_of_a_consequence_is_under_the_root_cause() -> None:
    root = finding("NC201")
    middle = finding("NC306", caused_by=root.fingerprint)
    last = finding("NC108", caused_by=middle.fingerprint)
    lines = table(sample_reports.report(findings=(root, middle, last)), verbose=-1).splitlines()
    assert [line for line in lines if line.startswith("error[")] == ["error[NC201] `pool` was never set"]


def test_findings_whose_causes_form_a_cycle_are_shown() -> None:
    first, second = finding("NC201"), finding("NC306")
    cycle = (
        first.model_copy(update={"caused_by": second.fingerprint}),
        second.model_copy(update={"caused_by": first.fingerprint}),
    )
    drawn = table(sample_reports.report(findings=cycle), verbose=-1)
    assert "NC201" in drawn
    assert "NC306" in drawn


def test_blocked_contracts_are_one_line_under_their_finding() -> None:
    pool = finding()
    blocked = tuple(
        Blocked(component=name, by="pool", reason="it depends on `pool`", finding=pool.fingerprint)
        for name in ("bridge", "factory")
    )
    lines = table(sample_reports.report(findings=(pool,), blocked=blocked)).splitlines()
    assert "   │ blocks  bridge, factory" in lines


def test_blocked_contracts_without_a_finding_are_one_line_for_each_blocker() -> None:
    blocked = tuple(Blocked(component=f"service_{n}", by="pool", reason="") for n in range(1000))
    lines = [line for line in table(sample_reports.report(blocked=blocked)).splitlines() if "blocked by `pool`" in line]
    assert len(lines) == 1
    assert lines[0].startswith("blocked by `pool`: service_0, service_1,")
    assert lines[0].endswith("more")


def test_contract_that_requires_presence_only_is_marked_with_v() -> None:
    held = ComponentReport(address="pool", status="held", presence_only=True)
    report = sample_reports.report(components=(held,), summary=Summary(contracts=1, held=1, components=1))
    assert "held: presence only" in table(report, verbose=1)
    assert "presence only" not in table(report)


def test_verbose_table_has_the_places_that_read_a_component() -> None:
    read = ComponentReport(address="pool", read_places=14, guarded_places=2)
    unread = ComponentReport(address="engine", read_places=0, guarded_places=0)
    unknown = ComponentReport(address="myapp.db:engine")
    report = sample_reports.report(components=(read, unread, unknown))
    text = table(report, verbose=1)
    assert "  `pool` is read in 14 places, 2 guarded\n  Read nowhere: `engine`\n" in text
    assert "  in 14 places, 2 guarded\n" in table(report, verbose=1, width=100)
    assert "guarded" not in table(report)


def test_at_most_thirty_components_are_shown_with_a_count_of_the_rest() -> None:
    components = tuple(ComponentReport(address=f"component_{n}") for n in range(10_000))
    lines = table(sample_reports.report(components=components)).splitlines()
    assert sum(line.startswith("  component_") for line in lines) == 30
    assert "  ... and 9,970 more; --format json has all" in lines


def test_findings_over_the_limit_are_counted_by_code() -> None:
    findings = tuple(finding("NC201" if n < 60 else "NC202", f"c{n}") for n in range(100))
    drawn = table(sample_reports.report(findings=findings))
    assert "... and 50 more (10 x NC201, 40 x NC202); --format json has all" in drawn


def test_subjects_that_were_not_run_for_one_reason_share_a_line() -> None:
    not_run = tuple(NotRun(code="NC506", subject=kind, reason="left") for kind in ("no token", "alg none"))
    assert "  NC506 (no token, alg none): left" in table(sample_reports.report(not_run=not_run)).splitlines()


def test_packages_of_types_are_cut_before_folders_of_paths() -> None:
    location = Location(file=f"{sample_reports.CWD}/shop/api/main.py", line=18)
    component = ComponentReport(
        address="agents",
        type="shop.agents.registry.of.many.AgentFactory",
        present=True,
        set_ms=322.0,
        location=location,
    )
    report = sample_reports.failed().model_copy(update={"components": (component,)})
    row = next(line for line in table(report, 70).splitlines() if line.startswith("  agents "))
    assert "AgentFactory  " in row
    assert "shop/api/main.py:18" in row
    assert "agents.registry.of.many" not in row


@pytest.mark.parametrize("width", range(40, 60))
def test_number_and_unit_stay_on_one_line(width: int) -> None:
    reason = "the deadline of 1.4 s has passed and 20 ms were left of it, and 0.95 ms after that"
    drawn = table(sample_reports.report(not_run=(NotRun(code="NC506", reason=reason),)), width)
    assert " ".join(drawn.partition("NC506: ")[2].split()).startswith(reason)
    assert not re.search(r"\d\n\s*m?s\b", drawn)


def test_check_that_was_not_run_is_shown_with_its_reason() -> None:
    not_run = (NotRun(code="NC208", component="limits", reason="`multiple_of` cannot be asked"),)
    assert (
        "  NC208 `limits`: `multiple_of` cannot be asked" in table(sample_reports.report(not_run=not_run)).splitlines()
    )


def test_last_lines_of_output_are_shown_when_startup_failed() -> None:
    output = tuple(f"line {n}" for n in range(100))
    well = sample_reports.report(output=output)
    badly = sample_reports.report(output=output, verdict=Verdict.NOT_STARTED, startup=StartupReport(outcome="died"))
    assert "line 99" not in table(well)
    assert "line 99" in table(well, verbose=1)
    shown = [line for line in table(badly).splitlines() if line.startswith("  │ line ")]
    assert shown == [f"  │ line {n}" for n in range(60, 100)]
    assert "line 99" not in table(badly, verbose=-1)


def test_stacks_over_the_limit_are_counted_by_kind() -> None:
    place = (Location(f"{sample_reports.CWD}/app/ws.py", 7, "listen"),)
    stacks = tuple(StackSnapshot("task", f"Task-{n}", place) for n in range(20))
    drawn = table(sample_reports.report(findings=(finding("NC106", stacks=stacks),)))
    assert "   │ stack   task `Task-0`\n   │           app/ws.py:7 in listen\n" in drawn
    assert "... and 14 more (14 x task); --format json has all" in " ".join(drawn.replace("│", " ").split())


def test_what_does_not_fit_beside_a_long_target_comes_below() -> None:
    report = sample_reports.report(summary=Summary(errors=3, warnings=2, contracts=7, held=4, broken=3))
    info = report.target.info
    long = report.model_copy(
        update={"target": report.target.model_copy(update={"info": type(info)("a." * 200 + "main:app", "m")})}
    )
    first, second, *_ = table(long, 60).splitlines()
    assert "3 errors, 2 warnings" in first
    assert first.startswith("PASSED  a.")
    assert second.startswith("  7 contracts: 4 held and 3 broken; took 360 ms")


def test_failed_run_whose_contracts_all_hold_says_what_failed() -> None:
    summary = Summary(errors=1, contracts=7, held=7)
    failed = sample_reports.report(summary=summary, verdict=Verdict.FAILED, exit_code=1, failed_by=("NC504",))
    assert "1 error (NC504 fails the run); all 7 contracts hold" in table(failed, 100)
    summary = Summary(contracts=7, held=7, not_run=3, required_not_run=2)
    stage = failed.model_copy(update={"failed_by": ("settle",), "findings": ()})
    assert "(settle fails the run)" in table(stage, 100)
    strict = sample_reports.report(summary=summary, verdict=Verdict.FAILED, exit_code=1, failed_by=(NOT_RUN,))
    assert "all 7 contracts hold; 3 checks not run (2 fail the run: strict)" in table(strict, 120)


def test_contracts_of_later_phases_are_not_called_undeclared() -> None:
    drawn = table(sample_reports.report(summary=Summary(later_contracts=3)), 100)
    assert "3 contracts of later phases left out" in drawn
    assert "No contracts declared" not in drawn


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        ("attribute-not-found", "import 99 ms (attribute not found)"),
        ("module-not-found", "import 99 ms (module not found)"),
        ("import-raised", "import 99 ms (failed)"),
    ],
)
def test_import_that_succeeded_is_not_called_failed(failure: FailureKind, text: str) -> None:
    stage = StageReport(name="import", start_ms=0.0, ms=99.0, outcome="failed", failure=failure)
    assert text in table(sample_reports.report(startup=StartupReport(outcome="failed", stages=(stage,))))


def test_time_between_stages_is_named() -> None:
    startup = sample_reports.report().startup.model_copy(update={"took_ms": 400.0, "outside_stages_ms": 50.0})
    assert "import 310 ms, startup 40 ms, outside of stages 50 ms" in table(sample_reports.report(startup=startup))


@pytest.mark.parametrize(
    ("name", "ms", "busy_ms", "text"),
    [
        ("startup", 1200.0, 50.0, "startup 1.20 s (failed, 50 ms busy)"),
        ("startup", 1200.0, 650.0, "startup 1.20 s (failed)"),
        ("startup", 499.0, 0.1, "startup 499 ms (failed)"),
        ("startup", 1200.0, None, "startup 1.20 s (failed)"),
        ("live", 1200.0, 50.0, "live 1.20 s (failed)"),
    ],
)
def test_stage_of_the_application_that_mostly_waited_names_its_processor_time(
    name: StageName, ms: float, busy_ms: float | None, text: str
) -> None:
    stage = StageReport(name=name, start_ms=0.0, ms=ms, busy_ms=busy_ms, outcome="failed")
    lines = table(sample_reports.report(startup=StartupReport(outcome="failed", stages=(stage,)))).splitlines()
    assert f"  {text}" in lines


def test_every_code_is_named_in_the_last_line() -> None:
    codes = [f"NC{number}" for number in range(201, 209)]
    drawn = table(sample_reports.report(findings=tuple(map(finding, codes))), 200)
    assert "NC201, NC202, NC203, NC204, NC205, NC206, NC207 and NC208" in drawn


def test_markup_in_names_is_shown_as_text() -> None:
    drawn = table(sample_reports.report(findings=(finding(component="[bold]x[/bold]"),)), colour=True)
    assert "[bold]x[/bold]" in drawn


def test_coloured_report_has_ansi_codes_and_the_same_text() -> None:
    coloured = table(sample_reports.failed(), colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == table(sample_reports.failed())


def test_environment_variables_do_not_change_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = table(sample_reports.failed())
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "33", "TERM": "dumb", "JUPYTER_COLUMNS": "20"}.items():
        monkeypatch.setenv(name, value)
    assert table(sample_reports.failed()) == plain


def test_infinite_and_nan_times_are_drawn() -> None:
    entries = (
        TimelineEntry(kind="stage", name="import", ms=0.0, span_ms=float("inf")),
        TimelineEntry(kind="set", name="pool", ms=float("nan")),
    )
    assert table(sample_reports.report(timeline=entries)).startswith("PASSED")


def test_time_of_a_cause_without_a_line_is_wrapped_with_its_message() -> None:
    causes = (Cause(message="the pool was closed", ms=150.0),)
    lines = table(sample_reports.report(findings=(finding(causes=causes),)), width=40).splitlines()
    assert max(map(len, lines)) <= 40
    assert [line.lstrip("│ ") for line in lines if "pool was closed" in line or "began" in line] == [
        "why     the pool was closed, 140 ms",
        "after import began",
    ]


def test_impact_of_a_finding_is_drawn_below_the_findings_and_not_twice() -> None:
    impact = """\
── What users lose ─────────────────────────────────────────────────────────────
  error  Users stop seeing the agent's reasoning (execution_engine_factory:
         NC303)
"""
    expected = FAILED.replace("   │ impact  Users stop seeing the agent's reasoning\n", "") + f"\n{impact}"
    assert table(sample_reports.with_impact()).startswith(expected)
    assert impact in table(sample_reports.with_impact(), verbose=-1)


def test_impacts_are_drawn_once_with_their_components_by_severity() -> None:
    found = (
        Impact(text="chat is down", severity=Severity.ERROR, components=("a",), codes=("NC201", "NC303")),
        Impact(text="slow", severity=Severity.WARNING, components=tuple("abcde"), status="blocked"),
        *(Impact(text=f"more {n}", severity=Severity.NOTE) for n in range(21)),
    )
    text = table(sample_reports.report(impacts=found))
    assert "  error    chat is down (a: NC201, NC303)\n  warning  slow (a, b, c, 2 more: blocked)\n" in text
    assert "more 7" in text
    assert "more 8" not in text
    assert "... and 13 more" in text


def test_impact_that_the_list_of_impacts_has_no_room_for_is_drawn_with_its_finding() -> None:
    found = [finding(component=f"c{n}", impact=f"loss {n}") for n in range(12)]
    impacts = tuple(Impact(text=one.impact, severity=one.severity, components=(one.component,)) for one in found)
    text = table(sample_reports.report(findings=tuple(found), impacts=impacts))
    assert [text.count(f"loss {n}\n") + text.count(f"loss {n} (") for n in range(12)] == [1] * 12
    assert text.count("impact  loss ") == 2
