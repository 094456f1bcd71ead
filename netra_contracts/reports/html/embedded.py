"""The report in the page as JSON, so that a page can be read again."""

from __future__ import annotations

import json
from collections.abc import Iterator

from netra_contracts.model.run_report import RunReport
from netra_contracts.reports.html.elements import Markup
from netra_contracts.reports.json import run_document

#: Id of the element.
_ID = "report"
_START = f'<script type="application/json" id="{_ID}">'
_END = "</script>"
#: Characters that could end the element, begin a comment in it, or end a line of a script.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def embed(run: RunReport) -> list[Markup]:
    """Return the report as `--format json` writes it, in an element that a browser does not run.

    The JSON is ASCII, and its strings have none of the characters that HTML gives a meaning.
    """
    return [Markup(_START), *(Markup(piece) for piece in _pieces(run_document(run))), Markup(_END)]


def _pieces(value: object) -> Iterator[str]:
    """The JSON of a value, that of its objects and lists in pieces: `json.dumps` lists all tokens of the document."""
    if isinstance(value, dict) and value:
        for position, (name, member) in enumerate(value.items()):
            yield f"{',' if position else '{'}{_dumped(name)}:"
            yield from _pieces(member)
        yield "}"
    elif isinstance(value, list) and value:
        for position, member in enumerate(value):
            yield f"{',' if position else '['}{_dumped(member)}"
        yield "]"
    else:
        yield _dumped(value)


def _dumped(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).translate(_ESCAPES)


def extract(page: str) -> str | None:
    """Return the JSON of a page that `embed` wrote; None: the page has none. Whether it is valid is not checked."""
    start = page.rfind(_START)
    if start < 0:
        return None
    end = page.find(_END, start)
    return page[start + len(_START) : end] if end >= 0 else None
