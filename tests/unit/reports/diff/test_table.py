from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from netra_contracts.contracts.model import Severity
from netra_contracts.model.comparison import compare_runs
from netra_contracts.model.finding import NotRun
from netra_contracts.model.report import Report, Summary, TargetReport, Verdict
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.model.suppression import Suppressed
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.observation import TargetInfo
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.diff import DIFF_RENDERERS
from tests.unit.reports import sample_reports
from tests.unit.reports.sample_reports import BRIDGE, CWD, FACTORY, NC303, POOL, STARTUP

TARGET = TargetReport(info=TargetInfo(spec="app.main:app", module="app.main", cwd=CWD))
#: Another type, file, order and status; `bridge` is gone, `cache` is new; other lines.
CHANGED = sample_reports.report(
    target=TARGET,
    components=(
        FACTORY.model_copy(update={"status": "held", "set_ms": 1.0}),
        POOL.model_copy(update={"type": "app.ws:Pool", "location": Location(f"{CWD}/app/ws.py", 4, "connect")}),
        BRIDGE.model_copy(update={"address": "cache", "status": "unchecked", "type": "dict"}),
    ),
    not_run=(NotRun(code="NC504", reason="no client could connect"),),
    summary=Summary(contracts=2, held=2, not_run=1, components=3),
)


def drawn(before: Report, after: Report, **options: Any) -> str:
    how = RenderOptions(**{"cwd": CWD, **options})
    return DIFF_RENDERERS["table"](compare_runs(RunReport.of(before), RunReport.of(after)), how)


def failed(**fields: Any) -> Report:
    return sample_reports.failed().model_copy(update={"target": TARGET, **fields})


def test_changes_are_drawn_in_sections() -> None:
    assert drawn(failed(), CHANGED) == (
        "app.main:app: 1 fixed; 4 components differ\n"
        "  before  FAILED: 1 error; 3 contracts: 2 held and 1 broken; took 360 ms\n"
        "  after   PASSED: no findings; all 2 contracts hold; 1 check not run; took\n"
        "          360 ms\n"
        "\n"
        "── Fixed ───────────────────────────────────────────────────────────────────────\n"
        "  NC303 `execution_engine_factory._websocket_bridge` is None\n"
        "\n"
        "── Components ──────────────────────────────────────────────────────────────────\n"
        "  component               change    before                           after\n"
        "  execution_e…ne_factory  contract  broken                           held\n"
        "  execution_e…ne_factory  order     after websocket_connection_pool  first\n"
        "  websocket_c…ction_pool  type      app.ws.WebSocketConnectionPool   app.ws.Pool\n"
        "  websocket_c…ction_pool  set in    app/startup.py:31                app/ws.py:4\n"
        "  cache                   added     not set                          dict\n"
        "  agent_websocket_bridge  removed   app.bridge.AgentWebSocketBridge  not set\n"
        "  agent_websocket_bridge  contract  held                             no contract\n"
        "\n"
        "── Checks no longer run ────────────────────────────────────────────────────────\n"
        "  NC504: no client could connect\n"
        "\n"
        "── Time ────────────────────────────────────────────────────────────────────────\n"
        "  stage    before   after  difference\n"
        "  import   310 ms  310 ms        none\n"
        "  startup   40 ms   40 ms        none\n"
        "  Times of a single run each: small differences may be noise.\n"
    )


def test_new_finding_is_drawn_as_in_the_report() -> None:
    text = drawn(failed(findings=(), summary=Summary()), failed(), width=100)
    assert "app.main:app: 1 new finding\n" in text
    assert "error[NC303] `execution_engine_factory._websocket_bridge` is None\n" in text
    assert "impact  Users stop seeing the agent's reasoning\n" in text


def test_severity_that_changed_is_drawn_with_both() -> None:
    was = failed(findings=(NC303.model_copy(update={"severity": Severity.NOTE}),))
    assert "is None: was note, is error\n" in drawn(was, failed())


def test_finding_that_was_not_checked_again_has_its_reason() -> None:
    text = drawn(failed(), failed(findings=(), verdict=Verdict.NOT_STARTED))
    assert "1 no longer checked" in text
    assert "is None: the target did not start\n" in " ".join(text.split("\n    "))
    assert "Components are not compared: the target of the later run did not start.\n" in text


