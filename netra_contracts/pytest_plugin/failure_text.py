"""The text of a failed test: its findings as the table has them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import (  # pytest has no public classes for a failure without a traceback
    ReprEntryNative,
    ReprExceptionInfo,
    ReprFileLocation,
    ReprTraceback,
)
from _pytest._io import TerminalWriter

from netra_contracts.errors import NetraContractsError, UsageError, lines_of_problems
from netra_contracts.model.report import Report
from netra_contracts.pytest_plugin.outcomes import Outcome
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.headline import headline
from netra_contracts.reports.wording import printed, sentence

if TYPE_CHECKING:
    from netra_contracts.pytest_plugin.items import TargetItem


class FailureText(ReprExceptionInfo):
    """A failure as pytest shows, saves and sends it: plain lines, drawn in colour on a terminal that has them.

    Args:
        text: plain.
        summary: the line in pytest's summary.
        at: the file and line that the test is about.
        coloured: gives the text in colour for a number of columns.
    """

    def __init__(self, text: str, summary: str, at: tuple[str, int], coloured: Any = None) -> None:
        lines = [f"{line}\n" for line in text.rstrip("\n").split("\n")]
        traceback = ReprTraceback(reprentries=[ReprEntryNative(lines)], extraline=None, style="native")
        super().__init__(traceback, ReprFileLocation(at[0], at[1], summary))
        self._text, self._coloured = text, coloured

    def toterminal(self, tw: TerminalWriter) -> None:
        """Write the text to the terminal."""
        text = self._coloured(tw.fullwidth) if self._coloured is not None and tw.hasmarkup else self._text
        tw.write(text.rstrip("\n") + "\n")

    def __str__(self) -> str:
        return self._text


def of_outcome(report: Report, outcome: Outcome, at: tuple[str, int], config: pytest.Config) -> FailureText:
    """The failure of a test with an outcome."""

    def drawn(width: int, *, colour: bool) -> str:
        options = _options(config, width, colour=colour, verbose=max(getattr(config.option, "verbose", 0), 0))
        return _findings(report, outcome, options) + (f"{sentence(outcome.reason)}\n" if outcome.reason else "")

    first = next(iter(outcome.findings), None)
    summary = f"{first.code} {first.message}" if first is not None else outcome.reason
    width = _width(config)
    return FailureText(drawn(width, colour=False), sentence(summary), at, lambda columns: drawn(columns, colour=True))


def shown_in_summary(item: TargetItem) -> dict[str, str]:
    """What pytest's summary shows of a test: the verdict of its target, and findings that did not fail the test."""
    report, outcome, config = item.target.report(), item.outcome, item.config
    options = _options(config, _width(config))
    return {
        "verdict": f"{item.target.name}: {headline(report)}" if item.target.name else headline(report),
        "findings": _findings(report, outcome, options)
        if outcome is not None and outcome.status in ("passed", "xfailed")
        else "",
    }


def output_of(report: Report) -> str:
    """What the target printed, as a terminal would show it."""
    return "\n".join(map(printed, report.output))


def _findings(report: Report, outcome: Outcome, options: RenderOptions) -> str:
    """Findings as the table draws them, and the command that explains them."""
    if not outcome.findings:
        return ""
    from netra_contracts.reports.table import findings, footer, impacts  # noqa: PLC0415 - only where something is shown
    from netra_contracts.reports.table.canvas import Canvas  # noqa: PLC0415 - same

    lost = {finding.impact for finding in outcome.findings}
    part = report.model_copy(
        update={
            "findings": outcome.findings,
            "blocked": outcome.blocked,
            "impacts": tuple(impact for impact in report.impacts if impact.text in lost),
        }
    )
    canvas = Canvas(options)
    findings.draw(canvas, part)
    impacts.draw(canvas, part)
    footer.draw_pointer(canvas, part)
    return canvas.finished().lstrip("\n")


def _options(config: pytest.Config, width: int, *, colour: bool = False, verbose: int = 0) -> RenderOptions:
    encoding = (sys.__stdout__ and sys.__stdout__.encoding) or "utf-8"
    return RenderOptions(
        width=width,
        colour=colour,
        unicode=encoding.lower().replace("-", "") == "utf8",
        verbose=verbose,
        cwd=str(config.invocation_params.dir),
    )


def _width(config: pytest.Config) -> int:
    """Columns of the terminal; of a worker or a run without one, those that are usual."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    columns = os.environ.get("COLUMNS", "")
    if reporter is not None:
        return int(reporter._tw.fullwidth)
    return int(columns) if columns.isdigit() and int(columns) else 80


def of_error(error: NetraContractsError, at: tuple[str, int]) -> FailureText:
    """The failure of a test whose target could not be checked."""
    text = text_of(error)
    return FailureText(text, text.partition("\n")[0], at)


def text_of(error: NetraContractsError) -> str:
    """The problems, as the command prints them."""
    if isinstance(error, UsageError):
        lines = lines_of_problems(error.problems)
    else:
        lines = [f"internal error: {type(error).__name__}: {error}"]
    return "\n".join(f"netra-contracts: {sentence(line)}" for line in lines)
