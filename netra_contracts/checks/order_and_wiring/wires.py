"""Wires of contracts that are broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netra_contracts.checks.engine.context import Context
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.protocol.observation import Answer
from netra_contracts.protocol.plan import Question


class BrokenWire(NamedTuple):
    """A wire whose attribute is not the same object as the other component."""

    contract: ComponentContract
    path: str
    other: str
    answer: Answer


def wire_question(contract: ComponentContract, path: str) -> Question:
    """Whether the attribute is the same object as the other component."""
    return Question("same", contract.component, path=path, other=contract.wires[path])


def broken_wires(context: Context) -> Iterator[BrokenWire]:
    """All wires of judged contracts that were found broken."""
    for contract in context.blocking.examinable:
        for path, other in contract.wires.items():
            answer = context.contracts.answer(contract, wire_question(contract, path))
            if answer is not None and answer.holds is False:
                yield BrokenWire(contract, path, other, answer)
