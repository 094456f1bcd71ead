"""What contracts say of which objects must be the same, and where it does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netra_contracts.checks.engine.context import Context
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.plan import Question

#: The subject of findings about `same-as`, as that of a wire is its path.
SAME_AS = "same-as"


class BrokenWire(NamedTuple):
    """A wire whose attribute is not the same object as the other component; without a path, the component itself."""

    contract: ComponentContract
    path: str
    other: str
    answer: Answer

    @property
    def subject(self) -> str:
        """What a finding about it is about: the path, or `same-as`."""
        return self.path or SAME_AS

    @property
    def holder(self) -> str:
        """The address of the attribute."""
        return f"{self.contract.component}.{self.path}" if self.path else self.contract.component


def identity_questions(contract: ComponentContract) -> Iterator[Question]:
    """Whether each wired attribute is the same object as the other component, and the component what it must be."""
    for path, other in contract.wires.items():
        yield Question("same", contract.component, path=path, other=other)
    if contract.same_as:
        yield Question("same", contract.component, other=contract.same_as)


def broken_wires(context: Context) -> Iterator[BrokenWire]:
    """All wires of judged contracts that were found broken."""
    for contract in context.blocking.examinable:
        for question in identity_questions(contract):
            answer = context.contracts.answer(contract, question)
            if answer is not None and answer.holds is False:
                yield BrokenWire(contract, question.path, question.other, answer)
