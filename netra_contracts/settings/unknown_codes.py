"""Codes that a user wrote and that no check has. Plugins add checks, so this is known once they are loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from netra_contracts.errors import Problem, did_you_mean, display_path
from netra_contracts.model.suppression import Suppression
from netra_contracts.settings.options import Options


def unknown_codes(options: Options, known: Sequence[str], place: Callable[[str, int | str], str]) -> Iterator[Problem]:
    """The problems that options name codes that no check has.

    Args:
        options: those of the run.
        known: the codes of all checks, those of plugins included.
        place: where a member of an option came from, by the option's name and the member's position or key.
    """
    lists = (("select", options.select), ("ignore", options.ignore))
    members: list[tuple[str, int | str, str]] = [
        (name, index, code) for name, given in lists for index, code in enumerate(given)
    ]
    tables = (("severity", options.severity), ("fail_levels", options.fail_levels))
    members += [(name, code, code) for name, given in tables for code in given]
    for name, step, code in members:
        problem = unknown_code(code, known, "")
        if problem is not None:
            yield problem._replace(place=place(name, step))


def unknown_code(prefix: str, known: Sequence[str], place: str) -> Problem | None:
    """The problem that no check has a code that starts with a text; None: one has.

    Args:
        prefix: the beginning of codes, or a whole one.
        known: the codes of all checks.
        place: where it was written.
    """
    if any(code.startswith(prefix) for code in known):
        return None
    hint = did_you_mean(prefix, known) or "`netra-contracts explain` lists the codes"
    return Problem(f'no check has a code that starts with "{prefix}"', place, hint)


def unknown_ignored_codes(ignored: Iterable[Suppression], known: Sequence[str]) -> Iterator[Problem]:
    """The problems that tables of `ignore` name codes that no check has.

    Args:
        ignored: these tables.
        known: the codes of all checks.
    """
    for entry in ignored:
        at = entry.location
        problem = unknown_code(entry.code, known, f"{display_path(at.file)}:{at.line}: ignore" if at else "ignore")
        if problem is not None:
            yield problem
