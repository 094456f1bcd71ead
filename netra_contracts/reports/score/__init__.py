"""Formats of the score of contracts. A renderer is a function `Score -> str`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from netra_contracts.model.score import Score
from netra_contracts.reports import RenderOptions

ScoreRenderer = Callable[[Score, RenderOptions], str]


def _lazy_renderer(module: str) -> ScoreRenderer:
    """Return a renderer whose module is imported on first use."""

    def render(score: Score, options: RenderOptions) -> str:
        text: str = import_module(f"{__name__}.{module}").render(score, options)
        return text

    return render


#: Renderers by the name of their format. Each is the function `render` of the module with that name.
SCORE_RENDERERS: Mapping[str, ScoreRenderer] = {name: _lazy_renderer(name) for name in ("table", "json")}
