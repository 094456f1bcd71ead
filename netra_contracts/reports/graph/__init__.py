"""The graph of components: what each requires and is wired to, drawn as Mermaid, DOT and SVG."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module

from netra_contracts.reports.graph.model import Graph

#: How each format writes a character by its number.
_REFERENCES: Mapping[str, str] = {"mermaid": "#{};", "dot": "&#{};", "svg": "&#{};"}


def render(graph: Graph, form: str, *, unicode: bool = True) -> str:
    """Return a picture of a graph.

    Args:
        graph: what is drawn, see `model.focused`.
        form: `mermaid`, `dot` or `svg`; only the module of this format is imported.
        unicode: whether characters other than ASCII may be used. Else they are written by their numbers.
    """
    text: str = import_module(f"netra_contracts.reports.graph.{form}").render(graph)
    if unicode:
        return text
    return re.sub(r"[^\x00-\x7f]", lambda found: _REFERENCES[form].format(ord(found[0])), text)
