"""The table of a run of several targets: an overview, then why targets did not pass."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from netra_contracts.model.report import Summary, Verdict
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.headline import headline_of_run, headline_of_target
from tests.unit.reports import sample_reports

WRONG = TargetError(name="mail", exit_code=2, problems=("pyproject.toml:3: there is no file .env", "and more"))
PASSED = sample_reports.report(summary=Summary(contracts=3, held=3, warnings=2))
FAILED = sample_reports.failed()
NOT_STARTED = sample_reports.report(
    verdict=Verdict.NOT_STARTED, summary=Summary(contracts=1, blocked=1, errors=1), exit_code=1
)


def run(*errors: TargetError, **reports: object) -> RunReport:
    named = [NamedReport.model_validate({"name": name, "report": report}) for name, report in reports.items()]
    return RunReport(reports=tuple(named), errors=errors, several=True)


ALL = run(WRONG, billing=PASSED, chat=FAILED, web=NOT_STARTED)


def table(report: RunReport, width: int = 80, *, unicode: bool = True, verbose: int = 0) -> str:
    return RENDERERS["table"](report, RenderOptions(width, False, unicode, verbose, sample_reports.CWD))


def test_overview_has_a_row_for_each_target() -> None:
    expected = """\
FAILED  4 targets: 1 passed, 1 failed, 1 could not start, 1 could not be checked

  target   result             errors  warnings  contracts           took
  billing  ✓ passed                          2  3 held            360 ms
  chat     ✗ failed                1            1 broken, 2 held  360 ms
  web      ✗ could not start       1            1 blocked         360 ms
  mail     ✗ not checked

2 warnings in targets that passed: `-v` shows them.

── chat ────────────────────────────────────────────────────────────────────────
FAILED  app.main:app: 1 error; 3 contracts: 2 held and 1 broken; took 360 ms

error[NC303] `execution_engine_factory._websocket_bridge` is None
"""
    assert table(ALL).startswith(expected)


def test_targets_that_did_not_pass_are_shown_in_full() -> None:
    drawn = table(ALL)
    headings = [line.strip("─ ") for line in drawn.splitlines() if line.startswith("──")]
    assert headings == ["chat", "web", "mail"]
    assert "NOT CHECKED  pyproject.toml:3: there is no file .env\nNOT CHECKED  and more\n" in drawn
    assert "Timeline" not in drawn
    assert drawn.endswith("`netra-contracts explain NC303` explains this finding.\n")


def test_verbose_shows_the_whole_report_of_each_target() -> None:
    drawn = table(ALL, verbose=1)
    assert [name for name in ("billing", "chat", "web", "mail") if f"── {name} ─" in drawn] == [
        *["billing", "chat", "web", "mail"]
    ]
    assert "── Timeline" in drawn
    assert "warnings in targets that passed" not in drawn


def test_quiet_shows_only_targets_that_did_not_pass() -> None:
    drawn = table(ALL, verbose=-1)
    assert "billing" not in drawn
    assert "error[NC303]" in drawn
    assert "explains" not in drawn
    assert table(run(a=PASSED), verbose=-1) == "PASSED  1 target\n"


@pytest.mark.parametrize(
    ("report", "headline"),
    [
        (run(a=PASSED, b=PASSED), "PASSED  2 targets, all passed"),
        (run(a=PASSED), "PASSED  1 target"),
        (run(WRONG), "FAILED  1 target: 1 could not be checked"),
        (run(a=FAILED, b=FAILED, c=PASSED), "FAILED  3 targets: 1 passed, 2 failed"),
    ],
)
def test_headline_counts_targets(report: RunReport, headline: str) -> None:
    assert headline_of_run(report) == headline
    assert table(report).splitlines()[0] == headline


def test_headline_of_a_target_without_a_report_has_its_first_problem() -> None:
    assert headline_of_target(WRONG) == "NOT CHECKED  mail: pyproject.toml:3: there is no file .env; 1 more problem"


def test_finding_of_many_targets_is_shown_once_with_their_names() -> None:
    failed = {f"service-{number}": FAILED for number in range(9)}
    lines = table(run(**failed, other=NOT_STARTED)).splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("── In several targets"))
    assert lines[start + 1 : start + 4] == [
        "  NC303  `execution_engine_factory._websocket_bridge` is None: service-0,",
        "    service-1, service-2, service-3, service-4 and 4 more",
        "",
    ]
    assert "In several targets" not in table(run(a=FAILED, b=FAILED, c=PASSED))


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("name", ["a", "services/billing/api:" + "x" * 100, "名前" * 30])
def test_no_line_is_wider_than_the_report(width: int, name: str) -> None:
    wrong = WRONG.model_copy(update={"name": name})
    drawn = table(run(wrong, **{name: FAILED, f"{name}2": FAILED, f"{name}3": FAILED, "other": PASSED}), width)
    assert "In several targets" in drawn
    assert max(map(cell_len, drawn.splitlines())) <= width


def test_report_can_be_drawn_in_ascii_and_names_are_escaped() -> None:
    wrong = WRONG.model_copy(update={"name": "\x1b[31m\u202e", "problems": ("\x07",)})
    drawn = table(run(wrong, größe=FAILED), unicode=False)
    assert drawn.isascii()
    assert "\x1b" not in drawn
