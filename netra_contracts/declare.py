"""What an application imports to declare contracts, mark the phases of its startup, and add its own checks.

Standard library only, and Python 3.9 syntax: this module runs in the application's interpreter, which need not have the
dependencies of netra-contracts. It checks nothing: outside of `netra-contracts check`, a marked phase costs one call.
"""

from __future__ import annotations

import enum
import sys
from typing import TYPE_CHECKING, Any, Callable, TypedDict, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from typing_extensions import Self, Unpack

__all__ = ["AppStateContract", "Contract", "EventContract", "Phase", "phase_check", "startup_phase"]

#: Changes when a tool of another version can no longer read what is declared with this module.
DECLARE_VERSION = 2

_CheckFunction = TypeVar("_CheckFunction", bound="Callable[..., Any]")


class Phase(enum.Enum):
    """The phases of a startup in order: a later phase depends on the earlier ones.

    Phases compare by position, never by name: `Phase.INITIALIZATION < Phase.READINESS`.
    """

    INITIALIZATION = "initialization"
    CONFIGURATION = "configuration"
    INTEGRATION = "integration"
    READINESS = "readiness"

    @property
    def position(self) -> int:
        """Position in the order of phases, from 0."""
        return _ORDER[self]

    def __lt__(self, other: object) -> bool:
        return self.position < other.position if isinstance(other, Phase) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.position <= other.position if isinstance(other, Phase) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.position > other.position if isinstance(other, Phase) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.position >= other.position if isinstance(other, Phase) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.value)


_ORDER = {phase: position for position, phase in enumerate(Phase)}


class PerUser(TypedDict, total=False):
    """How a component creates an instance for each user. The terms are documented in docs/contracts.md."""

    create: str
    context: Callable[[str], Any] | str
    release: str
    release_within: float
    pooled: bool
    shared: Sequence[str]
    shared_types: Sequence[type | str]
    users: int


class Terms(TypedDict, total=False):
    """The terms of a contract, in addition to its component and type. They are documented in docs/contracts.md."""

    phase: Phase | str
    methods: Sequence[str]
    async_methods: Sequence[str]
    attributes: Sequence[str]
    requires: Sequence[str]
    wires: Mapping[str, str]
    same_as: str
    imports: bool
    per_user: PerUser
    optional: bool
    severity: str
    impact: str
    description: str
    docs: str
    gt: float
    ge: float
    lt: float
    le: float
    multiple_of: float
    min_length: int
    max_length: int
    pattern: str


class EventTerms(TypedDict, total=False):
    """The terms of an event contract. They are documented in docs/contracts.md."""

    path: str
    token: Callable[..., str] | str
    token_in: str
    token_name: str
    headers: Mapping[str, Any] | Callable[[str], Mapping[str, str]] | str
    cookies: Mapping[str, Any] | Callable[[str], Mapping[str, str]] | str
    origin: Callable[[str], str] | str
    subprotocols: Sequence[str] | Callable[[str], Sequence[str]] | str
    send: Mapping[str, Any] | Sequence[Any] | str
    format: str
    expect: Sequence[str | Mapping[str, Any]]
    ordered: bool
    terminal: str
    shared: Sequence[str]
    event_field: str
    events_field: str
    run_field: str
    id_field: str
    within_ms: float
    deadline: float
    users: int
    reject_bad_tokens: bool
    slow_reader: bool
    reconnect: bool
    expiry: bool
    burst: int
    readiness: str
    severity: str
    impact: str
    docs: str


class _Declaration:
    """The terms of a declaration, and its position.

    Raises:
        TypeError: for a keyword that is not one of the terms.
    """

    _known: Mapping[str, object]

    def __init__(self, **terms: Any) -> None:
        unknown = [name for name in terms if name not in self._known]
        if unknown:
            known = ", ".join(sorted(self._known))
            raise TypeError(f"{type(self).__name__} has no term {unknown[0]!r}; the terms are: {known}")
        self.terms = terms
        frame = sys._getframe(1)
        while frame.f_code.co_filename == __file__ and frame.f_back is not None:
            frame = frame.f_back
        #: File and line of the declaration, for messages.
        self.place = (frame.f_code.co_filename, frame.f_lineno)

    def __repr__(self) -> str:
        terms = ", ".join(f"{name}={value!r}" for name, value in self.terms.items())
        return f"{type(self).__name__}({terms})"


class Contract(_Declaration):
    """A contract as metadata of an annotation: `Annotated[Bridge, Contract(phase=...)]`.

    The values are not validated here: `netra-contracts check` reports everything that is wrong with them at once.

    Raises:
        TypeError: for a keyword that is not a term of a contract.
    """

    _known = Terms.__annotations__

    if TYPE_CHECKING:

        def __init__(self, **terms: Unpack[Terms]) -> None: ...


class EventContract(_Declaration):
    """The events that each user must receive over a WebSocket. A member of the sequence of contracts.

    Args:
        terms: see `EventTerms`; `path` and `expect` are required.

    Raises:
        TypeError: for a keyword that is not a term of an event contract.
    """

    _known = EventTerms.__annotations__

    if TYPE_CHECKING:

        def __init__(self, **terms: Unpack[EventTerms]) -> None: ...


class AppStateContract(Contract):
    """A contract for a component of an application's state.

    Args:
        component: name in the state (`"pool"`), or an address: `"lifespan:pool"`, `"/api:pool"`, `"ctx.pool"`,
            `"myapp.db:engine"`.
        type: required type: a class, a union, a generic (only its origin is checked), a protocol, a `Literal`, or a
            string such as `"myapp.ws:Pool | None"`. None: any type.
        terms: see `Terms`.
    """

    def __init__(self, component: str, type: object = None, **terms: Unpack[Terms]) -> None:  # noqa: A002 - the word users know
        super().__init__(**terms)
        self.component = component
        self.type = type

    def __repr__(self) -> str:
        return f"AppStateContract({self.component!r}, {self.type!r}, {self.terms!r})"


class CheckMark:
    """The attribute that `phase_check` sets on a function, for the probe."""

    def __init__(self, phase: Phase, timeout: float, requires: Sequence[str]) -> None:
        self.phase = phase
        self.timeout = timeout
        self.requires = tuple(requires)


def phase_check(
    phase: Phase, *, timeout: float = 5.0, requires: Sequence[str] = ()
) -> Callable[[_CheckFunction], _CheckFunction]:
    """Make a function a check of a phase: it takes the state, and fails by raising, yielding or returning messages.

    The function may be sync or async, a generator or not. It runs in the application's process after startup.

    Args:
        phase: the phase the check belongs to.
        timeout: deadline in seconds.
        requires: components that the check depends on; if one of them is broken, the check is blocked.
    """

    def mark(function: _CheckFunction) -> _CheckFunction:
        function.__netra_phase_check__ = CheckMark(phase, timeout, requires)  # type: ignore[attr-defined]  # an attribute of a function
        return function

    return mark


class _Unwatched:
    """The context of a phase outside of `netra-contracts check`: does nothing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


_UNWATCHED = _Unwatched()

#: Set by the probe: takes the arguments of `startup_phase`, returns a context for `with` and `async with`.
_watch: Callable[[object, Phase], Any] | None = None


def startup_phase(app: object, phase: Phase) -> Any:
    """Mark a phase of the startup: `async with startup_phase(app, Phase.CONFIGURATION): ...` (or `with`).

    Under `netra-contracts check`, contracts of the phase are checked at the end of the block. Otherwise, this does
    nothing.

    Args:
        app: the application, or its state.
        phase: the phase that ends with the block.
    """
    return _UNWATCHED if _watch is None else _watch(app, phase)
