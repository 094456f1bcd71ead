"""The schema of a component contract, for TOML and for Python, which only spell the keys differently.

This is the source of the terms. `declare.Terms` and `declare.PerUser` repeat their names with types for editors, since
an application must not import pydantic, and `contracts.model` holds the validated result. Tests hold the names equal.
"""

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
from netra_contracts.protocol.address import fault_of
from netra_contracts.protocol.plan import OPERATORS, TypeSpec


def kebab(name: str) -> str:
    """A field's name as TOML spells it."""
    return name.replace("_", "-")


def snake(key: str) -> str:
    """A key of TOML as Python spells it."""
    return key.replace("-", "_")


def one_of(kind: str, known: Sequence[str], value: object) -> str:
    """A value that must be one of a few words, in lower case.

    Raises:
        InvalidValue: if it is not, with the nearest word.
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
    """Keep an integer an integer: pydantic would make 1.0 of 1."""
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        raise InvalidValue("this number is too large")
    validate(value)
    return value


def _length(value: int) -> int:
    if value > sys.maxsize:
        raise InvalidValue("this number is too large")
    return value


def checked_address(value: str) -> str:
    """The address of a component, see `protocol.address`. A name may contain any character.

    Raises:
        InvalidValue: if the name is empty, or is not text that can be written as UTF-8; if the address begins as one of
            an object of a module and does not end as one.
    """
    fault = fault_of(value)
    if fault is not None:
        reason = f": {fault.reason}" if fault.reason else ""
        message = f"{quoted(value)} is not the address of a component{reason}"
        raise InvalidValue(message if value else fault.reason, fault.hint)
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise InvalidValue(f"the address {value!a} has a lone surrogate, which is not a character")
    return value


def _attribute(value: str) -> str:
    if not all(step and not step.isspace() for step in value.split(".")):
        raise InvalidValue(f"{quoted(value)} is not an attribute path", "write attribute, or attribute.of.attribute")
    return value


def _method(value: str) -> str:
    parse_method(value)
    return value


def _method_name(value: str) -> str:
    _attribute(value)
    if parse_method(value).signature:
        name = value.partition("(")[0].strip()
        raise InvalidValue(f"{quoted(value)} is not the name of a method", f"leave out the parameters: {name}")
    return value


def _release(value: str) -> str:
    return checked_function(value) if ":" in value else _method_name(value)


def _type(value: str) -> str:
    parse_type(value)
    return value


def checked_function(value: str) -> str:
    """A reference to a function: `module:attr`.

    Raises:
        InvalidValue: if it has another form.
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
ComponentAddress = Annotated[Text, AfterValidator(checked_address)]
Attribute = Annotated[Text, AfterValidator(_attribute)]
MethodName = Annotated[Text, AfterValidator(_method_name)]
MethodText = Annotated[Text, AfterValidator(_method)]
PhaseName = Annotated[Phase, BeforeValidator(_phase)]
FunctionName = Annotated[Text, AfterValidator(checked_function)]
SeverityName = Annotated[Severity, BeforeValidator(_severity)]


