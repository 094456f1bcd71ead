"""What is expected of the events of a served target: one model for TOML and for Python."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from netra_contracts.contracts.contract_schema import (
    FunctionName,
    Listed,
    Number,
    SeverityName,
    Text,
    Word,
    kebab,
    one_of,
)
from netra_contracts.contracts.json_schema import WithoutNull
from netra_contracts.contracts.model import ContractSource, DeliveryContract, ExpectedEvent, Severity
from netra_contracts.contracts.values import InvalidValue, quoted
from netra_contracts.errors import did_you_mean

TokenPlace = Literal["header", "query", "subprotocol"]
_PLACES: tuple[TokenPlace, ...] = ("header", "query", "subprotocol")
#: What a token's parameter or subprotocol is called where the contract does not say.
_NAMES = {"header": "", "query": "token", "subprotocol": "bearer"}


def _path(value: str) -> str:
    if not value.startswith("/") or any(letter.isspace() for letter in value):
        raise InvalidValue(f"{quoted(value)} is not a path", 'write the path of the URL, e.g. "/ws"')
    return value


def _place(value: object) -> str:
    return one_of("place for tokens", _PLACES, value)


def _message(value: object) -> str:
    """A table or a list is sent as JSON, text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        try:
            return json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError) as error:
            raise InvalidValue(f"send cannot be written as JSON: {error}") from error
    raise InvalidValue(
        "send must be a table or a string", 'write e.g. send = { type = "user_message", content = "hello" }'
    )


