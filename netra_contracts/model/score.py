"""The score of contracts: frozen records that are drawn as a table or written as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from netra_contracts.contracts.model import FrozenModel

#: Raised when a field of the JSON document of `score` is removed or changes its meaning.
SCORE_VERSION = 1

#: `killed`: a contract reports it. `survived`: nothing does. `reported`: a check reports it without any contract.
#: `equivalent`: a rule says that the change breaks nothing, or nothing that could be seen.
Outcome = Literal["killed", "survived", "reported", "equivalent"]


class Term(FrozenModel):
    """A term of a contract that would catch a mutant.

    Attributes:
        component: address of the component whose contract it belongs to; empty: the contract on events.
        key: key of the term, as TOML spells it; empty: a contract of the component without any term is enough.
        value: its value.
        proven: whether the recording proves that it holds.
    """

    component: str
    key: str = ""
    value: str | bool | int | Mapping[str, str] | tuple[str, ...] = ""
    proven: bool = True

    @property
    def text(self) -> str:
        """The term as TOML; empty if the contract needs none."""
        return f"{self.key} = {self.value_text}" if self.key else ""

    @property
    def value_text(self) -> str:
        """The value as TOML."""
        return _toml(self.value)


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(member)}" for key, member in value.items()) + " }"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    is_bare = name.isascii() and all(letter.isalnum() or letter in "_-" for letter in name)
    return name if is_bare else json.dumps(name, ensure_ascii=False)


class Survivor(FrozenModel):
    """A mutant that nothing reports.

    Attributes:
        component: address of the component; empty: it is about events or background work.
        kind: kind of the mutant.
        fact: what was changed, in words.
        advice: what to change in which contract, in words; empty: no term of a contract would notice it.
        term: the term that would notice it; null: none would.
    """

    component: str
    kind: str
    fact: str
    advice: str = ""
    term: Term | None = None


class KindCount(FrozenModel):
    """The mutants of one kind.

    Attributes:
        killed: a contract reports them.
        survived: nothing reports them.
        reported: a check reports them without any contract; they are not part of the score.
        equivalent: a rule says that they break nothing, or nothing that could be seen; they are not part of the score.
    """

    killed: int = 0
    survived: int = 0
    reported: int = 0
    equivalent: int = 0


class Score(FrozenModel):
    """How many changes of a recorded startup contracts notice.

    Attributes:
        schema_version: version of this document.
        tool_version: of netra-contracts.
        target: the target, as the user names it.
        score: 100 * killed / (killed + survived), rounded down to one decimal; 0 if nothing was killed.
        killed: number of mutants that a contract reports.
        survived: number of mutants that nothing reports.
        reported: number of mutants that a check reports without any contract. They are not part of the score.
        equivalent: number of mutants that are left out by a rule.
        mutants: the same numbers by kind of mutant.
        survivors: the mutants that nothing reports, in the order of their components.
        notes: what the recording lacks, so that there are no mutants of it.
    """

    schema_version: int = SCORE_VERSION
    tool_version: str
    target: str
    score: float
    killed: int
    survived: int
    reported: int
    equivalent: int
    mutants: Mapping[str, KindCount]
    survivors: tuple[Survivor, ...] = ()
    notes: tuple[str, ...] = ()
