"""One contract's terms, validated: the same for TOML and for Python, only the spelling of the keys differs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from netra_contracts.config.typespec import parse_method, parse_type
from netra_contracts.declare import Phase
from netra_contracts.errors import nearest
from netra_contracts.model.contract import Bound, ComponentContract, Method, Origin, Severity
from netra_contracts.wire import TypeSpec

OPERATORS = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern")


def kebab(name: str) -> str:
    """A field's name as it is written in TOML."""
    return name.replace("_", "-")


def one_of(kind: str, known: list[str]) -> Any:
    """A validator for a word out of a few, that names the nearest one."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and value.lower() in known:
            return value.lower()
        if isinstance(value, str):
            hint = nearest(value.lower(), known) or "choose one of " + ", ".join(known)
            raise ValueError(f'there is no {kind} "{value}"; {hint}')
        return value

    return BeforeValidator(check)


PhaseName = Annotated[Phase, one_of("phase", [phase.value for phase in Phase])]
SeverityName = Annotated[Severity, one_of("severity", [severity.value for severity in Severity])]


def _as_type(value: Any) -> Any:
    return parse_type(value) if isinstance(value, str) else value


class Terms(BaseModel):
    """What a contract may say of a component. In TOML the names are written with hyphens."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, populate_by_name=True, strict=False)

    phase: PhaseName | None = Field(None, description="By whose end it must hold; without one, the end of startup.")
    type: Annotated[TypeSpec | None, BeforeValidator(_as_type)] = Field(
        None,
        description="What it must be an instance of: module:Class, a builtin, a union, Literal[...].",
        json_schema_extra={"type": "string", "anyOf": []},
    )
    methods: tuple[str, ...] = Field((), description="Methods that must be there, with or without the shape of a call.")
    async_methods: tuple[str, ...] = Field((), description="Methods that must be async.")
    attributes: tuple[str, ...] = Field((), description="Dotted paths that must lead to something that is not None.")
    requires: tuple[str, ...] = Field((), description="Components that must be set before this one.")
    wires: Mapping[str, str] = Field({}, description="Attribute path -> the component whose very object it must be.")
    optional: bool = Field(False, description="It may be absent, or None.")
    severity: SeverityName = Field(Severity.ERROR, description="error, warning or note.")
    impact: str = Field("", description="What a user loses when it is broken.")
    description: str = Field("", description="What the component is for.")
    docs: str = Field("", description="Where to read more.")
    gt: float | None = None
    ge: float | None = None
    lt: float | None = None
    le: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None

    @field_validator("methods", "async_methods")
    @classmethod
    def _are_methods(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            parse_method(text)
        return value

    @field_validator("attributes", "wires")
    @classmethod
    def _are_paths(cls, value: Any) -> Any:
        for path in value:
            if not all(step.isidentifier() for step in path.split(".")):
                raise ValueError(f'"{path}" is no path of attributes, such as client.session')
        return value

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f'"{value}" is no regular expression: {error}') from error
        return value

    def contract(self, component: str, origin: Origin, uncheckable: tuple[str, ...] = ()) -> ComponentContract:
        """The contract of a component with these terms."""
        bounds = [(operator, getattr(self, operator)) for operator in OPERATORS]
        return ComponentContract(
            component=component,
            phase=self.phase,
            type=self.type,
            methods=_methods(self.methods, self.async_methods),
            attributes=self.attributes,
            requires=self.requires,
            wires=dict(self.wires),
            bounds=tuple(Bound(operator=name, operand=operand) for name, operand in bounds if operand is not None),
            uncheckable=uncheckable,
            optional=self.optional,
            severity=self.severity,
            impact=self.impact,
            description=self.description,
            docs=self.docs,
            origin=origin,
        )


def _methods(plain: tuple[str, ...], asynchronous: tuple[str, ...]) -> tuple[Method, ...]:
    """Both lists as one; a method that stands in both is async and keeps the shape it was given."""
    found: dict[str, Method] = {}
    for text, is_async in [*((text, False) for text in plain), *((text, True) for text in asynchronous)]:
        method = parse_method(text, asynchronous=is_async)
        known = found.get(method.name)
        if known is not None:
            method = method.model_copy(update={"signature": method.signature or known.signature})
        found[method.name] = method
    return tuple(found.values())
