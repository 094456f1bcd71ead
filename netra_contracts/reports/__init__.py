"""Draws reports. A renderer is a function from a report to text: it opens nothing and looks at no terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from netra_contracts.model.report import Report


@dataclass(frozen=True)
class RenderOptions:
    """How to draw.

    Attributes:
        width: columns.
        colour: whether to use ANSI colours.
        unicode: whether more than ASCII may be used for lines and bars.
        verbose: more (positive) or less (negative).
        cwd: the folder that paths are shown relative to; empty: as they are.
    """

    width: int = 80
    colour: bool = False
    unicode: bool = True
    verbose: int = 0
    cwd: str = ""


Renderer = Callable[[Report, RenderOptions], str]


def _from(module: str) -> Renderer:
    """A renderer that is imported when it first draws: a JSON report needs no rich."""

    def render(report: Report, options: RenderOptions) -> str:
        text: str = import_module(f"netra_contracts.reports.{module}").render(report, options)
        return text

    return render


#: Formats by name: each is a module of this package with a function `render`.
RENDERERS: Mapping[str, Renderer] = {name: _from(name) for name in ("table", "json", "github")}
