"""What an application imports to declare contracts, mark the phases of its startup and add checks of its own.

Standard library only and written for Python 3.9: this module runs in the application's interpreter, where nothing else
of netra-contracts may be installed. Nothing here judges anything; outside `netra-contracts check` a mark costs one
function call.
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

#: Changes when contracts or marks declared with this module can no longer be read by an older or newer tool.
DECLARE_VERSION = 2

_CheckFunction = TypeVar("_CheckFunction", bound="Callable[..., Any]")


class Phase(enum.Enum):
    """The phases of a startup, in their order: a later one stands on the earlier ones.

    Phases compare by position, never by name: `Phase.INITIALIZATION < Phase.READINESS`.
    """

    INITIALIZATION = "initialization"
    CONFIGURATION = "configuration"
    INTEGRATION = "integration"
    READINESS = "readiness"

    @property
    def position(self) -> int:
        """Place in the order of phases, from 0."""
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
    """How a component makes an instance for each user. The contracts reference explains each key."""

    create: str
    context: Callable[[str], Any] | str
    release: str
    shared: Sequence[str]
    shared_types: Sequence[type | str]
    users: int


class Terms(TypedDict, total=False):
    """What a contract may say beside its component and its type. The contracts reference explains each key."""

    phase: Phase | str
    methods: Sequence[str]
    async_methods: Sequence[str]
    attributes: Sequence[str]
    requires: Sequence[str]
    wires: Mapping[str, str]
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
    """What an event contract may say. The contracts reference explains each key."""

    path: str
    token: Callable[..., str] | str
    token_in: str
    token_name: str
    send: Mapping[str, Any] | str
    expect: Sequence[str | Mapping[str, Any]]
    ordered: bool
    terminal: str
    event_field: str
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
    """Terms as they were given, and where that was.

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
        #: File and line of the declaration, so that a fault in it can be named.
        self.place = (frame.f_code.co_filename, frame.f_lineno)

    def __repr__(self) -> str:
        terms = ", ".join(f"{name}={value!r}" for name, value in self.terms.items())
        return f"{type(self).__name__}({terms})"


class Contract(_Declaration):
    """What must hold of one component, as metadata of an annotation: `Annotated[Bridge, Contract(phase=...)]`.

    The values are kept as they are given; `netra-contracts check` validates them and reports every fault at once.

    Raises:
        TypeError: for a keyword that is not a term of a contract.
    """

    _known = Terms.__annotations__

    if TYPE_CHECKING:

        def __init__(self, **terms: Unpack[Terms]) -> None: ...


class EventContract(_Declaration):
    """What each user's client must receive over a WebSocket; a member of the sequence that holds the contracts.

    Args:
        terms: see `EventTerms`; `path` and `expect` must be there.

    Raises:
        TypeError: for a keyword that is not a term of an event contract.
    """

    _known = EventTerms.__annotations__

    if TYPE_CHECKING:

        def __init__(self, **terms: Unpack[EventTerms]) -> None: ...


class AppStateContract(Contract):
    """What must hold of the component `component` of an application's state.

    Args:
        component: name in the state (`"pool"`), or an address: `"lifespan:pool"`, `"/api:pool"`.
        type: what the component must be an instance of: a class, a union, a generic (judged on its origin), a
            protocol, a `Literal`, or a string such as `"myapp.ws:Pool | None"`. None: any type.
        terms: see `Terms`.
    """

    def __init__(self, component: str, type: object = None, **terms: Unpack[Terms]) -> None:  # noqa: A002 - the word users know
        super().__init__(**terms)
        self.component = component
        self.type = type

    def __repr__(self) -> str:
        return f"AppStateContract({self.component!r}, {self.type!r}, {self.terms!r})"


class CheckMark:
    """What `phase_check` leaves on a function, for the probe to find."""

    def __init__(self, phase: Phase, timeout: float, requires: Sequence[str]) -> None:
        self.phase = phase
        self.timeout = timeout
        self.requires = tuple(requires)


def phase_check(
    phase: Phase, *, timeout: float = 5.0, requires: Sequence[str] = ()
) -> Callable[[_CheckFunction], _CheckFunction]:
    """Mark a function as a check of a phase: it takes the state and fails by raising, yielding or returning messages.

    The function may be sync or async, a generator or not. It runs in the application's process when startup has ended.

    Args:
        phase: the phase the check belongs to.
        timeout: deadline in seconds.
        requires: components without which the check makes no sense; when one of them is broken, it is blocked.
    """

    def mark(function: _CheckFunction) -> _CheckFunction:
        function.__netra_phase_check__ = CheckMark(phase, timeout, requires)  # type: ignore[attr-defined]  # a mark on a function
        return function

    return mark


class _Unwatched:
    """The context of a phase when nobody watches: does nothing."""

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

#: Set by whoever watches startup: takes the arguments of `startup_phase`, gives a context for `with` and `async with`.
_watch: Callable[[object, Phase], Any] | None = None


def startup_phase(app: object, phase: Phase) -> Any:
    """Mark a phase of the startup: `async with startup_phase(app, Phase.CONFIGURATION): ...` (or `with`).

    Under `netra-contracts check`, contracts of that phase are judged by what is true when the block is left. Otherwise
    this does nothing.

    Args:
        app: the application, or the state, whose startup this is.
        phase: the phase that ends with the block.
    """
    return _UNWATCHED if _watch is None else _watch(app, phase)
