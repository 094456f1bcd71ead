"""HTML as text. What is not `Markup` is escaped where it is put into an element: no text of a report becomes markup."""

from __future__ import annotations

import functools
import html
from collections.abc import Iterable
from typing import TypeAlias, Union

from netra_contracts.reports.wording import clean, sentence


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


#: What an element may contain. None and empty texts add nothing.
Child: TypeAlias = Union[str, "Iterable[Child]", None]
#: True: the attribute without a value; None and False: no attribute.
Attribute: TypeAlias = str | int | bool | None

_CONTENT = Markup("\0")
#: Elements without content.
_VOID = frozenset({"meta", "link", "input", "br", "wbr", "col", "hr"})


def element(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """Return an element.

    Args:
        name: of the element.
        children: its content. Text that is not `Markup` is cleaned and escaped.
        attributes: `class_` is `class`, `aria_label` is `aria-label`.
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is not None and value is not False:
            parts.append(f' {_attribute_name(key)}="{"" if value is True else escaped(str(value))}"')
    if name in _VOID:
        return Markup("".join(parts) + "/>")
    parts.append(">")
    _collect(children, parts)
    parts.append(f"</{name}>")
    return Markup("".join(parts))


def wrapped(name: str, /, *children: Child, **attributes: Attribute) -> tuple[Child, ...]:
    """Return an element in parts, which `joined` puts together: a large content is not copied once for each level."""
    start, end = element(name, _CONTENT, **attributes).split(_CONTENT)
    return Markup(start), children, Markup(end)


def joined(children: Iterable[Child]) -> Markup:
    """Return the content of an element, one child after the other."""
    parts: list[str] = []
    _collect(children, parts)
    return Markup("".join(parts))


def _collect(children: Iterable[Child], parts: list[str]) -> None:
    for child in children:
        if type(child) is Markup:
            parts.append(child)
        elif child is None:
            continue
        elif isinstance(child, str):
            parts.append(escaped(child))
        else:
            _collect(child, parts)


@functools.cache  # only literals of this package get here
def _attribute_name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


@functools.lru_cache(maxsize=4096)  # names and paths are repeated in each finding
def escaped(text: str) -> str:
    """Return a text without characters that HTML gives a meaning, and without those that cannot be displayed."""
    return html.escape(clean(text))


def prose(message: str) -> Markup:
    """Return a message with what is in backticks as code."""
    parts = sentence(message).split("`")
    if len(parts) % 2 == 0:  # a backtick without its counterpart is one of the text
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    return joined([element("code", part) if position % 2 else part for position, part in enumerate(parts) if part])
