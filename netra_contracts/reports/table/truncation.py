"""Shortens text at the end that matters least. Widths are cells of a terminal, not characters."""

from __future__ import annotations

from itertools import accumulate

from rich.cells import cell_len


def fits(text: str, cells: int) -> bool:
    """Return whether a text fits into `cells`."""
    return cell_len(text) <= cells


def head(text: str, cells: int) -> str:
    """Return as much of the beginning as fits."""
    return text[: sum(total <= cells for total in accumulate(map(cell_len, text)))]


def tail(text: str, cells: int) -> str:
    """Return as much of the end as fits."""
    return head(text[::-1], cells)[::-1]


def end_cut(text: str, cells: int, ellipsis: str) -> str:
    """Cut a sentence at its end."""
    if fits(text, cells):
        return text
    return head(text, max(cells - cell_len(ellipsis), 0)).rstrip() + head(ellipsis, cells)


def start_cut(text: str, cells: int, ellipsis: str) -> str:
    """Cut a text at its beginning."""
    return text if fits(text, cells) else head(ellipsis, cells) + tail(text, max(cells - cell_len(ellipsis), 0))


def middle_cut(text: str, cells: int, ellipsis: str) -> str:
    """Cut a name in the middle: names with the same beginning often have different ends."""
    if fits(text, cells):
        return text
    available = max(cells - cell_len(ellipsis), 0)
    return head(text, available - available // 2) + head(ellipsis, cells) + tail(text, available // 2)


def path_cut(text: str, cells: int, ellipsis: str) -> str:
    """Cut whole folders from the beginning: `…/app/startup.py:41`. The file name is cut last."""
    if fits(text, cells):
        return text
    folders = text.split("/")
    for first in range(1, len(folders)):
        shortened = "/".join([ellipsis, *folders[first:]])
        if fits(shortened, cells):
            return shortened
    return start_cut(folders[-1], cells, ellipsis)


def class_name(text: str) -> str:
    """Return a type's name without its packages."""
    return text.rpartition(".")[2] or text


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
    name = class_name(text)
    if fits(name, cells):
        return name
    for position in range(1, len(name) - 2):
        if name[position].isupper() and not name[position - 1].isupper() and fits(ellipsis + name[position:], cells):
            return ellipsis + name[position:]
    return start_cut(name, cells, ellipsis)


def _path_in_module(text: str) -> str:
    """Return what follows the module in `app.db:Registry.instance`."""
    return text.rpartition(":")[2]


def module_cut(text: str, cells: int, ellipsis: str) -> str:
    """Cut packages from the beginning of `app.db:Registry.instance`, then the module, then the rest in the middle."""
    if fits(text, cells):
        return text
    packages = text.partition(":")[0].split(".")
    path = _path_in_module(text)
    for first in range(1, len(packages)):
        shortened = f"{ellipsis}{'.'.join(packages[first:])}:{path}"
        if fits(shortened, cells):
            return shortened
    return middle_cut(path, cells, ellipsis)
