"""What must hold of one component, and the settings it is checked under."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from netra_contracts.declare import Phase
from netra_contracts.wire import Location, Scalar, TypeSpec


class Record(BaseModel):
    """Base of the model: immutable, and unknown fields are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Severity(StrEnum):
    """How grave a finding is, gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


class Method(Record):
    """A method that must be there: `signature` is the shape of a call it must accept, as `(event, data)`, or empty."""

    name: str
    signature: str = ""
    asynchronous: bool = False


class Bound(Record):
    """A constraint on a plain value: one of the operators of `wire.Question`."""

    operator: str
    operand: Scalar


class Origin(Record):
    """Where a contract was declared: a sentence for people, and the line where that is known."""

    text: str = ""
    location: Location | None = None


class ComponentContract(Record):
    """What must hold of one component.

    Attributes:
        component: address: `name`, `lifespan:name`, `/mount:name`.
        phase: by whose end it must hold; None: the end of startup.
        type: what it must be an instance of; None: anything.
        attributes: dotted paths that must lead to something that is not None.
        requires: components that must be set before this one.
        wires: attribute path of this component -> address of the component it must be the very object of.
        severity: of the findings when it is broken.
        impact: what a user loses when it is broken, in the contract's own words.
        uncheckable: constraints that cannot be answered without the value leaving the process; reported as not run.
    """

    component: str
    phase: Phase | None = None
    type: TypeSpec | None = None
    methods: tuple[Method, ...] = ()
    attributes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    wires: Mapping[str, str] = {}
    bounds: tuple[Bound, ...] = ()
    uncheckable: tuple[str, ...] = ()
    optional: bool = False
    severity: Severity = Severity.ERROR
    impact: str = ""
    description: str = ""
    docs: str = ""
    origin: Origin = Origin()

    @property
    def stands_on(self) -> tuple[str, ...]:
        """The components this one needs: `requires`, and where its wires lead. In order, each once."""
        return tuple(dict.fromkeys([*self.requires, *self.wires.values()]))

    def sort_key(self) -> Any:
        """Order of phases; without one, last."""
        return (self.phase.position if self.phase else len(Phase), self.component)
