"""What real clients received from the served application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .failures import StageFailure
from .location import Location


@dataclass(frozen=True)
class ReceivedEvent:
    """One message that a client received.

    `name`: the event's name; "" where the message has none. `ms`: since the message it may answer was sent. `run`: the
    number of the run it belongs to among those that the client has seen, from 0, where events tell. `foreign` is the
    other user whose canary was in it; `marked` says whether any canary was. `repeats`: the client has had an event with
    this very id before.
    """

    name: str
    ms: float
    run: int = 0
    foreign: str = ""
    marked: bool = False
    repeats: bool = False


@dataclass(frozen=True)
class ClientLog:
    """One WebSocket client and what it saw.

    `sent`: how many runs it asked for. `ended`: `done` when all it waited for had come, `deadline`, `closed` by the
    server, `refused` before it was open (then `status` is the HTTP status), `failed` otherwise. `close_code`: see
    RFC 6455, section 7.4. `ms`: from the opening to the end.
    """

    user: str
    sent: int = 0
    events: tuple[ReceivedEvent, ...] = ()
    ended: Literal["done", "deadline", "closed", "refused", "failed"] = "done"
    status: int | None = None
    close_code: int | None = None
    ms: float = 0.0
    error: str = ""


ScenarioName = Literal[
    "delivery",
    "no token",
    "expired token",
    "wrong signature",
    "alg none",
    "another audience",
    "slow reader",
    "reconnect",
    "expiry",
    "burst",
]


@dataclass(frozen=True)
class Scenario:
    """What clients with one behaviour saw. `skipped` says why it was not tried."""

    name: ScenarioName
    clients: tuple[ClientLog, ...] = ()
    ms: float = 0.0
    skipped: str = ""


@dataclass(frozen=True)
class ReadinessResult:
    """What the readiness URL answered at first, and how long after that it first answered 200 (None: never)."""

    first_status: int | None
    ready_ms: float | None = None
    last_status: int | None = None


@dataclass(frozen=True)
class IdentityInState:
    """An entry of a state that a user's request wrote, and that then led along `path` to that user's id."""

    component: str
    path: str
    location: Location | None = None


@dataclass(frozen=True)
class ServerObservation:
    """The probe's side of the live part: which server, and what the application raised while it served.

    `faults` are exceptions of request handlers and of background tasks. `identities` are entries of a state that were
    written while users were served and then held the id of one.
    """

    server: str = ""
    faults: tuple[StageFailure, ...] = ()
    identities: tuple[IdentityInState, ...] = ()
    skipped: str = ""


@dataclass(frozen=True)
class ClientObservation:
    """What real clients saw of the served application. `skipped` says why there were none."""

    scenarios: tuple[Scenario, ...] = ()
    readiness: ReadinessResult | None = None
    skipped: str = ""
