"""One changed fact, and what became of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar, NamedTuple

from netra_contracts.model.score import Outcome, Term
from netra_contracts.score.facts import Edit, Facts


class Mutant(NamedTuple):
    """A recording in which one fact is another one.

    Attributes:
        kind: of the change, as the mutator names it.
        component: address of the component that it is about; empty: it is about events or background work.
        fact: what distinguishes it from others of its kind and component, such as the path of an attribute.
        description: what the changed recording says, in words.
        edit: the facts of the changed recording, where they differ.
        term: what a contract would have to say to notice it; None: no term does.
    """

    kind: str
    component: str
    fact: str
    description: str
    edit: Edit
    term: Term | None = None


class Equivalent(NamedTuple):
    """A fact whose change breaks nothing, or nothing that could be seen. `rule` is a rule of the mutator, by name."""

    kind: str
    component: str
    fact: str
    rule: str


class MutantResult(NamedTuple):
    """What became of a fact.

    Attributes:
        mutant: the changed fact.
        outcome: whether contracts report it.
        codes: of the findings that report it: with contracts if it was killed, without if it is `reported`.
    """

    mutant: Mutant | Equivalent
    outcome: Outcome
    codes: tuple[str, ...] = ()


class Mutator(ABC):
    """Changes facts of one kind. The docstring of a subclass says in one sentence what the changed recording shows.

    Attributes:
        kind: names the kind.
        rules: which of these changes are left out: name of the rule -> the rule, as a sentence.
    """

    kind: ClassVar[str]
    rules: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def mutants(self, facts: Facts) -> Iterator[Mutant | Equivalent]:
        """Each fact of this kind once: its change, or the rule by which it is left out."""

    def mutant(
        self, component: str, description: str, edit: Edit, *, fact: str = "", term: Term | None = None
    ) -> Mutant:
        """A mutant of this kind."""
        return Mutant(self.kind, component, fact, description, edit, term)

    def left_out(self, component: str, rule: str, *, fact: str = "") -> Equivalent:
        """A fact that is left out by a rule of this kind.

        Raises:
            KeyError: if there is no such rule.
        """
        self.rules[rule]
        return Equivalent(self.kind, component, fact, rule)
