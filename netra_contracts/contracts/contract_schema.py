"""The terms of one contract, validated: one model for TOML and for Python, which only spell the keys differently."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from netra_contracts.contracts.model import (
    ComponentContract,
    Constraint,
    ContractSource,
    Method,
    PerUserContract,
    Severity,
)
from netra_contracts.contracts.type_expressions import parse_method, parse_type
from netra_contracts.contracts.values import InvalidValue, describe_value, quoted
from netra_contracts.declare import Phase
from netra_contracts.errors import did_you_mean
from netra_contracts.protocol.plan import OPERATORS, TypeSpec


def kebab(name: str) -> str:
    """A field's name as TOML spells it."""
    return name.replace("_", "-")


def snake(key: str) -> str:
    """A key of TOML as Python spells it."""
    return key.replace("-", "_")


def one_of(kind: str, known: Sequence[str], value: object) -> str:
    """One of a few words, in lower case.

    Raises:
        Refused: if it is none of them, with the nearest one.
    """
    if not isinstance(value, str):
        raise InvalidValue(f"{kind} must be one of {', '.join(known)}, not {describe_value(value)}")
    if value.lower() not in known:
        hint = did_you_mean(value.lower(), known) or f"use one of {', '.join(known)}"
        raise InvalidValue(f"there is no {kind} {quoted(value)}", hint)
    return value.lower()


def _phase(value: object) -> Phase:
    return Phase(one_of("phase", [phase.value for phase in Phase], value))


def _severity(value: object) -> Severity:
    return Severity(one_of("severity", list(Severity), value))


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _number(value: object, validate: ValidatorFunctionWrapHandler) -> Any:
    """A number stays what it was written as: 1 is not 1.0."""
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        raise InvalidValue("this number is too large")
    validate(value)
    return value


def _length(value: int) -> int:
    if value > sys.maxsize:
        raise InvalidValue("this number is too large")
    return value


def checked_address(value: str) -> str:
    """The address of a component: `name`, `lifespan:name` or `/mount:name`. A name may hold anything.

    Raises:
        Refused: if it names nothing.
    """
    prefix, colon, name = value.partition(":")
    if not value or (colon and not name and (prefix == "lifespan" or prefix.startswith("/"))):
        shown = (
            f"{quoted(value)} is not the address of a component"
            if value
            else "the address of a component must not be empty"
        )
        raise InvalidValue(shown, "write name, lifespan:name, or /mount:name")
    return value


def _attribute(value: str) -> str:
    if not all(step and not step.isspace() for step in value.split(".")):
        raise InvalidValue(f"{quoted(value)} is not an attribute path", "write attribute, or attribute.of.attribute")
    return value


def _method(value: str) -> str:
    parse_method(value)
    return value


def _type(value: str) -> str:
    parse_type(value)
    return value


def checked_function(value: str) -> str:
    """A function by its place: `module:attr`.

    Raises:
        Refused: if it is not written so.
    """
    module, colon, attr = value.partition(":")
    if not colon or not all(step.isidentifier() for step in [*module.split("."), *attr.split(".")]):
        raise InvalidValue(
            f"{quoted(value)} is not a function", "write module:function, e.g. myapp.contracts:user_context"
        )
    return value


def _type_name(value: str) -> str:
    if len(parse_type(value).names) != 1:
        raise InvalidValue(f"{quoted(value)} is not a class", "write module:Class")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidValue(f"{quoted(value)} is not a regular expression: {error}") from error
    return value


Text = Annotated[str, StringConstraints(strict=True)]
Word = Annotated[str, StringConstraints(strict=True, min_length=1)]
Listed = BeforeValidator(_listed)
Number = Annotated[float, Field(strict=True, allow_inf_nan=False), WrapValidator(_number)]
Length = Annotated[StrictInt, Field(ge=0), AfterValidator(_length)]
Address = Annotated[Text, AfterValidator(checked_address)]
Attribute = Annotated[Text, AfterValidator(_attribute)]
MethodText = Annotated[Text, AfterValidator(_method)]
PhaseName = Annotated[Phase, BeforeValidator(_phase)]
FunctionName = Annotated[Text, AfterValidator(checked_function)]
SeverityName = Annotated[Severity, BeforeValidator(_severity)]


