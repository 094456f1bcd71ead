"""Pictures of times and shares. Tables have the same in words, so screen readers skip the pictures.

Sizes are attributes and not styles: the security policy of the page allows no inline styles, and where a server forbids
style sheets the pictures remain.
"""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.reports.html.elements import Child, Markup, element

_HEIGHT = 16
_BAR = 10
#: The least width of a bar, in per cent: a shorter one could not be seen.
_MIN_WIDTH = 0.4


def track(children: Iterable[Child]) -> Markup:
    """Return the line on which bars and marks are drawn."""
    return element("svg", children, class_="track", width="100%", height=_HEIGHT, aria_hidden="true")


def bar(start: float, end: float, class_: str, share: float = 1.0) -> Markup:
    """Return a bar.

    Args:
        start: where it begins, in per cent of the track.
        end: where it ends.
        class_: its style.
        share: the part of it that is dark, from its start.
    """
    width = max(end - start, _MIN_WIDTH)
    x = min(start, 100 - width)
    whole = _rect(x, width, f"waiting {class_}", "0.3") if share < 1 else ""
    dark = _rect(x, width * share, f"busy {class_}", None) if share > 0 else ""
    return Markup(whole + dark)


def _rect(x: float, width: float, class_: str, opacity: str | None) -> Markup:
    return element(
        "rect",
        x=_percent(x),
        y=(_HEIGHT - _BAR) // 2,
        width=_percent(width),
        height=_BAR,
        rx=2,
        class_=class_,
        fill="currentColor",
        fill_opacity=opacity,
    )


def stacked(parts: Iterable[tuple[str, float]]) -> Markup:
    """Return a line of parts, each with its style and its share of the whole in per cent."""
    start = 0.0
    drawn = []
    for class_, width in parts:
        drawn.append(
            element("rect", x=_percent(start), width=_percent(width), height=6, class_=class_, fill="currentColor")
        )
        start += width
    return element("svg", drawn, class_="share", width="100%", height=6, aria_hidden="true")


def dot(x: float, class_: str, *, hollow: bool) -> Markup:
    """Return a filled or hollow dot at `x` per cent of the track."""
    fill = "none" if hollow else "currentColor"
    centre = _percent(_inside(x))
    return element(
        "ellipse",
        cx=centre,
        cy=_HEIGHT // 2,
        rx=4,
        ry=4,
        class_=class_,
        fill=fill,
        stroke="currentColor",
        stroke_width=2,
    )


def letter(x: float, class_: str, text: str) -> Markup:
    """Return a character at `x` per cent of the track."""
    return element("text", text, x=_percent(_inside(x)), y=13, text_anchor="middle", class_=class_, fill="currentColor")


def _inside(x: float) -> float:
    """Keeps a mark inside of the track, at its ends too."""
    return 1 + x * 0.98


def _percent(share: float) -> str:
    return f"{share:.2f}%"