def test_finding_that_became_known_is_not_fixed() -> None:
    known = Suppressed(finding=NC303, source="baseline", reason="we know")
    text = drawn(failed(), failed(findings=(), suppressed=(known,)), width=120)
    assert "app.main:app: 1 known\n" in text
    assert "  NC303 `execution_engine_factory._websocket_bridge` is None: we know\n" in text


def test_finding_that_was_known_is_not_new() -> None:
    known = Suppressed(finding=NC303, source="baseline", reason="we know")
    accepted = FACTORY.model_copy(update={"known": True})
    held = FACTORY.model_copy(update={"status": "held"})
    before = failed(findings=(), suppressed=(known,), components=(accepted,))
    text = drawn(before, failed(components=(held,)), width=120)
    assert "app.main:app: 1 known before; 1 component differs\n" in text
    assert "── Known before ─" in text
    assert "── New" not in text
    assert "contract  broken (known)  held" in text


def test_lines_that_moved_are_counted_and_listed_with_v() -> None:
    moved = failed(components=(POOL.model_copy(update={"location": Location(STARTUP, 99, "lifespan")}),))
    before = failed(components=(POOL,))
    assert "no differences" not in drawn(before, moved)
    assert "1 component is set at another line of the same function; -v lists them\n" in drawn(before, moved)
    assert "set in  lifespan line 31  lifespan line 99\n" in drawn(before, moved, verbose=1, width=120)


def test_run_without_differences_says_so() -> None:
    assert drawn(failed(), failed()).startswith("app.main:app: no differences; 1 finding unchanged\n")


def test_quiet_has_findings_only() -> None:
    text = drawn(failed(), CHANGED, verbose=-1)
    assert "── Fixed" in text
    assert "── Components" not in text
    assert "── Time" not in text


def test_different_targets_are_mentioned() -> None:
    other = TargetReport(info=TargetInfo(spec="other:app", module="other"))
    assert "The targets differ: `app.main:app` and `other:app`.\n" in drawn(failed(), failed(target=other))


def test_targets_of_one_run_only_are_listed() -> None:
    def run(*names: str, errors: tuple[str, ...] = ()) -> RunReport:
        wrong = tuple(TargetError(name=name, exit_code=2, problems=("no such file",)) for name in errors)
        reports = tuple(NamedReport(name=name, report=failed()) for name in names)
        return RunReport(reports=reports, errors=wrong, several=True)

    found = compare_runs(run("api", "old", "jobs"), run("api", "new", errors=("jobs",)))
    text = DIFF_RENDERERS["table"](found, RenderOptions())
    assert text.startswith("api: no differences")
    assert "1 new target: new\n" in text
    assert "1 removed target: old\n" in text
    assert "`jobs` could not be checked: no such file\n" in text


@pytest.mark.slow
@pytest.mark.parametrize("form", sorted(DIFF_RENDERERS))
def test_ten_thousand_findings_are_drawn(form: str) -> None:
    many = tuple(NC303.model_copy(update={"subject": str(number)}) for number in range(10_000))
    found = compare_runs(RunReport.of(failed()), RunReport.of(failed(findings=many)))
    assert len(DIFF_RENDERERS[form](found, RenderOptions())) > 1000


@pytest.mark.slow
@settings(max_examples=60)
@given(
    sample_reports.hostile_reports(),
    st.booleans(),
    st.builds(
        RenderOptions, width=st.integers(40, 120), unicode=st.booleans(), verbose=st.integers(-1, 2), cwd=st.just(CWD)
    ),
)
def test_no_line_is_wider_than_the_width_or_has_unprintable_characters(
    report: Report, earlier: bool, how: RenderOptions
) -> None:
    both = (report, sample_reports.changed(report)) if earlier else (sample_reports.changed(report), report)
    text = DIFF_RENDERERS["table"](compare_runs(*map(RunReport.of, both)), how)
    lines = text.removesuffix("\n").split("\n")
    assert max(map(cell_len, lines)) <= how.width
    assert all(line.isprintable() and line == line.rstrip() for line in lines)
    text.encode("utf-8" if how.unicode else "ascii")
