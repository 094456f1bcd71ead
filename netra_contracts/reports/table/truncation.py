"""Shortens what does not fit, at the end that says least. Widths are cells of a terminal, not characters."""

from __future__ import annotations

from itertools import accumulate

from rich.cells import cell_len


def fits(text: str, cells: int) -> bool:
    """Whether a text can be drawn in so many cells."""
    return cell_len(text) <= cells


def head(text: str, cells: int) -> str:
    """As much of the beginning as fits."""
    return text[: sum(total <= cells for total in accumulate(map(cell_len, text)))]


def tail(text: str, cells: int) -> str:
    """As much of the end as fits."""
    return head(text[::-1], cells)[::-1]


def end_cut(text: str, cells: int, ellipsis: str) -> str:
    """Cut at the end: for sentences."""
    if fits(text, cells):
        return text
    return head(text, max(cells - cell_len(ellipsis), 0)).rstrip() + head(ellipsis, cells)


def start_cut(text: str, cells: int, ellipsis: str) -> str:
    """Cut at the beginning."""
    return text if fits(text, cells) else head(ellipsis, cells) + tail(text, max(cells - cell_len(ellipsis), 0))


def middle_cut(text: str, cells: int, ellipsis: str) -> str:
    """Cut in the middle: names that begin alike often end differently."""
    if fits(text, cells):
        return text
    room = max(cells - cell_len(ellipsis), 0)
    return head(text, room - room // 2) + head(ellipsis, cells) + tail(text, room // 2)


def path_cut(text: str, cells: int, ellipsis: str) -> str:
    """Cut whole folders from the beginning: `…/app/startup.py:41`. The file's name goes last."""
    if fits(text, cells):
        return text
    folders = text.split("/")
    for first in range(1, len(folders)):
        shortened = "/".join([ellipsis, *folders[first:]])
        if fits(shortened, cells):
            return shortened
    return start_cut(folders[-1], cells, ellipsis)


def type_cut(text: str, cells: int, ellipsis: str) -> str:
    """Cut a type's name: first its packages, then all but the class, then the first words of the class.

    `app.ws.WebSocketConnectionPool` becomes `…ws.WebSocketConnectionPool`, then `…ConnectionPool`.
    """
    if fits(text, cells):
        return text
    packages = text.split(".")
    for first in range(1, len(packages) - 1):
        shortened = ellipsis + ".".join(packages[first:])
        if fits(shortened, cells):
            return shortened
    name = packages[-1]
    if fits(name, cells):
        return name
    for position in range(1, len(name) - 2):
        if name[position].isupper() and not name[position - 1].isupper() and fits(ellipsis + name[position:], cells):
            return ellipsis + name[position:]
    return start_cut(name, cells, ellipsis)
