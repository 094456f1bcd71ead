"""Messages that control a run: what is launched, which contracts were declared, stages, tokens, failures."""

from __future__ import annotations

from typing import Any

from .location import Location
from .observed.observation import Observation, TargetInfo
from .plan import TypeSpec
from .record import record
from .stages import StageName


@record(frozen=True)
class LaunchRequest:
    """Sent by the host when the probe has started: what it is to do.

    `module` is an import path; `attr` a dotted attribute, or None for "find it". `contracts` are `module:attr`
    references to contracts declared in Python. Deadlines are in seconds from the start of the probe (startup) and of
    the shutdown. `settle_s` None: a few turns of the loop. `log_text`: whether the texts of logged messages are sent.
    `usage_file`: where the reader of the sources writes its result; empty: they are not read.
    `blocking_threshold_ms`: steps of the event loop that take less are not reported.
    """

    module: str
    attr: str | None
    factory: bool | None
    app_dir: str
    contracts: tuple[str, ...]
    startup_timeout_s: float
    shutdown_timeout_s: float
    settle_s: float | None
    crash_file: str
    journal_file: str
    log_text: bool = False
    usage_file: str = ""
    blocking_threshold_ms: float = 100.0


@record(frozen=True)
class DeclaredContract:
    """One contract declared in Python, read by the probe: `terms` as the user gave them, made JSON."""

    component: str
    type: TypeSpec | None
    terms: dict[str, Any]
    location: Location | None = None
    origin: str = ""


@record(frozen=True)
class DeclaredEvents:
    """What is expected of a target's events, declared in Python: `terms` as the user gave them, made JSON."""

    terms: dict[str, Any]
    location: Location | None = None
    origin: str = ""


@record(frozen=True)
class DeclarationProblem:
    """A declaration that the probe could not read: the reference, what is wrong with it, a hint, and its line."""

    reference: str
    message: str
    hint: str = ""
    location: Location | None = None


@record(frozen=True)
class Loaded:
    """Sent when the target's module has been imported: what it is, and the contracts declared in Python there."""

    target: TargetInfo
    contracts: tuple[DeclaredContract, ...] = ()
    events: tuple[DeclaredEvents, ...] = ()
    problems: tuple[DeclarationProblem, ...] = ()
    declare_version: int | None = None


@record(frozen=True)
class UnresolvedName:
    """A type or function that a contract names and that does not exist.

    `component` is empty for the event contract; `term` is the term of the contract that names it. `near` is the nearest
    name that exists; empty: none is near.
    """

    component: str
    term: str
    message: str
    near: str = ""


@record(frozen=True)
class UnresolvedNames:
    """Sent instead of starting the target: names in contracts that cannot be resolved."""

    names: tuple[UnresolvedName, ...] = ()


@record(frozen=True)
class StageStarted:
    """Sent when a stage begins.

    `states` maps the id of each dict that holds entries of a state, as in the journal, to the state's address prefix.
    """

    name: StageName
    start_ms: float
    states: dict[str, str]


@record(frozen=True)
class Snapshot:
    """Sent before a stage that may end the process: the observation so far."""

    observation: Observation


@record(frozen=True)
class Serving:
    """Sent when the application is served and the host may connect clients to `port` of 127.0.0.1."""

    port: int


@record(frozen=True)
class TokenRequest:
    """A token for one user. `claims` are further ones that it must carry, such as `{"exp": 1700000000}`."""

    user_id: str
    claims: dict[str, Any] | None = None


@record(frozen=True)
class MakeTokens:
    """Sent by the host while the application is served: the probe answers with `Tokens`."""

    requests: tuple[TokenRequest, ...]


@record(frozen=True)
class Tokens:
    """The answer to `MakeTokens`: a token for each request, None where the function accepts no claims.

    `error` says why there are none; empty: there are.
    """

    tokens: tuple[str | None, ...] = ()
    error: str = ""


@record(frozen=True)
class CallForUsers:
    """Sent by the host while the application is served: the probe calls `module:attr` with each user id."""

    function: str
    user_ids: tuple[str, ...] = ()


@record(frozen=True)
class UserValues:
    """The answer to `CallForUsers`: for each user a text, a list of texts, or a table of texts.

    `error` says why there are none; empty: there are.
    """

    values: tuple[Any, ...] = ()
    error: str = ""


@record(frozen=True)
class AskSending:
    """Sent by the host while the application is served: the probe answers with `Sending`."""


@record(frozen=True)
class Sending:
    """What the application sends to clients.

    Attributes:
        completed: how many messages the server has accepted so far.
        waiting: the number of the message that the server has not accepted for the longest time; 0: there is none.
    """

    completed: int = 0
    waiting: int = 0


@record(frozen=True)
class ClientsDone:
    """Sent by the host when all its clients have disconnected: the probe stops serving."""


@record(frozen=True)
class ProbeFailed:
    """Sent when the probe itself has failed. `trace`: lines of source, outermost first."""

    message: str
    trace: tuple[str, ...] = ()


@record(frozen=True)
class ProcessEnded:
    """The host's own message: the target's process has ended, and nothing more can come from it."""


@record(frozen=True)
class ConnectionDamaged:
    """What was received is not what the other side has sent. Sent by the probe, or the host's own message."""

    reason: str