class PerUserSchema(BaseModel):
    """How a component makes an instance for each user: two users must share nothing but what is said here."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="Per user")

    create: Attribute = Field(
        description="Method of the component that makes an instance: sync, async, or a context manager."
    )
    context: FunctionName | None = Field(
        None, description="Function from a user's id to what `create` takes; default: `create` takes the id itself."
    )
    release: Attribute | None = Field(
        None, description="Method of the component that takes an instance back; default: the context manager is left."
    )
    shared: Annotated[tuple[Attribute, ...], Listed] = Field(
        (), description="Attribute paths from an instance to what users share on purpose."
    )
    shared_types: Annotated[tuple[Annotated[Text, AfterValidator(_type_name)], ...], Listed] = Field(
        (), description="Classes whose instances users may share, beside loggers, locks, clients, engines and pools."
    )
    users: Annotated[StrictInt, Field(ge=2, le=10_000)] = Field(
        10, description="For how many users instances are made."
    )

    def per_user(self) -> PerUserContract:
        """As the model has it."""
        return PerUserContract(
            create=self.create,
            context=self.context or "",
            release=self.release or "",
            shared=self.shared,
            shared_types=tuple(parse_type(name).names[0] for name in self.shared_types),
            users=self.users,
        )


class ContractSchema(BaseModel):
    """What a contract says of its component. An empty one says that the component is there."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="Contract")

    phase: PhaseName | None = Field(None, description="The phase by whose end it must hold; default: startup's end.")
    type: Annotated[Text, AfterValidator(_type)] | None = Field(
        None, description="What it must be an instance of: module:Class, a builtin, a union, Literal[...]."
    )
    methods: Annotated[tuple[MethodText, ...], Listed] = Field(
        (), description="Methods it must have, by name or with the shape of a call: emit_event(event, data)."
    )
    async_methods: Annotated[tuple[MethodText, ...], Listed] = Field(
        (), description="Methods it must have that must be async; written as `methods` are."
    )
    attributes: Annotated[tuple[Attribute, ...], Listed] = Field(
        (), description="Dotted paths of attributes that must be there and must not be None."
    )
    requires: Annotated[tuple[Address, ...], Listed] = Field(
        (), description="Components that must have been set before this one."
    )
    wires: dict[Attribute, Address] = Field(
        {}, description="Dotted path of an attribute: the component that must be the very object it holds."
    )
    per_user: PerUserSchema | None = Field(None, description="How it makes an instance for each user: see Per user.")
    optional: StrictBool = Field(False, description="Whether it may be absent or None.")
    severity: SeverityName = Field(Severity.ERROR, description="How grave it is when the contract is broken.")
    impact: Text = Field("", description="What a user loses when the contract is broken.")
    description: Text = Field("", description="What the component is for.")
    docs: Text = Field("", description="Where to read more, e.g. a URL.")
    gt: Number | None = Field(None, description="The value must be greater.")
    ge: Number | None = Field(None, description="The value must be greater or equal.")
    lt: Number | None = Field(None, description="The value must be less.")
    le: Number | None = Field(None, description="The value must be less or equal.")
    multiple_of: Annotated[Number, Field(gt=0)] | None = Field(None, description="The value must be a multiple of it.")
    min_length: Length | None = Field(None, description="The least length of the value.")
    max_length: Length | None = Field(None, description="The greatest length of the value.")
    pattern: Annotated[Text, AfterValidator(_pattern)] | None = Field(
        None, description="Regular expression that must be found in the value."
    )

    def contract(
        self,
        component: str,
        origin: ContractSource,
        declared: TypeSpec | None = None,
        uncheckable: tuple[str, ...] = (),
    ) -> ComponentContract:
        """The contract of a component on these terms.

        Args:
            component: its address.
            origin: where the contract was declared.
            declared: the type, where it was not given as text.
            uncheckable: constraints that cannot be answered.
        """
        operands = {operator: getattr(self, operator) for operator in OPERATORS}
        return ComponentContract(
            component=component,
            phase=self.phase,
            type=parse_type(self.type) if self.type is not None else declared,
            methods=_merged((*self.methods, *self._of_users()), self.async_methods),
            attributes=tuple(dict.fromkeys(self.attributes)),
            requires=tuple(dict.fromkeys(self.requires)),
            wires=self.wires,
            bounds=tuple(
                Constraint(operator=name, operand=value) for name, value in operands.items() if value is not None
            ),
            uncheckable=uncheckable,
            per_user=self.per_user.per_user() if self.per_user else None,
            optional=self.optional,
            severity=self.severity,
            impact=self.impact,
            description=self.description,
            docs=self.docs,
            origin=origin,
        )

    def _of_users(self) -> Iterator[str]:
        """The methods without which there are no instances for users."""
        if self.per_user is not None:
            yield self.per_user.create
            if self.per_user.release:
                yield self.per_user.release


def _merged(methods: Iterable[str], async_methods: Iterable[str]) -> tuple[Method, ...]:
    """Both lists as one, each method once for each shape of a call. What is async anywhere is async everywhere."""
    asynchronous = [parse_method(text, asynchronous=True) for text in async_methods]
    names = {method.name for method in asynchronous}
    found = [*(parse_method(text) for text in methods), *asynchronous]
    shaped = {method.name for method in found if method.signature}
    kept = [method for method in found if method.signature or method.name not in shaped]
    return tuple(dict.fromkeys(method.model_copy(update={"asynchronous": method.name in names}) for method in kept))
