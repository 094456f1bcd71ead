"""What must hold of one component, and the settings it is checked under."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from netra_contracts.declare import Phase
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.plan import Scalar, TypeSpec


class FrozenModel(BaseModel):
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


class Method(FrozenModel):
    """A method that must be there: `signature` is the shape of a call it must accept, as `(event, data)`, or empty."""

    name: str
    signature: str = ""
    asynchronous: bool = False


class Constraint(FrozenModel):
    """A constraint on a plain value: one of the operators of `wire.Question`."""

    operator: str
    operand: Scalar


class PerUserContract(FrozenModel):
    """How a component makes an instance for each user: see `wire.PerUser`, whose fields these are."""

    create: str
    context: str = ""
    release: str = ""
    shared: tuple[str, ...] = ()
    shared_types: tuple[str, ...] = ()
    users: int = 10
    cycles: int = 1000


class ExpectedEvent(FrozenModel):
    """An event of a run: how often it comes. `at_most` None: any number of times."""

    name: str
    at_least: int = 1
    at_most: int | None = 1


class ContractSource(FrozenModel):
    """Where a contract was declared: a sentence for people, and the line where that is known."""

    text: str = ""
    location: Location | None = None


class ComponentContract(FrozenModel):
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
        per_user: how it makes an instance for each user, for it to be shown that they are kept apart.
    """

    component: str
    phase: Phase | None = None
    type: TypeSpec | None = None
    methods: tuple[Method, ...] = ()
    attributes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    wires: Mapping[str, str] = {}
    bounds: tuple[Constraint, ...] = ()
    uncheckable: tuple[str, ...] = ()
    per_user: PerUserContract | None = None
    optional: bool = False
    severity: Severity = Severity.ERROR
    impact: str = ""
    description: str = ""
    docs: str = ""
    origin: ContractSource = ContractSource()

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The components this one needs: `requires`, and where its wires lead. In order, each once."""
        return tuple(dict.fromkeys([*self.requires, *self.wires.values()]))


class DeliveryContract(FrozenModel):
    """What each user's client must receive after its message, over a WebSocket.

    Attributes:
        path: of the WebSocket, with query; `{user}` stands for the user's id.
        token: `module:attr` of a function from a user's id to a bearer token; empty: no token is sent.
        token_in: where the token is sent: the Authorization header, a subprotocol after `token_name`, or the query
            parameter `token_name`.
        send: the message, as text; `{user}` and `{canary}` stand for the user's id.
        expect: the events of a run, in order if `ordered`.
        terminal: the event that ends a run.
        event_field: dotted JSON path of an event's name.
        run_field: dotted JSON path of the id of its run, empty: events do not tell.
        id_field: dotted JSON path of what no two events of a run have in common; empty: events do not tell.
        within_ms: the longest time between two events of a run; None: any.
        deadline_s: how long a client waits for the end of a run.
        users: how many users are connected at once.
        reject_bad_tokens: try tokens that must be refused.
        slow_reader: try a client that never reads.
        reconnect: try a client that drops and reconnects.
        expiry: try a client whose token expires.
        burst: how many runs one client asks for at once; 0: none.
        readiness: path of the readiness URL; empty: there is none.
    """

    path: str
    token: str = ""
    token_in: Literal["header", "query", "subprotocol"] = "header"  # noqa: S105 - a place, no password
    token_name: str = ""
    send: str = ""
    expect: tuple[ExpectedEvent, ...]
    ordered: bool = True
    terminal: str
    event_field: str = "type"
    run_field: str = ""
    id_field: str = ""
    within_ms: float | None = None
    deadline_s: float = 10.0
    users: int = 10
    reject_bad_tokens: bool = False
    slow_reader: bool = False
    reconnect: bool = False
    expiry: bool = False
    burst: int = 0
    readiness: str = ""
    severity: Severity = Severity.ERROR
    impact: str = ""
    docs: str = ""
    origin: ContractSource = ContractSource()
