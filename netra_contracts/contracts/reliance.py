"""What the code that reads a component relies on, as terms of its contract: for `netra-contracts init --from-usage`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from netra_contracts.contracts.type_expressions import parse_method
from netra_contracts.contracts.values import InvalidValue
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.plan import Question
from netra_contracts.protocol.relied_terms import ReliedTerm, TermKind, question_of_term, terms_of
from netra_contracts.protocol.source_usage import Use

#: The terms of a contract that can be relied on, in the order in which they are written.
KINDS: tuple[TermKind, ...] = ("methods", "async-methods", "attributes")
#: Why a method does not fit, by the reason of the answer.
_REASONS = {"not-async": "it is not async", "not-callable": "it is not callable"}


class Read(NamedTuple):
    """One line that reads a component.

    Attributes:
        location: the line.
        guarded: whether it allows the component to be absent or None.
        uses: what it does with it.
    """

    location: Location
    guarded: bool
    uses: Sequence[Use]


class Relied(NamedTuple):
    """A method or an attribute that code relies on.

    Attributes:
        text: as a contract has it: `acquire(a)`, `dsn`.
        lines: that rely on it.
        remark: what is not known of it; empty: nothing.
    """

    text: str
    lines: tuple[Location, ...]
    remark: str = ""


class Unfit(NamedTuple):
    """A use that a contract cannot have, since it does not hold for the object, or this is not known.

    Attributes:
        text: the use.
        reason: why, as a sentence.
        lines: that use it.
    """

    text: str
    reason: str
    lines: tuple[Location, ...]


class Reliance(NamedTuple):
    """What code relies on of one component.

    Attributes:
        terms: methods and attributes, by the term that has them.
        optional: whether every line that reads it is guarded.
        lines: that read it.
        unfit: what does not hold.
    """

    terms: Mapping[TermKind, tuple[Relied, ...]] = {}
    optional: bool = False
    lines: tuple[Location, ...] = ()
    unfit: tuple[Unfit, ...] = ()


def relied_on(component: str, reads: Sequence[Read], answer_of: Callable[[Question], Answer | None]) -> Reliance:
    """What code relies on: what it does with a component, as far as the object of the running application allows it.

    Args:
        component: its address.
        reads: the lines that read it.
        answer_of: the probe's answer to a question of `question_of_term`.
    """
    held: dict[ReliedTerm, _Lines] = {}
    unfit: dict[tuple[str, str], list[Location]] = {}
    for read in reads:
        for use in read.uses:
            found = _judged(component, use, answer_of)
            if found.term is None:
                unfit.setdefault((found.text, found.remark), []).append(read.location)
            else:
                held.setdefault(found.term, _Lines(found.text, [], found.remark)).lines.append(read.location)
    required = _without_weaker(held)
    terms = {kind: tuple(_of_kind(kind, required)) for kind in KINDS}
    return Reliance(
        {kind: relied for kind, relied in terms.items() if relied},
        bool(reads) and all(read.guarded for read in reads),
        _distinct(read.location for read in reads),
        tuple(Unfit(text, reason, _distinct(lines)) for (text, reason), lines in unfit.items()),
    )


class _Lines(NamedTuple):
    text: str
    lines: list[Location]
    remark: str


class _Judged(NamedTuple):
    """One use: the term that says it, or why none can."""

    term: ReliedTerm | None
    text: str
    remark: str = ""


def _judged(component: str, use: Use, answer_of: Callable[[Question], Answer | None]) -> _Judged:
    first = ""
    for term in map(_writable, terms_of(use)):
        answer = answer_of(question_of_term(term, component))
        if answer is not None and answer.holds:
            return _Judged(term, _text(term), first)
        first = first or _fault(term, answer)
        if answer is not None and answer.holds is False:
            break
    awaited = "await " if use.kind == "await" and use.called else ""
    return _Judged(None, f"{awaited}{_text(_writable(terms_of(use)[0]))}", first)


def _writable(term: ReliedTerm) -> ReliedTerm:
    """A term whose signature a contract can have; without its signature if it cannot."""
    try:
        parse_method(f"{term.path}{term.signature}")
    except InvalidValue:
        return ReliedTerm(term.kind, term.path)
    return term


def _text(term: ReliedTerm) -> str:
    return f"{term.path}{term.signature}" if term.kind != "attributes" else term.path


def _fault(term: ReliedTerm, answer: Answer | None) -> str:
    """Why a term does not hold, or is not known to."""
    if answer is None:
        return "it was not examined"
    if answer.holds is None:
        return answer.detail or "it cannot be examined"
    if answer.missing:
        return f"there is no `{answer.missing}`" + (f"; did you mean `{answer.near}`?" if answer.near else "")
    reason = f"it refuses the call: {answer.detail}" if answer.reason == "call-refused" else _REASONS.get(answer.reason)
    return reason or ("it was None" if term.kind == "attributes" else "it is not callable")


def _without_weaker(held: Mapping[ReliedTerm, _Lines]) -> dict[ReliedTerm, _Lines]:
    """The terms that no other one implies: a method of which a call is known, a path that goes on, async ones."""
    kept = {term: found for term, found in held.items() if not any(_implies(other, term) for other in held)}
    for term, found in held.items():
        implied_by = next((strong for other, strong in kept.items() if _implies(other, term)), None)
        if term not in kept and implied_by is not None:
            implied_by.lines.extend(found.lines)
    return kept


def _implies(strong: ReliedTerm, weak: ReliedTerm) -> bool:
    if strong == weak:
        return False
    if weak.kind == "attributes":
        return strong.path == weak.path or strong.path.startswith(f"{weak.path}.")
    if strong.kind == "attributes" or strong.path != weak.path:
        return False
    if strong.kind == weak.kind:
        return bool(strong.signature) and not weak.signature
    return strong.kind == "async-methods" and weak.signature in ("", strong.signature)


def _of_kind(kind: TermKind, terms: Mapping[ReliedTerm, _Lines]) -> Iterator[Relied]:
    for term, found in terms.items():
        if term.kind == kind:
            yield Relied(found.text, _distinct(found.lines), found.remark)


def _distinct(lines: Iterable[Location]) -> tuple[Location, ...]:
    """Each line once, in order."""
    return tuple({(line.file, line.line): line for line in lines}.values())
