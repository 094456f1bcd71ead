"""Formats of the lists of `netra-contracts usage`. A renderer is a function `UsageReport -> str`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from netra_contracts.model.usage_report import UsageReport
from netra_contracts.reports import RenderOptions

#: Takes the report, and the address of the only component that is shown in full; empty: all are listed.
UsageRenderer = Callable[[UsageReport, RenderOptions, str], str]


def _lazy_renderer(module: str) -> UsageRenderer:
    """Return a renderer whose module is imported on first use."""

    def render(usage: UsageReport, options: RenderOptions, component: str) -> str:
        text: str = import_module(f"{__name__}.{module}").render(usage, options, component)
        return text

    return render


#: Renderers by the name of their format. Each is the function `render` of the module with that name.
USAGE_RENDERERS: Mapping[str, UsageRenderer] = {name: _lazy_renderer(name) for name in ("table", "json")}