class PerUserSchema(BaseModel):
    """How a component creates an instance for each user. Users must share nothing except what is listed here."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="Per user")

    create: MethodName = Field(
        description="Method of the component that creates an instance: sync, async, or a context manager."
    )
    context: FunctionName | None = Field(
        None,
        description="Function from a user id to the argument of `create`, or a tuple or mapping of its arguments. "
        "Default: `create` takes the user id, or nothing.",
    )
    release: Annotated[Text, AfterValidator(_release)] | None = Field(
        None,
        description="Method that releases an instance: of the component, which receives the instance, or of the "
        "instance; or a function `module:attr` that receives it. Default: the context manager exits.",
    )
    release_within: Annotated[Number, Field(ge=0, le=60)] = Field(
        0, description="Seconds after which a released instance must be gone, if a task or timer lets it go later."
    )
    pooled: StrictBool = Field(False, description="Whether released instances are kept in a pool, to be used again.")
    shared: Annotated[tuple[Attribute, ...], Listed] = Field(
        (), description="Attribute paths from an instance to objects that users share on purpose."
    )
    shared_types: Annotated[tuple[Annotated[Text, AfterValidator(_type_name)], ...], Listed] = Field(
        (),
        description="Classes whose instances users may share, in addition to loggers, locks, clients and pools.",
    )
    users: Annotated[StrictInt, Field(ge=2, le=10_000)] = Field(
        10, description="Number of users that instances are created for."
    )

    def per_user(self) -> PerUserContract:
        """The validated contract."""
        return PerUserContract(
            create=self.create,
            context=self.context or "",
            release=self.release or "",
            release_within=self.release_within,
            pooled=self.pooled,
            shared=self.shared,
            shared_types=tuple(parse_type(name).names[0] for name in self.shared_types),
            users=self.users,
        )


class ContractSchema(BaseModel):
    """The terms of a contract. Without any, the component must exist and not be None."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="Contract")

    phase: PhaseName | None = Field(
        None, description="Phase by whose end the contract must hold. Default: the end of startup."
    )
    type: Annotated[Text, AfterValidator(_type)] | None = Field(
        None, description="Required type: module:Class, a builtin, a union, or Literal[...]."
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
    requires: Annotated[tuple[ComponentAddress, ...], Listed] = Field(
        (), description="Components that must be set before this one."
    )
    wires: dict[Attribute, ComponentAddress] = Field(
        {}, description="Attribute path = component: the attribute must be the same object as the component."
    )
    same_as: ComponentAddress | None = Field(
        None, description="Component that this one must be: the very same object under another address."
    )
    imports: StrictBool = Field(
        False,
        description="Whether modules that the contract names are imported after startup if nothing else did that.",
    )
    per_user: PerUserSchema | None = Field(None, description="How it creates an instance for each user: see Per user.")
    optional: StrictBool = Field(False, description="Whether the component may be absent or None.")
    severity: SeverityName = Field(Severity.ERROR, description="Severity of a broken contract.")
    impact: Text = Field("", description="What a user loses when the contract is broken.")
    description: Text = Field("", description="Purpose of the component.")
    docs: Text = Field("", description="Further reading, e.g. a URL.")
    gt: Number | None = Field(None, description="The value must be greater than this.")
    ge: Number | None = Field(None, description="The value must be greater than or equal to this.")
    lt: Number | None = Field(None, description="The value must be less than this.")
    le: Number | None = Field(None, description="The value must be less than or equal to this.")
    multiple_of: Annotated[Number, Field(gt=0)] | None = Field(
        None, description="The value must be a multiple of this."
    )
    min_length: Length | None = Field(None, description="Minimum length of the value.")
    max_length: Length | None = Field(None, description="Maximum length of the value.")
    pattern: Annotated[Text, AfterValidator(_pattern)] | None = Field(
        None, description="Regular expression that must match somewhere in the value."
    )

    def contract(
        self,
        component: str,
        origin: ContractSource,
        declared: TypeSpec | None = None,
        uncheckable: tuple[str, ...] = (),
    ) -> ComponentContract:
        """The contract of a component with these terms.

        Args:
            component: its address.
            origin: where the contract was declared.
            declared: the type, if it was not given as text.
            uncheckable: constraints that cannot be evaluated.
        """
        operands = {operator: getattr(self, operator) for operator in OPERATORS}
        return ComponentContract(
            component=component,
            phase=self.phase,
            type=parse_type(self.type) if self.type is not None else declared,
            methods=_merged((*self.methods, *self._per_user_methods()), self.async_methods),
            attributes=tuple(dict.fromkeys(self.attributes)),
            requires=tuple(dict.fromkeys(self.requires)),
            wires=self.wires,
            same_as=self.same_as or "",
            imports=self.imports,
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

    def _per_user_methods(self) -> Iterator[str]:
        """The method that creates instances for users. `release` may be a method of an instance."""
        if self.per_user is not None:
            yield self.per_user.create


def _merged(methods: Iterable[str], async_methods: Iterable[str]) -> tuple[Method, ...]:
    """Both lists as one, each method once for each signature. A method that is async in one entry is async in all."""
    asynchronous = [parse_method(text, asynchronous=True) for text in async_methods]
    names = {method.name for method in asynchronous}
    parsed = [*(parse_method(text) for text in methods), *asynchronous]
    with_signature = {method.name for method in parsed if method.signature}
    kept = [method for method in parsed if method.signature or method.name not in with_signature]
    return tuple(dict.fromkeys(method.model_copy(update={"asynchronous": method.name in names}) for method in kept))
