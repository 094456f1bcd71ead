"""Parts that several sections have: statuses, locations, lines of source, tables."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence

from netra_contracts.model.finding import SourceLine
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.html.elements import Child, Markup, element
from netra_contracts.reports.labels import STATUSES
from netra_contracts.reports.wording import clean, relative

#: Shapes of a status: none is recognised by its colour alone.
_ICONS: Mapping[str, str] = {
    "error": "cross",
    "warning": "alert",
    "note": "info",
    "passed": "check",
    "held": "check",
    "failed": "cross",
    "broken": "cross",
    "not_started": "cross",
    "blocked": "stop",
    "not_run": "skip",
    "empty": "skip",
    "unchecked": "skip",
}

#: Paths of icons in a box of 16 x 16.
_SHAPES: Mapping[str, str] = {
    "cross": "M8 .5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM4.6 5.7l1.1-1.1L8 6.9l2.3-2.3 1.1 1.1L9.1 8l2.3 2.3-1.1 1.1"
    "L8 9.1l-2.3 2.3-1.1-1.1L6.9 8z",
    "alert": "M8 1 .5 14.5h15zM7.2 6h1.6v4.4H7.2zm0 5.6h1.6v1.6H7.2z",
    "info": "M8 .5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM7.2 4h1.6v1.7H7.2zm0 3h1.6v5H7.2z",
    "check": "M8 .5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM6.9 11.6 3.6 8.3l1.1-1.1 2.2 2.2 4.4-4.4 1.1 1.1z",
    "stop": "M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5zM4 7.2v1.6h8V7.2z",
    "skip": "M8 .5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zm0 1.6a5.9 5.9 0 1 1 0 11.8A5.9 5.9 0 0 1 8 2.1z"
    "M5 7.2v1.6h6V7.2z",
}
_LIBRARY = re.compile(r"^.*/(?:site|dist)-packages/|^.*/lib(?:64)?/python\d+(?:\.\d+)?/")


def symbols() -> Markup:
    """Return the shapes that icons refer to."""
    shapes = [element("symbol", _shape(path), id=f"i-{name}", viewBox="0 0 16 16") for name, path in _SHAPES.items()]
    return element("svg", shapes, width=0, height=0, aria_hidden="true", class_="symbols")


def _shape(path: str) -> Markup:
    return element("path", d=path, fill="currentColor", fill_rule="evenodd")


_USES = {
    name: element("svg", element("use", href=f"#i-{shape}"), class_="icon", width=16, height=16, aria_hidden="true")
    for name, shape in _ICONS.items()
}


def badge(status: str, label: str | None = None) -> Markup:
    """Return a status as icon and word."""
    word = STATUSES.get(status, status) if label is None else label
    return element("span", _USES[status], f" {word}" if word else None, class_=f"badge {status}")


def status_badge(status: str, *, known: bool) -> Markup:
    """Return the status of a contract or phase; one that known findings alone broke does not fail the run."""
    if not known:
        return badge(status)
    return element("span", _USES[status], f" {STATUSES[status]} (known)", class_="badge known")


def location_text(location: Location, options: RenderOptions) -> Markup:
    """Return a line of source as `app/startup.py:41 in lifespan`."""
    return _location_text(location.file, location.line, location.function, options.cwd)


@functools.lru_cache(maxsize=4096)  # a finding and its causes often have the same lines
def _location_text(file: str, line: int, function: str, folder: str) -> Markup:
    # Of a library, the path is relative to its folder.
    path = _LIBRARY.sub("\u2026/", clean(relative(file, folder)))
    inside = [" in ", element("code", function)] if function else None
    return element("span", element("b", f"{path}:{line}"), inside, class_="location")


def source_line(location: Location | None, source: SourceLine | None) -> Markup | None:
    """Return a line of source under its number, with the meant part marked."""
    if location is None or source is None:
        return None
    text, start, end = source.text, source.start, source.end
    before, part, after = text[:start].lstrip(), text[start:end], text[end:]
    # A mark on the whole line says nothing.
    marked = element("mark", _spaced(part)) if part and (before or after.strip()) else _spaced(part)
    code = element("code", _spaced(before), marked, _spaced(after))
    number = element("span", str(location.line), class_="line")
    return element("pre", number, " ", code)


def _spaced(text: str) -> str:
    return text.replace("\t", "    ")


def table(caption: str, columns: Sequence[str], rows: Iterable[Child], class_: str = "") -> Markup:
    """Return a table with a caption for screen readers.

    Args:
        caption: what the table is about.
        columns: headings of the columns.
        rows: elements `tr`, the first cell of each a `th`.
        class_: of the table.
    """
    head = element("thead", element("tr", [element("th", column, scope="col") for column in columns]))
    title = element("caption", caption, class_="unseen")
    return element("table", title, head, element("tbody", *rows), class_=class_ or None)


def row(name: Child, *cells: Child) -> Markup:
    """Return a row of a table, whose first cell names it."""
    return element("tr", element("th", name, scope="row"), [element("td", cell) for cell in cells])


def items(children: Iterable[Child], class_: str | None = None) -> Markup:
    """Return a list."""
    return element("ul", [element("li", child) for child in children], class_=class_)


def separated(separator: str, children: Iterable[Child]) -> list[Child]:
    """Return children with a text between them."""
    return [part for child in children for part in (separator, child)][1:]
