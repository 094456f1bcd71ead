"""The score of contracts for a terminal: the score, and what survived, by component and by the term that is missing."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from netra_contracts.model.score import Score, Survivor
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.wording import clean, listed, plural

#: Components whose survivors are shown; `-v` shows all.
_MAX_COMPONENTS = 20
_EVENTS = "events and background work"
_NO_TERM = "no term of a contract would notice"
_GOOD = 80
#: Narrower than this, the numbers of a kind are lines below it.
_MIN_TABLE_WIDTH = 60
_OUTCOMES = ("killed", "survived", "reported", "equivalent")


def render(score: Score, options: RenderOptions) -> str:
    """Return the score, survivors by component, what is left out and, with `-v`, the numbers of each kind."""
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=options.width,
        force_terminal=options.colour,
        color_system="standard" if options.colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    counted = score.killed + score.survived
    headline = f"SCORE {score.score:g}  {score.target}: {score.killed:,} of {plural(counted, 'change')} noticed"
    console.print(_text(headline, options), style="bold green" if score.score >= _GOOD else "bold yellow")
    for line in _survivors(score, options):
        console.print(line)
    console.print()
    for sentence in (*_left_out(score), *score.notes):
        console.print(_text(sentence, options), style="dim")
    if options.verbose > 0:
        console.print()
        for part in _kinds(score, options):
            console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def _text(text: str, options: RenderOptions) -> str:
    return clean(text, ascii_only=not options.unicode)


def _survivors(score: Score, options: RenderOptions) -> Iterator[Padding | Text]:
    """Yield each component with what is missing in its contract, and which changes that leaves unnoticed."""
    by_component: dict[str, dict[str, list[Survivor]]] = {}
    for survivor in score.survivors:
        by_component.setdefault(survivor.component, {}).setdefault(survivor.advice, []).append(survivor)
    limit = len(by_component) if options.verbose > 0 else _MAX_COMPONENTS
    for component, by_advice in list(by_component.items())[:limit]:
        yield Text()
        yield Text(_text(component or _EVENTS, options), style="bold")
        for advice, survivors in by_advice.items():
            yield Padding(Text(_text(advice or _NO_TERM, options)), (0, 0, 0, 2))
            facts = "; ".join(survivor.fact for survivor in survivors)
            yield Padding(Text(_text(facts, options), style="dim"), (0, 0, 0, 4))
    if len(by_component) > limit:
        yield Text()
        yield Text(f"and {plural(len(by_component) - limit, 'more component')}; -v lists all")


def _left_out(score: Score) -> Iterator[str]:
    """Yield what is not part of the score."""
    parts = []
    if score.reported:
        parts.append(f"{score.reported:,} that checks report without contracts")
    if score.equivalent:
        parts.append(f"{score.equivalent:,} that break nothing")
    if parts:
        yield f"not counted: {listed(parts)}"


def _kinds(score: Score, options: RenderOptions) -> Iterator[Padding | Table | Text]:
    """Yield the numbers of each kind: a table or, where that would not fit, two lines for each."""
    numbers = {
        kind: [(outcome, f"{getattr(count, outcome):,}") for outcome in _OUTCOMES]
        for kind, count in score.mutants.items()
    }
    if options.width < _MIN_TABLE_WIDTH:
        for kind, counts in numbers.items():
            yield Text(kind)
            words = ", ".join(f"{number} {outcome}" for outcome, number in counts if number != "0")
            yield Padding(Text(words, style="dim"), (0, 0, 0, 2))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("kind", overflow="fold")
    for title in _OUTCOMES:
        table.add_column(title, justify="right", overflow="fold")
    for kind, counts in numbers.items():
        table.add_row(kind, *(number for _, number in counts))
    yield table
