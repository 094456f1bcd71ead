"""What the probe is asked: questions about components, and experiments with users."""

from __future__ import annotations

from typing import Literal, Union

from .record import record

Scalar = Union[bool, int, float, str, None]

#: The constraints on a value, named as annotated-types and pydantic name them in metadata.
OPERATORS = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern")


@record(frozen=True)
class TypeSpec:
    """A type as data: unions are flattened and generics reduced to their origin.

    An object fits if it is an instance of one of `names` or equal to one of `literals`; if both are empty, any does.

    Attributes:
        text: what the user wrote.
        names: of classes: `module:qualname`, the name of a builtin, or `None`.
    """

    text: str = ""
    names: tuple[str, ...] = ()
    literals: tuple[Scalar, ...] = ()


#: Those from `exists` on are about uses in the sources of the target.
QuestionKind = Literal[
    "present",
    "fits",
    "attribute",
    "method",
    "same",
    "bound",
    "exists",
    "call",
    "await",
    "with",
    "async-with",
    "iterate",
    "async-iterate",
    "subscript",
]


@record(frozen=True)
class Question:
    """A question about one component.

    Attributes:
        kind: `present`: is the component set, and is it None?
            `fits`: is it an instance of `type`?
            `attribute`: does `path` lead to an object, and is that None?
            `method`: is the object at `path` callable, async if `asynchronous`, and does it accept a call of the shape
            `signature`?
            `same`: is the object at `path` the very object at the address `other`?
            `bound`: does the constraint `operator`, one of `OPERATORS`, hold for the value with `operand`? The value is
            compared in the target's process and not sent.
            `exists`: does `path` lead to an object, which may be None? `call`, `await` and the others: does the object
            at `path` allow this or, if `called`, does the result of a call of it?
        component: its address.
        path: attributes from the component, dotted.
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
    called: bool = False

    def __hash__(self) -> int:
        """Of the fields that differ in most cases: a plan may have tens of thousands of questions."""
        return hash((self.component, self.kind, self.path, self.operator))


@record(frozen=True)
class PlanItem:
    """A question, and the marked phase at whose end it is asked; None: it is asked at the end of startup only."""

    question: Question
    phase: str | None = None


@record(frozen=True)
class IsolationRequest:
    """A request to create instances of one component's product for several users at once and examine what they reach.

    Attributes:
        create: a method, as a dotted path from the component.
        context: `module:attr` of a function that makes a user's arguments for `create`; empty: `create` takes the
            user's id, or nothing.
        release: a method that ends an instance, as a dotted path from the component, which receives the instance, or
            from the instance; or `module:attr` of a function that receives the instance; empty: there is none.
        release_within: seconds after which a released instance must be gone.
        pooled: whether released instances are kept, to be used again.
        shared: paths from an instance to objects that users share on purpose.
        shared_types: names of types of such objects.
        users: how many.
        cycles: how many instances to create and release one after the other, at most; 0: none.
    """

    component: str
    create: str
    context: str = ""
    release: str = ""
    release_within: float = 0.0
    pooled: bool = False
    shared: tuple[str, ...] = ()
    shared_types: tuple[str, ...] = ()
    users: int = 10
    cycles: int = 1000


@record(frozen=True)
class UserFunction:
    """A function `module:attr` of a user id, and the term of the event contract that names it."""

    term: str
    function: str


@record(frozen=True)
class ServeRequest:
    """A request to serve the started application for clients of the host.

    Attributes:
        token: `module:attr` of the function that makes tokens; empty: clients send none.
        canary: the secret that the ids of all synthetic users contain.
        max_s: the deadline of the stage, in seconds.
        functions: further functions of a user id that the contract names.
        small_buffers: whether the server's connections have small send buffers, so that a client that does not read
            soon makes it wait.
    """

    token: str = ""
    canary: str = ""
    max_s: float = 60.0
    functions: tuple[UserFunction, ...] = ()
    small_buffers: bool = False


@record(frozen=True)
class Plan:
    """Sent by the host when the target has been imported: what the probe is to find out.

    Attributes:
        items: questions.
        check_modules: modules with `phase_check` functions.
        per_user: components whose products are created for several users.
        serve: how to serve the application; None: it is not served.
        imports: modules that the probe imports after startup if the application has not.
        infer: whether to describe all components at the end of each phase and of startup, to write contracts for them.
        propose: whether to describe objects of modules that handlers reach as well, at the end of startup.
        relied: whether to answer what contracts can say of the uses in the sources, to write contracts.
        start: whether to start the target if all names in the plan can be resolved. If one cannot, the probe sends
            `UnresolvedNames` and does not start it.
    """

    items: tuple[PlanItem, ...] = ()
    check_modules: tuple[str, ...] = ()
    per_user: tuple[IsolationRequest, ...] = ()
    serve: ServeRequest | None = None
    imports: tuple[str, ...] = ()
    infer: bool = False
    propose: bool = False
    relied: bool = False
    start: bool = True
