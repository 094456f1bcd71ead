from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.report import ComponentReport, Report, StartupReport, Summary, TimelineEntry, Verdict
from netra_contracts.protocol.failures import StackSnapshot
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import samples


def table(report: Report, width: int = 80, *, colour: bool = False, unicode: bool = True, verbose: int = 0) -> str:
    return RENDERERS["table"](report, RenderOptions(width, colour, unicode, verbose, samples.CWD))


def found(code: str = "NC201", component: str = "pool", **fields: object) -> Finding:
    values = {"severity": Severity.ERROR, "message": f"`{component}` was never set", **fields}
    return Finding.model_validate({"code": code, "component": component, **values})


BROKEN = """\
FAILED  app.main:app: 1 error; 3 contracts: 2 held and 1 broken; took 350 ms
  FastAPI application, Python 3.11.7
  import 310 ms, startup 40 ms

error[NC303] `execution_engine_factory._websocket_bridge` is None
  --> app/startup.py:41 in lifespan (integration phase)
   │
   │ why     it was built here
   │           app/startup.py:41 in lifespan, at 332.0 ms
   │         `agent_websocket_bridge` was first set 8 ms later
   │           app/startup.py:57 in lifespan, at 340.0 ms
   │ impact  Users stop seeing the agent's reasoning
   │ help    build the factory after the bridge
"""


def test_the_verdict_comes_first_and_findings_read_like_a_compilers() -> None:
    assert table(samples.broken()).startswith(BROKEN)


def test_quiet_is_the_verdict_and_the_findings_and_nothing_else() -> None:
    first, _, _, *rest = BROKEN.splitlines(keepends=True)
    assert table(samples.broken(), verbose=-1) == "".join([first, *rest])


def test_phases_components_and_timeline_follow() -> None:
    lines = table(samples.broken()).splitlines()
    titles = [line.strip("─ ") for line in lines if line.startswith("──")]
    assert titles == ["Phases", "3 components", "Timeline"]
    assert "  configuration  ✓ passed  2 held" in lines
    assert "  integration    ✗ failed  1 broken" in lines


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_component_has_name_type_time_line_and_status_at_every_width(width: int) -> None:
    row = next(line for line in table(samples.broken(), width).splitlines() if "332.0 ms" in line and "broken" in line)
    name, kind, *when, where, status = row.split()
    assert name.startswith("execu")
    assert name.endswith("tory")
    assert kind.endswith("Factory")
    assert when == ["332.0", "ms"]
    assert where.endswith("up.py:41")
    assert status == "broken"


def test_writes_stand_in_the_order_and_at_the_place_of_their_time() -> None:
    drawn = table(samples.broken()).partition("startup, magnified")[2]
    columns = [line.index("◆") for line in drawn.splitlines() if "◆" in line and " ms" in line]
    assert len(columns) == 3
    first, second, third = columns
    assert first < second < third
    assert abs((third - second) - (second - first)) <= 1


def test_without_contracts_there_are_no_phases_and_one_line_tells_how_to_have_some() -> None:
    drawn = table(samples.report())
    assert "Phases" not in drawn
    assert drawn.count("`netra-contracts init` writes contracts for what was seen") == 1


def test_a_consequence_is_one_line_under_its_root() -> None:
    root = found()
    consequence = found("NC108", "", message="startup failed " * 20, caused_by=root.fingerprint)
    lines = table(samples.report(findings=(root, consequence))).splitlines()
    (told,) = [line for line in lines if "NC108" in line and "explain" not in line]
    assert told.startswith("   │ then    error[NC108] startup failed")
    assert told.endswith("…")


def test_a_consequence_of_a_consequence_is_under_the_root_too() -> None:
    root = found("NC201")
    middle = found("NC306", caused_by=root.fingerprint)
    last = found("NC108", caused_by=middle.fingerprint)
    lines = table(samples.report(findings=(root, middle, last)), verbose=-1).splitlines()
    assert [line for line in lines if line.startswith("error[")] == ["error[NC201] `pool` was never set"]


def test_findings_that_name_each_other_as_cause_are_not_lost() -> None:
    first, second = found("NC201"), found("NC306")
    circle = (
        first.model_copy(update={"caused_by": second.fingerprint}),
        second.model_copy(update={"caused_by": first.fingerprint}),
    )
    drawn = table(samples.report(findings=circle), verbose=-1)
    assert "NC201" in drawn
    assert "NC306" in drawn


def test_what_a_finding_blocks_is_one_line_under_it() -> None:
    blocked = tuple(Blocked(component=name, by="pool", reason="it stands on `pool`") for name in ("bridge", "factory"))
    lines = table(samples.report(findings=(found(),), blocked=blocked)).splitlines()
    assert "   │ blocks  bridge, factory" in lines


