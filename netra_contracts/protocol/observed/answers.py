"""What the probe answered to the questions of the plan, and what it called, imported and described for them."""

from __future__ import annotations

from typing import Literal

from ..location import Location
from ..plan import Question
from ..record import record
from .failures import StageFailure

#: Why an answer is not yes, where the other fields of the answer do not say it. `call-refused`: the method does not
#: accept a call of the shape in the question. `other-not-set`: the other component of a wire is not in the state.
#: `no-state`: applications were created, but none was found in the target, so that it is unknown which state has it.
#: `not-imported`: the application did not import the module. `raised`: importing it, or calling the provider, did.
#: `not-provided`: it is unknown what the provider returns.
AnswerReason = Literal[
    "",
    "not-callable",
    "not-async",
    "call-refused",
    "other-not-set",
    "no-state",
    "not-imported",
    "raised",
    "not-provided",
]


@record(frozen=True)
class Answer:
    """The answer to one question of the plan.

    Attributes:
        item: the index of the question in the plan.
        holds: yes, no, or None: unknown.
        moment: when it was answered: at the end of a marked phase, by its name, or `startup`: at the end of startup,
            or `shutdown`: right before the shutdown.
        is_none: whether the object is None.
        missing: the first step of a dotted path that does not exist; if the component itself does not, the address of
            the outermost object that does not.
        actual: the name of the object's type.
        reason: why it does not hold or is unknown.
        detail: more about the reason, in words and without values.
        near: the nearest name to the one that does not exist.
        version: for `same`, the `StateChange.version` of the object found; empty: no state has ever held it.
        location: where the method is defined that refuses the call.
    """

    item: int
    holds: bool | None
    moment: str = "startup"
    is_none: bool = False
    missing: str = ""
    actual: str = ""
    reason: AnswerReason = ""
    detail: str = ""
    near: str = ""
    version: str = ""
    location: Location | None = None


@record(frozen=True)
class ProviderCall:
    """What became of the call of a provider, after startup.

    Attributes:
        address: of the provider, without the path that a contract may name after its call.
        skipped: why it is unknown what the provider returns; empty: it is known, or the call failed.
        failure: why the call failed; None: it did not.
        varies: whether a second call returned another object; None: there was none, or it failed.
        created: whether the call created the object: nothing had called it before; None: unknown.
        variable: the name under which the provider's module keeps the object; empty: unknown.
        location: the line that stores the object under this name, or where the provider is defined.
    """

    address: str
    skipped: str = ""
    failure: StageFailure | None = None
    varies: bool | None = None
    created: bool | None = None
    variable: str = ""
    location: Location | None = None


@record(frozen=True)
class FailedImport:
    """An import that a contract asks for with `imports = true` and that failed."""

    module: str
    failure: StageFailure


@record(frozen=True)
class DuplicateModule:
    """A file of the target that was executed more than once, as modules of different names."""

    file: str
    names: tuple[str, ...]


@record(frozen=True)
class ReliedAnswer:
    """The answer to a question of `question_of_term`. Its index is meaningless: the plan does not have the question."""

    question: Question
    answer: Answer


@record(frozen=True)
class DescribedComponent:
    """What a contract of a component can say, as observed at one moment.

    Attributes:
        address: of the component.
        moment: the phase at whose end it was observed, or `startup`.
        type: the name of its type: that of a public alias, if the same class is found under one.
        version: see `StateChange.version`.
        wires: attributes that are the very object that another component is: attribute -> address of that component.
        methods: public methods of its class, as many as are needed to tell it from others; only if no import can name
            the class.
        async_methods: those of its methods that are async, in the same way.
    """

    address: str
    moment: str
    type: str
    version: str
    wires: dict[str, str]
    methods: tuple[str, ...] = ()
    async_methods: tuple[str, ...] = ()
