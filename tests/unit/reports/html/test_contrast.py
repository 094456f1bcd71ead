"""The contrast of the colours of the page, by the formula of WCAG 2.2: AA requires 4.5 for text, 3 for graphics."""

from __future__ import annotations

import re

import pytest

from netra_contracts.reports.html.head import asset

TONES = ("error", "warning", "note", "ok")
#: Each colour of text with the backgrounds it is used on.
TEXT = [
    *((name, ground) for name in ("text", "muted", "link", *TONES) for ground in ("page", "raised")),
    *(("text", ground) for ground in ("mark", *(f"{tone}-soft" for tone in TONES))),
    *((tone, f"{tone}-soft") for tone in TONES),
]
GRAPHICS = [(name, ground) for name in ("strong-line", "bar", "phase", *TONES) for ground in ("page", "raised")]


def schemes() -> dict[str, dict[str, str]]:
    """The variables of both schemes; the dark one replaces those of the light one."""
    light, dark = re.findall(r":root \{\n\s*color-scheme: (?:light|dark);(.+?)\}", asset("page.css"), re.DOTALL)
    variables = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in (light, dark)]
    assert variables[0].keys() == variables[1].keys()
    return dict(zip(("light", "dark"), variables, strict=True))


def luminance(colour: str) -> float:
    shares = [int(colour[position : position + 2], 16) / 255 for position in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_formula() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_both_schemes_have_enough_contrast(scheme: str) -> None:
    colours = schemes()[scheme]
    text = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in TEXT}
    graphics = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in GRAPHICS}
    assert {pair: ratio for pair, ratio in text.items() if ratio < 4.5} == {}
    assert {pair: ratio for pair, ratio in graphics.items() if ratio < 3} == {}
