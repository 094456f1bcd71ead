"""Suggestions for misspelt names, on the host and in the probe."""

from __future__ import annotations

from collections.abc import Iterable


def nearest_name(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """The known name that is most similar to a misspelt one, or an empty string.

    Args:
        name: what was written. It is never suggested itself.
        known: the names that exist.
        cutoff: the least similarity of a suggestion, from 0 to 1, as in `difflib.get_close_matches`.
    """
    return next(iter(similar_names(name, known, cutoff=cutoff)), "")


def similar_names(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> list[str]:
    """Up to three known names that are similar to a misspelt one, the most similar first."""
    import difflib  # noqa: PLC0415 - needed only once something is misspelt

    return difflib.get_close_matches(name, [other for other in known if other != name], n=3, cutoff=cutoff)
