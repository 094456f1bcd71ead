"""What the probe is asked: questions about components, and what else to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Union

Scalar = Union[bool, int, float, str, None]

#: The constraints on a value, named as annotated-types and pydantic name them in metadata.
OPERATORS = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern")


@dataclass(frozen=True)
class TypeSpec:
    """A type as data: any of `names` (`module:qualname`, a builtin's name, or `None`) or one of `literals`.

    Unions are flattened and generics reduced to their origin. Both empty: any type. `text` is what the user wrote.
    """

    text: str = ""
    names: tuple[str, ...] = ()
    literals: tuple[Scalar, ...] = ()


QuestionKind = Literal["present", "fits", "attribute", "method", "same", "bound"]


@dataclass(frozen=True)
class Question:
    """Something the probe can find out about one component without judging it.

    `present`: is the component set, and is it None?
    `fits`: is it an instance of `type`?
    `attribute`: does the dotted `path` lead to something, and is that None?
    `method`: is `path` callable; async, if `asynchronous`; does it accept a call shaped like `signature`?
    `same`: is what `path` leads to the very object that the address `other` holds?
    `bound`: does `operator`, one of `OPERATORS`, hold of the value with `operand`? The value itself is not sent.
    """

    kind: QuestionKind
    component: str
    path: str = ""
    type: TypeSpec | None = None
    signature: str = ""
    asynchronous: bool = False
    other: str = ""
    operator: str = ""
    operand: Scalar = None

    def __hash__(self) -> int:
        """Of what tells questions apart nearly always: there may be tens of thousands, each looked up several times."""
        return hash((self.component, self.kind, self.path, self.operator))


@dataclass(frozen=True)
class PlanItem:
    """A question, and the phase at whose marked end it is asked; at the end of startup otherwise."""

    question: Question
    phase: str | None = None


@dataclass(frozen=True)
class IsolationRequest:
    """Make instances of one component's product for several users at once, and look at what they reach.

    `create` and `release` are dotted paths from the component; `context` is `module:attr`, or empty: then `create`
    takes the user's id. `shared` are attribute paths from an instance that users share on purpose, `shared_types` names
    of types that are. `cycles` is how many instances are then made and released one after the other, at the most.
    """

    component: str
    create: str
    context: str = ""
    release: str = ""
    shared: tuple[str, ...] = ()
    shared_types: tuple[str, ...] = ()
    users: int = 10
    cycles: int = 1000


@dataclass(frozen=True)
class ServeRequest:
    """Serve the started application for clients of the host, for `most_s` seconds at the most.

    `token` is the `module:attr` of the function that makes tokens, or empty. `mark` is in the id of every user.
    """

    token: str = ""
    mark: str = ""
    most_s: float = 60.0


@dataclass(frozen=True)
class Plan:
    """Sent by the host when the target has been imported: what the probe is asked.

    `checks` are modules with `phase_check` functions. If types or functions that the plan names cannot be resolved, the
    probe sends `UnresolvedNames` and starts nothing. With `start` false it does so in any case.
    """

    items: tuple[PlanItem, ...] = ()
    checks: tuple[str, ...] = ()
    per_user: tuple[IsolationRequest, ...] = ()
    serve: ServeRequest | None = None
    start: bool = True
