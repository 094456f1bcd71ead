"""Suggestions for misspelt names, on the host and in the probe."""

from __future__ import annotations

from collections.abc import Iterable

#: Letters of a name for each of which one edit may make another name of it.
_LETTERS_PER_EDIT = 4


def nearest_name(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """The known name that is most similar to a misspelt one, or an empty string.

    Args:
        name: what was written. It is never suggested itself.
        known: the names that exist.
        cutoff: the least similarity of a suggestion, from 0 to 1, as in `difflib.get_close_matches`.
    """
    return next(iter(similar_names(name, known, cutoff=cutoff)), "")


def similar_names(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> list[str]:
    """Up to three known names that a misspelt one may stand for, the most similar first.

    A name is near if it differs by one edit for each four letters, is an abbreviation, or consists of the same words
    with some left out. Letter case does not count.
    """
    import difflib  # noqa: PLC0415 - needed only once something is misspelt

    by_folded: dict[str, list[str]] = {}
    for other in known:
        if other != name:
            by_folded.setdefault(other.casefold(), []).append(other)
    folded = name.casefold()
    close = difflib.get_close_matches(folded, by_folded, n=12, cutoff=cutoff)
    near = (
        sorted(by_folded[match], key=lambda other: _differences(name, other))
        for match in close
        if _is_near(folded, match)
    )
    return [other for others in near for other in others][:3]


def _differences(name: str, other: str) -> int:
    """How many letters differ, also in their case: of names that are equal but for that, the nearer one comes first."""
    return sum(one != another for one, another in zip(name, other))


def _is_near(name: str, other: str) -> bool:
    if _edits(name, other) <= max(1, max(len(name), len(other)) // _LETTERS_PER_EDIT):
        return True
    shorter, longer = sorted((name, other), key=len)
    if longer.startswith(shorter) and len(shorter) > 2 and longer[len(shorter) :].isalpha():
        return True
    words, others = _words(name), _words(other)
    return bool(words) and bool(others) and (words <= others or others <= words)


def _words(name: str) -> set[str]:
    """The words of a name, without numbers and short words, which names have in common by chance."""
    separated = "".join(letter if letter.isalpha() else " " for letter in name)
    return {word for word in separated.split() if len(word) > 2}


def _edits(one: str, other: str) -> int:
    """The least number of insertions, deletions, replacements and swaps of neighbours that make one text the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                least = min(least, above[j - 2] + 1)
            row.append(least)
    return row[-1]
