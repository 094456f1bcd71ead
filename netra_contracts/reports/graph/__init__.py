"""The graph of components: what each requires and is wired to, drawn as Mermaid, DOT and SVG."""

from __future__ import annotations

from importlib import import_module

from netra_contracts.reports.graph.model import Graph


def render(graph: Graph, form: str) -> str:
    """Return a picture of a graph.

    Args:
        graph: what is drawn, see `model.focused`.
        form: `mermaid`, `dot` or `svg`; only the module of this format is imported.
    """
    text: str = import_module(f"netra_contracts.reports.graph.{form}").render(graph)
    return text
