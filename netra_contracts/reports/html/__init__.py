"""The HTML format: one self-contained page, complete without JavaScript."""

from __future__ import annotations

from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.html.page import document


def render(run: RunReport, options: RenderOptions) -> str:
    """Return one HTML page with everything in it: style, script, and the report as JSON. It loads nothing."""
    return document(run, options)
