"""Report formats. A renderer is a function `Report -> str`: it opens no file and does not read the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from netra_contracts.model.report import Report


@dataclass(frozen=True)
class RenderOptions:
    """How to render a report.

    Attributes:
        width: columns of a line.
        colour: whether to use ANSI colours.
        unicode: whether characters other than ASCII may be used.
        verbose: the number of `-v` less the number of `-q`.
        cwd: folder that paths are shown relative to; empty: paths are shown as they are.
    """

    width: int = 80
    colour: bool = False
    unicode: bool = True
    verbose: int = 0
    cwd: str = ""


Renderer = Callable[[Report, RenderOptions], str]


def _lazy_renderer(module: str) -> Renderer:
    """Return a renderer whose module is imported on first use: a JSON report does not need rich."""

    def render(report: Report, options: RenderOptions) -> str:
        text: str = import_module(f"netra_contracts.reports.{module}").render(report, options)
        return text

    return render


#: Renderers by the name of their format. Each is the function `render` of the module with that name.
RENDERERS: Mapping[str, Renderer] = {name: _lazy_renderer(name) for name in ("table", "json", "github")}