class ExpectedEventSchema(BaseModel):
    """One event of a run, and how often it comes."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="Expected event")

    event: Word = Field(description="Its name.")
    optional: StrictBool = Field(False, description="Whether it may stay away.")
    at_least: Annotated[StrictInt, Field(ge=0)] | None = Field(
        None, description="How often it comes at the least; default: once, or not at all if it is optional."
    )
    at_most: Annotated[StrictInt, Field(ge=1)] | None = Field(
        None, description="How often it comes at the most; default: once, or any number of times if at-least is given."
    )

    @model_validator(mode="after")
    def _possible(self) -> ExpectedEventSchema:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise InvalidValue(
                f"{quoted(self.event)} cannot come at least {self.at_least} and at most {self.at_most} times"
            )
        return self

    def expected(self) -> ExpectedEvent:
        """As the model has it."""
        least = self.at_least if self.at_least is not None else 1
        most = self.at_most if self.at_most is not None or self.at_least is not None else 1
        return ExpectedEvent(name=self.event, at_least=0 if self.optional else least, at_most=most)


def _named(value: object) -> object:
    return {"event": value} if isinstance(value, str) else value


_MESSAGE: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "object"}, {"type": "array"}]}
_TABLE = ExpectedEventSchema.model_json_schema(by_alias=True, schema_generator=WithoutNull)
_EXPECTED: dict[str, Any] = {"anyOf": [{"type": "string"}, _TABLE]}
Expected = Annotated[ExpectedEventSchema, BeforeValidator(_named), WithJsonSchema(_EXPECTED)]


class EventContractSchema(BaseModel):
    """What each user's client must receive after its message. Where it is written, live checks run."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="Events")

    path: Annotated[Text, AfterValidator(_path)] = Field(
        description="Path of the WebSocket, with query; {user} stands for the user's id."
    )
    token: FunctionName | None = Field(
        None,
        description="Function from a user's id to a bearer token; it may take **claims. Default: no token is sent.",
    )
    token_in: Annotated[TokenPlace, BeforeValidator(_place)] = Field(
        "header", description="Where the token is sent: header, query or subprotocol."
    )
    token_name: Word | None = Field(
        None, description="Name of the query parameter (default: token), or the subprotocol before it (bearer)."
    )
    send: Annotated[str, BeforeValidator(_message), WithJsonSchema(_MESSAGE)] = Field(
        "", description="The message that asks for a run; {user} and {canary} stand for the user's id."
    )
    expect: Annotated[tuple[Expected, ...], Listed, Field(min_length=1)] = Field(
        description="The events of a run: names, or tables with event, optional, at-least, at-most."
    )
    ordered: StrictBool = Field(True, description="Whether the events come in this order.")
    terminal: Word | None = Field(None, description="The event that ends a run; default: the last one expected.")
    event_field: Word = Field("type", description="Dotted JSON path of an event's name.")
    run_field: Word | None = Field(None, description="Dotted JSON path of the id of an event's run.")
    id_field: Word | None = Field(None, description="Dotted JSON path of what no two events of a run have in common.")
    within_ms: Annotated[Number, Field(gt=0)] | None = Field(
        None, description="The longest time between two events of a run; the first counts from the message."
    )
    deadline: Annotated[Number, Field(gt=0)] = Field(
        10.0, description="Seconds that a client waits for the end of a run."
    )
    users: Annotated[StrictInt, Field(ge=1, le=10_000)] = Field(10, description="How many users are connected at once.")
    reject_bad_tokens: StrictBool | None = Field(
        None, description="Try tokens that must be refused; default: true where there is a token."
    )
    slow_reader: StrictBool = Field(False, description="Try a client that never reads while others are served.")
    reconnect: StrictBool = Field(False, description="Try a client that drops in mid-run and reconnects.")
    expiry: StrictBool = Field(False, description="Try a client whose token expires while it is connected.")
    burst: Annotated[StrictInt, Field(ge=0, le=10_000)] = Field(
        0, description="How many runs one client asks for at once; 0: none."
    )
    readiness: Annotated[Text, AfterValidator(_path)] | None = Field(
        None, description="Path of the URL that answers 200 when the application is ready."
    )
    severity: SeverityName = Field(Severity.ERROR, description="How grave it is when this is broken.")
    impact: Text = Field("", description="What a user loses when this is broken.")
    docs: Text = Field("", description="Where to read more, e.g. a URL.")

    # Validators of fields: one of the model is not asked while any field is wrong, and all faults are told at once.
    @field_validator("expect")
    @classmethod
    def _each_once(cls, expect: tuple[ExpectedEventSchema, ...]) -> tuple[ExpectedEventSchema, ...]:
        names = [event.event for event in expect]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            hint = f'write it once, as {{ event = "{twice}", at-least = {names.count(twice)} }}'
            raise InvalidValue(f"expect names {quoted(twice)} more than once", hint)
        return expect

    @field_validator("terminal")
    @classmethod
    def _expected(cls, terminal: str | None, info: ValidationInfo) -> str | None:
        names = [event.event for event in info.data.get("expect", ())]
        if terminal is not None and names and terminal not in names:
            raise InvalidValue(f"terminal is {quoted(terminal)}, which is not expected", did_you_mean(terminal, names))
        return terminal

    @model_validator(mode="after")
    def _consistent(self) -> EventContractSchema:
        if self.token is None and (self.reject_bad_tokens or self.expiry):
            key = "expiry" if self.expiry else "reject-bad-tokens"
            raise InvalidValue(f"{key} needs a token", "name the function that makes tokens: token = ...")
        return self

    def contract(self, origin: ContractSource) -> DeliveryContract:
        """As the model has it."""
        given = self.model_dump(exclude={"expect", "terminal", "token_name", "deadline", "reject_bad_tokens"})
        return DeliveryContract(
            **{name: "" if value is None and name != "within_ms" else value for name, value in given.items()},
            expect=tuple(event.expected() for event in self.expect),
            terminal=self.terminal or self.expect[-1].event,
            token_name=self.token_name or _NAMES[self.token_in],
            deadline_s=self.deadline,
            reject_bad_tokens=self.token is not None if self.reject_bad_tokens is None else self.reject_bad_tokens,
            origin=origin,
        )
