"""What real clients received from the served application, and what the application did meanwhile."""

from __future__ import annotations

from typing import Literal

from .failures import StageFailure
from .location import Location
from .record import record


@record(frozen=True)
class ReceivedEvent:
    """One message that a client received.

    Attributes:
        name: the event's name; empty if the message has none.
        ms: since the client sent the message that this event may answer.
        run: to which of the client's runs the event belongs, from 0; 0 if events do not identify their run.
        foreign_user: the other user whose id the message contains; empty: none.
        has_canary: whether the message contains the id of any synthetic user.
        is_repeat: whether the client has already received an event with the same id.
    """

    name: str
    ms: float
    run: int = 0
    foreign_user: str = ""
    has_canary: bool = False
    is_repeat: bool = False


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


#: The name of a scenario, as `clients.scenarios` declares it, e.g. `delivery` or `slow reader`.
ScenarioName = str


@record(frozen=True)
class Scenario:
    """What the clients of one scenario received. `skipped` says why it was not run; empty: it was."""

    name: ScenarioName
    clients: tuple[ClientLog, ...] = ()
    ms: float = 0.0
    skipped: str = ""


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
        skipped: why the application was not served; empty: it was.
    """

    server: str = ""
    failures: tuple[StageFailure, ...] = ()
    identities: tuple[IdentityInState, ...] = ()
    skipped: str = ""


@record(frozen=True)
class ClientObservation:
    """The host's side of the live stage. `skipped` says why no client was connected; empty: clients were."""

    scenarios: tuple[Scenario, ...] = ()
    readiness: ReadinessResult | None = None
    skipped: str = ""
