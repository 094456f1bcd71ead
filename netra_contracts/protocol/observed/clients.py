"""What real clients received from the served application, and what the application did meanwhile."""

from __future__ import annotations

from typing import Literal

from ..location import Location
from ..record import record
from .failures import StageFailure


@record(frozen=True)
class ReceivedEvent:
    """One message that a client received.

    Attributes:
        name: the event's name; empty if the message has none.
        ms: since the client sent the message that this event may answer.
        run: to which of the client's runs the event belongs, from 0; 0 if the contract has no `run-field`; None if the
            event has no value there.
        foreign_user: the other user whose id the message contains; empty: none.
        has_canary: whether the message contains the id of any synthetic user.
        is_repeat: whether the client has already received an event with the same id.
        is_answer: whether the event may answer the message that is measured: it arrived after that was sent, and does
            not belong to an earlier run.
    """

    name: str
    ms: float
    run: int | None = 0
    foreign_user: str = ""
    has_canary: bool = False
    is_repeat: bool = False
    is_answer: bool = True


@record(frozen=True)
class ClientLog:
    """What one WebSocket client did and received.

    Attributes:
        user: the synthetic user's name.
        sent: how many runs the client asked for.
        ended: `done`: everything it waited for arrived; `deadline`: it did not arrive in time; `closed`: the server
            closed the connection; `refused`: the handshake was refused; `failed`: anything else.
        status: the HTTP status of a refused handshake.
        close_code: see RFC 6455, section 7.4.
        connected: whether the WebSocket was open at any time.
        failed_step: the number, from 1, of the step before the message whose events did not come; 0: none failed.
        ms: from the opening of the connection to the end.
    """

    user: str
    sent: int = 0
    events: tuple[ReceivedEvent, ...] = ()
    ended: Literal["done", "deadline", "closed", "refused", "failed"] = "done"
    status: int | None = None
    close_code: int | None = None
    ms: float = 0.0
    error: str = ""
    connected: bool = True
    failed_step: int = 0


#: The name of a scenario, as `clients.scenarios` declares it, e.g. `delivery` or `slow reader`.
ScenarioName = str


@record(frozen=True)
class Scenario:
    """What the clients of one scenario received.

    Attributes:
        bystanders: connections whose own runs are not judged, such as one that was abandoned; they must not receive
            events of other users either.
        skipped: why the scenario was not run; empty: it was.
    """

    name: ScenarioName
    clients: tuple[ClientLog, ...] = ()
    ms: float = 0.0
    skipped: str = ""
    bystanders: tuple[ClientLog, ...] = ()


@record(frozen=True)
class ReadinessResult:
    """How the readiness URL answered.

    Attributes:
        first_status: the first HTTP status; None: there was no answer.
        ready_ms: from the first request to the first answer with status 200; None: there was none.
        last_status: the last HTTP status.
    """

    first_status: int | None
    ready_ms: float | None = None
    last_status: int | None = None


@record(frozen=True)
class IdentityInState:
    """An entry of a state that was written while users were served and that leads, along `path`, to a user's id."""

    component: str
    path: str
    location: Location | None = None


@record(frozen=True)
class ServerObservation:
    """The probe's side of the live stage.

    Attributes:
        server: name and version of the server.
        failures: exceptions of request handlers and of background tasks.
        identities: entries of states that hold the id of a user who was served.
        websocket_routes: paths of the application's WebSocket routes, as its framework writes them; empty: unknown.
        skipped: why the application was not served; empty: it was.
    """

    server: str = ""
    failures: tuple[StageFailure, ...] = ()
    identities: tuple[IdentityInState, ...] = ()
    skipped: str = ""
    websocket_routes: tuple[str, ...] = ()


@record(frozen=True)
class ClientObservation:
    """The host's side of the live stage.

    Attributes:
        skipped: why no client was connected; empty: clients were.
        failed: what could not be had, if that is why: the token function, the target's server, a library of the tool.
    """

    scenarios: tuple[Scenario, ...] = ()
    readiness: ReadinessResult | None = None
    skipped: str = ""
    failed: Literal["", "token", "server", "tool"] = ""
