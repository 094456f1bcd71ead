"""Formats of a comparison of two runs. A renderer is a function `RunDiff -> str`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from netra_contracts.model.report_diff import RunDiff
from netra_contracts.reports import RenderOptions

DiffRenderer = Callable[[RunDiff, RenderOptions], str]


def _lazy_renderer(module: str) -> DiffRenderer:
    """Return a renderer whose module is imported on first use."""

    def render(diff: RunDiff, options: RenderOptions) -> str:
        text: str = import_module(f"{__name__}.{module}").render(diff, options)
        return text

    return render


#: Renderers by the name of their format. Each is the function `render` of the module with that name.
DIFF_RENDERERS: Mapping[str, DiffRenderer] = {name: _lazy_renderer(name) for name in ("table", "json", "markdown")}
