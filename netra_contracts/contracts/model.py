"""Validated contracts: what must hold of components and of the events that users receive."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from netra_contracts.declare import Phase
from netra_contracts.protocol.address import parse_address
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.plan import Scalar, TypeSpec


class FrozenModel(BaseModel):
    """Base of the model: immutable, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Severity(StrEnum):
    """Severity of a finding, the most severe first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the most severe."""
        return list(Severity).index(self)


class Method(FrozenModel):
    """A required method. `signature` is the signature of a call that it must accept, e.g. `(event, data)`, or empty."""

    name: str
    signature: str = ""
    asynchronous: bool = False


class Constraint(FrozenModel):
    """A constraint on a plain value. `operator` is one of the protocol's `OPERATORS`."""

    operator: str
    operand: Scalar


class PerUserContract(FrozenModel):
    """How a component creates an instance for each user. The fields are those of the protocol's `IsolationRequest`."""

    create: str
    context: str = ""
    release: str = ""
    release_within: float = 0.0
    pooled: bool = False
    shared: tuple[str, ...] = ()
    shared_types: tuple[str, ...] = ()
    users: int = 10
    cycles: int = 1000


class ExpectedEvent(FrozenModel):
    """An event of a run, and how often it occurs. `at_most` None: unlimited."""

    name: str
    at_least: int = 1
    at_most: int | None = 1


class ClientStep(FrozenModel):
    """What a client does before the message that is measured: it sends a message, or waits for each of some events."""

    send: str | None = None
    expect: tuple[str, ...] = ()


class ContractSource(FrozenModel):
    """Where a contract was declared: `text` for messages, and the line if it is known."""

    text: str = ""
    location: Location | None = None


@lru_cache(10_000)
def _is_provider(address: str) -> bool:
    """Whether an address is that of what a function of a module returns: checks ask it for each question."""
    return parse_address(address).is_provider


class ComponentContract(FrozenModel):
    """What must hold of one component.

    Attributes:
        component: address, see `protocol.address`.
        phase: phase by whose end the contract must hold; None: the end of startup.
        type: required type; None: any type.
        attributes: dotted paths of attributes that must exist and not be None.
        requires: components that must be set before this one.
        wires: attribute path of this component -> address of the component that must be the same object.
        same_as: address of the component that this one must be: the same object; empty: none.
        imports: whether modules that the contract names are imported after startup if the application has not.
        severity: severity of the findings when the contract is broken.
        impact: what a user loses when the contract is broken, in the words of its author.
        uncheckable: constraints that cannot be evaluated without the value leaving the process; reported as not run.
        per_user: how the component creates an instance for each user; None: isolation is not tested.
    """

    component: str
    phase: Phase | None = None
    type: TypeSpec | None = None
    methods: tuple[Method, ...] = ()
    attributes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    wires: Mapping[str, str] = {}
    same_as: str = ""
    imports: bool = False
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
        """The components that must be there for this one to hold: `set_after`, and what it must be the same as."""
        return tuple(dict.fromkeys([*self.set_after, *([self.same_as] if self.same_as else [])]))

    @property
    def set_after(self) -> tuple[str, ...]:
        """The components that must be set before this one: `requires`, and those that it is wired to. Each once."""
        return tuple(dict.fromkeys([*self.requires, *self.wires.values()]))

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules whose objects the contract names, each once."""
        addresses = map(parse_address, (self.component, *self.depends_on))
        return tuple(dict.fromkeys(address.module for address in addresses if address.is_module_object))

    @property
    def is_judged_after_startup(self) -> bool:
        """Whether it cannot be judged at the end of a marked phase: it names what a provider returns, or what the tool
        imports after startup.
        """
        return self.imports or any(map(_is_provider, (self.component, *self.depends_on)))

    @property
    def is_presence_only(self) -> bool:
        """Whether it requires only that the component is set and not None."""
        typed = self.type is not None and (self.type.names or self.type.literals)
        examined = self.methods or self.attributes or self.bounds or self.uncheckable or self.per_user
        return not (typed or examined or self.depends_on)


class DeliveryContract(FrozenModel):
    """The events that each user must receive over a WebSocket after a message.

    Attributes:
        path: path and query of the WebSocket; `{user}` is replaced by the user id.
        token: `module:attr` of a function from a user id to a bearer token; empty: no token is sent.
        token_in: where the token is sent: the Authorization header, a subprotocol after `token_name`, or the query
            parameter `token_name`; `placeholder`: only where `{token}` is.
        headers: of the handshake, by name. These, and what follows, may be secret: recordings do not contain them.
        cookies: of the handshake, by name.
        client_origin: the Origin header; empty: there is none.
        subprotocols: that the client offers, before those of `token_in`.
        functions: term, such as `headers` or `cookies.session` -> `module:attr` of a function from a user id to it.
        steps: what a client does when it has connected, before `send`.
        send: the message, as text; None: connecting starts a run, or else an empty message. `{user}` and `{canary}` in
            it, in `steps`, `path` and the handshake are replaced by the user id, `{token}` by the token.
        format: how messages are encoded; `msgpack`: binary messages are, and JSON text of `send` is sent as such.
        expect: the events of a run, in order if `ordered`.
        terminal: the event that ends a run.
        shared: events that are meant to name other users.
        event_field: dotted JSON path of the name of an event.
        events_field: dotted JSON path of an array of events in a message; empty: a message is an event, or an array.
        run_field: dotted JSON path of the run id of an event; empty: events have none.
        id_field: dotted JSON path of a value that is unique for each event of a run; empty: events have none.
        within_ms: maximum time in ms between two events of a run; None: unlimited.
        deadline_s: deadline of a run, in seconds.
        users: number of users that are connected at the same time.
        reject_bad_tokens: test that invalid tokens are rejected.
        slow_reader: test a client that never reads.
        reconnect: test a client that disconnects and reconnects.
        expiry: test a client whose token expires.
        burst: number of runs that one client starts at the same time; 0: this is not tested.
        readiness: path of the readiness URL; empty: there is none.
    """

    path: str
    token: str = ""
    token_in: Literal["header", "query", "subprotocol", "placeholder"] = "header"  # noqa: S105 - not a password
    token_name: str = ""
    headers: Mapping[str, str] = Field({}, exclude=True)
    cookies: Mapping[str, str] = Field({}, exclude=True)
    client_origin: str = Field("", exclude=True)
    subprotocols: tuple[str, ...] = Field((), exclude=True)
    functions: Mapping[str, str] = {}
    steps: tuple[ClientStep, ...] = ()
    send: str | None = None
    format: Literal["json", "msgpack"] = "json"
    expect: tuple[ExpectedEvent, ...]
    ordered: bool = True
    terminal: str
    shared: tuple[str, ...] = ()
    event_field: str = "type"
    events_field: str = ""
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

    @property
    def sends_token(self) -> bool:
        """Whether clients send their token in a message, once they are connected."""
        return any("{token}" in text for text in (self.send or "", *(step.send or "" for step in self.steps)))
