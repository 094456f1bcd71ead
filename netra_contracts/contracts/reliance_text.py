"""Writes what code relies on into contracts, with the lines that it came from as comments."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from netra_contracts.contracts.reliance import Reliance, Relied, Unfit
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.relied_terms import TermKind

#: The folder of installed packages.
_INSTALLED = re.compile(r"^.*/(?:site|dist)-packages/")
#: Lines that one comment names.
_MAX_LINES = 3


class RelianceText:
    """Words for what code relies on.

    Args:
        folder: that paths are relative to.
    """

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, "")

    def lines(self, locations: Sequence[Location]) -> str:
        """Return `app/api.py:10, app/ws.py:3 and 4 more`: by file and line."""
        first = sorted((self._path(location.file), location.line) for location in locations)[:_MAX_LINES]
        named = [f"{path}:{line}" for path, line in first]
        more = f" and {len(locations) - _MAX_LINES:,} more" if len(locations) > _MAX_LINES else ""
        return printable(f"{', '.join(named)}{more}")

    def _path(self, file: str) -> str:
        """A path relative to the folder or, of an installed distribution, to that of its packages."""
        return _INSTALLED.sub("", file.removeprefix(self._folder))

    def read(self, reliance: Reliance) -> str:
        """Return where the component is read."""
        if not reliance.lines:
            return "no source reads it"
        guarded = ", each guarded" if reliance.optional else ""
        return f"read at {self.lines(reliance.lines)}{guarded}"

    def unfit(self, unfit: Unfit) -> str:
        """Return what does not hold, and where it is used."""
        return printable(f"left out: `{unfit.text}` at {self.lines(unfit.lines)}: {unfit.reason}")

    def relied(self, relied: Relied) -> str:
        """Return where a term came from."""
        return self.lines(relied.lines) + (printable(f"; {relied.remark}") if relied.remark else "")

    def toml(self, reliance: Reliance, assignment: Callable[[str], str]) -> Iterator[str]:
        """Yield the lines of a table in TOML: comments and assignments.

        Args:
            reliance: what code relies on.
            assignment: a text as TOML writes it.
        """
        yield f"# {self.read(reliance)}"
        if reliance.optional:
            yield "optional = true"
        for kind, terms in reliance.terms.items():
            yield f"{kind} = ["
            for relied in terms:
                yield f"    {assignment(relied.text)},  # {self.relied(relied)}"
            yield "]"
        for unfit in reliance.unfit:
            yield f"# {self.unfit(unfit)}"

    def comments(self, reliance: Reliance) -> Iterator[str]:
        """Yield the lines of comments before an annotation, which has the terms."""
        yield f"# {self.read(reliance)}"
        for terms in reliance.terms.values():
            for relied in terms:
                yield f"# {printable(relied.text)}: {self.relied(relied)}"
        for unfit in reliance.unfit:
            yield f"# {self.unfit(unfit)}"


class RelianceOf(NamedTuple):
    """What the sources rely on.

    Attributes:
        of: of a component, by its address; None: this is not known.
        text: words for it.
    """

    of: Callable[[str], Reliance | None]
    text: RelianceText


def terms_of_reliance(reliance: Reliance) -> dict[str, object]:
    """The terms of a contract, as TOML spells them."""
    terms: dict[str, object] = {"optional": True} if reliance.optional else {}
    kinds: dict[TermKind, tuple[Relied, ...]] = dict(reliance.terms)
    return {**terms, **{kind: [relied.text for relied in found] for kind, found in kinds.items()}}


def printable(text: str) -> str:
    """A text with a question mark for each character that cannot be printed, for a comment."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
