"""What contracts can say of the uses in the sources: shared by the probe, which asks whether it holds, and `init`."""

from __future__ import annotations

from typing import Literal

from .plan import Question
from .record import record
from .source_usage import Use

#: A term of a contract, as TOML spells it.
TermKind = Literal["attributes", "methods", "async-methods"]

#: The method that a statement calls, of an object that it gets directly.
_METHODS = {
    "await": "__await__",
    "with": "__enter__",
    "async-with": "__aenter__",
    "iterate": "__iter__",
    "async-iterate": "__aiter__",
    "subscript": "__getitem__",
}


@record(frozen=True)
class ReliedTerm:
    """An attribute or a method that code relies on.

    Attributes:
        path: attributes from the component, dotted.
        signature: see `Use`.
    """

    kind: TermKind
    path: str
    signature: str = ""


def terms_of(use: Use) -> tuple[ReliedTerm, ...]:
    """The terms that say what a use relies on, the strongest first."""
    if use.kind == "attribute":
        return (ReliedTerm("attributes", use.path),)
    if not (use.called or use.kind == "call"):
        return (ReliedTerm("methods", ".".join(filter(None, (use.path, _METHODS[use.kind])))),)
    kinds: tuple[TermKind, ...] = ("async-methods", "methods") if use.kind == "await" else ("methods",)
    signatures = (use.signature, "") if use.signature else ("",)  # that of a function of C may not be readable
    return tuple(ReliedTerm(kind, use.path or "__call__", signature) for kind in kinds for signature in signatures)


def question_of_term(term: ReliedTerm, component: str) -> Question:
    """The question whether a component fits a term."""
    if term.kind == "attributes":
        return Question("attribute", component, term.path)
    is_async = term.kind == "async-methods"
    return Question("method", component, term.path, signature=term.signature, asynchronous=is_async)