def test_what_no_finding_explains_is_blocked_in_one_line_for_each_root() -> None:
    blocked = tuple(Blocked(component=f"service_{n}", by="pool", reason="") for n in range(1000))
    lines = [line for line in table(samples.report(blocked=blocked)).splitlines() if "blocked by `pool`" in line]
    assert len(lines) == 1
    assert lines[0].startswith("blocked by `pool`: service_0, service_1,")
    assert lines[0].endswith("more")


def test_ten_thousand_components_are_thirty_and_a_count() -> None:
    components = tuple(ComponentReport(address=f"component_{n}") for n in range(10_000))
    lines = table(samples.report(components=components)).splitlines()
    assert sum(line.startswith("  component_") for line in lines) == 30
    assert "  ... and 9,970 more; --format json has all" in lines


def test_too_many_findings_are_counted_by_code() -> None:
    findings = tuple(found("NC201" if n < 60 else "NC202", f"c{n}") for n in range(100))
    drawn = table(samples.report(findings=findings))
    assert "... and 50 more (10 x NC201, 40 x NC202); --format json has all" in drawn


def test_what_was_not_run_is_told_with_its_reason() -> None:
    not_run = (NotRun(code="NC208", component="limits", reason="`multiple_of` cannot be asked"),)
    assert "  NC208 `limits`: `multiple_of` cannot be asked" in table(samples.report(not_run=not_run)).splitlines()


def test_output_is_shown_when_the_startup_ended_badly_and_its_end_only() -> None:
    output = tuple(f"line {n}" for n in range(100))
    well = samples.report(output=output)
    badly = samples.report(output=output, verdict=Verdict.NOT_STARTED, startup=StartupReport(outcome="died"))
    assert "line 99" not in table(well)
    assert "line 99" in table(well, verbose=1)
    shown = [line for line in table(badly).splitlines() if line.startswith("  │ line ")]
    assert shown == [f"  │ line {n}" for n in range(60, 100)]
    assert "line 99" not in table(badly, verbose=-1)


def test_where_tasks_stand_is_shown_for_a_few_and_counted_for_the_rest() -> None:
    place = (Location(f"{samples.CWD}/app/ws.py", 7, "listen"),)
    stands = tuple(StackSnapshot("task", f"Task-{n}", place) for n in range(20))
    drawn = table(samples.report(findings=(found("NC106", stacks=stands),)))
    assert "   │ stood   task `Task-0`\n   │           app/ws.py:7 in listen\n" in drawn
    assert "... and 14 more (14 x task); --format json has all" in " ".join(drawn.replace("│", " ").split())


def test_a_long_target_leaves_the_verdict_on_one_line() -> None:
    report = samples.report(summary=Summary(errors=3, warnings=2, contracts=7, held=4, broken=3))
    info = report.target.info
    long = report.model_copy(
        update={"target": report.target.model_copy(update={"info": type(info)("a." * 200 + "main:app", "m")})}
    )
    first, second, *_ = table(long, 60).splitlines()
    assert "3 errors, 2 warnings" in first
    assert first.startswith("PASSED  a.")
    assert second.startswith("  import")


def test_markup_in_names_is_text() -> None:
    drawn = table(samples.report(findings=(found(component="[bold]x[/bold]"),)), colour=True)
    assert "[bold]x[/bold]" in drawn


def test_colour_changes_nothing_but_colour() -> None:
    coloured = table(samples.broken(), colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == table(samples.broken())


def test_the_environment_does_not_change_the_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = table(samples.broken())
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "33", "TERM": "dumb", "JUPYTER_COLUMNS": "20"}.items():
        monkeypatch.setenv(name, value)
    assert table(samples.broken()) == plain


def test_a_time_that_is_no_number_does_not_end_the_drawing() -> None:
    entries = (
        TimelineEntry(kind="stage", name="import", ms=0.0, span_ms=float("inf")),
        TimelineEntry(kind="set", name="pool", ms=float("nan")),
    )
    assert table(samples.report(timeline=entries)).startswith("PASSED")


@settings(max_examples=150, deadline=None)
@given(samples.nasty_reports(), st.sampled_from([40, 60, 80, 200]), st.sampled_from([-1, 0, 1]), st.booleans())
def test_no_text_of_the_target_breaks_the_drawing(report: Report, width: int, verbose: int, unicode: bool) -> None:
    drawn = table(report, width, verbose=verbose, unicode=unicode)
    lines = drawn.split("\n")
    assert lines.pop() == ""
    assert all(cell_len(line) <= width for line in lines)
    assert all(line.isprintable() and line == line.rstrip() for line in lines)
    assert all(finding.code in drawn for finding in report.findings)
    drawn.encode("utf-8" if unicode else "ascii")
