"""The schema of an event contract, for TOML and for Python. Source of the terms that `declare.EventTerms` repeats."""

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
_TOKEN_PLACES: tuple[TokenPlace, ...] = ("header", "query", "subprotocol")
#: Default name of the query parameter or of the subprotocol before the token.
_TOKEN_NAMES = {"header": "", "query": "token", "subprotocol": "bearer"}


def _path(value: str) -> str:
    if not value.startswith("/") or any(letter.isspace() for letter in value):
        raise InvalidValue(f"{quoted(value)} is not a path", 'write the path of the URL, e.g. "/ws"')
    return value


def _place(value: object) -> str:
    return one_of("value of token-in", _TOKEN_PLACES, value)


def _message(value: object) -> str:
    """The text of a message: a table or a list as JSON, a string as it is."""
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
    """One event of a run, and how often a client receives it."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="Expected event")

    event: Word = Field(description="Name of the event.")
    optional: StrictBool = Field(False, description="Whether the event may be absent.")
    at_least: Annotated[StrictInt, Field(ge=0)] | None = Field(
        None, description="Minimum number of occurrences. Default: 1, or 0 if the event is optional."
    )
    at_most: Annotated[StrictInt, Field(ge=1)] | None = Field(
        None, description="Maximum number of occurrences. Default: 1, or unlimited if at-least is given."
    )

    @model_validator(mode="after")
    def _possible(self) -> ExpectedEventSchema:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise InvalidValue(
                f"{quoted(self.event)} cannot occur at least {self.at_least} and at most {self.at_most} times"
            )
        return self

    def expected(self) -> ExpectedEvent:
        """The validated contract."""
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
    """The events that each user must receive after a message. With such a contract, clients are connected."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=kebab, title="Events")

    path: Annotated[Text, AfterValidator(_path)] = Field(
        description="Path and query of the WebSocket; {user} is replaced by the user id."
    )
    token: FunctionName | None = Field(
        None,
        description="Function from a user id to a bearer token; it may take **claims. Default: no token is sent.",
    )
    token_in: Annotated[TokenPlace, BeforeValidator(_place)] = Field(
        "header", description="Where the token is sent: header, query or subprotocol."
    )
    token_name: Word | None = Field(
        None,
        description="Name of the query parameter (default: token) or of the subprotocol before it (default: bearer).",
    )
    send: Annotated[str, BeforeValidator(_message), WithJsonSchema(_MESSAGE)] = Field(
        "", description="Message that starts a run; {user} and {canary} are replaced by the user id."
    )
    expect: Annotated[tuple[Expected, ...], Listed, Field(min_length=1)] = Field(
        description="Events of a run: names, or tables with event, optional, at-least, at-most."
    )
    ordered: StrictBool = Field(True, description="Whether the events must arrive in this order.")
    terminal: Word | None = Field(None, description="Event that ends a run. Default: the last expected event.")
    event_field: Word = Field("type", description="Dotted JSON path of the name of an event.")
    run_field: Word | None = Field(None, description="Dotted JSON path of the run id of an event.")
    id_field: Word | None = Field(
        None, description="Dotted JSON path of a value that is unique for each event of a run."
    )
    within_ms: Annotated[Number, Field(gt=0)] | None = Field(
        None, description="Maximum time in ms between two events of a run, and between the message and the first event."
    )
    deadline: Annotated[Number, Field(gt=0)] = Field(10.0, description="Deadline in seconds for a run.")
    users: Annotated[StrictInt, Field(ge=1, le=10_000)] = Field(
        10, description="Number of users that are connected at the same time."
    )
    reject_bad_tokens: StrictBool | None = Field(
        None, description="Test that invalid tokens are rejected. Default: true if there is a token."
    )
    slow_reader: StrictBool = Field(False, description="Test that a client that never reads does not delay the others.")
    reconnect: StrictBool = Field(False, description="Test a client that disconnects during a run and reconnects.")
    expiry: StrictBool = Field(False, description="Test a client whose token expires while it is connected.")
    burst: Annotated[StrictInt, Field(ge=0, le=10_000)] = Field(
        0, description="Number of runs that one client starts at the same time; 0: this is not tested."
    )
    readiness: Annotated[Text, AfterValidator(_path)] | None = Field(
        None, description="Path of the URL that responds with 200 when the application is ready."
    )
    severity: SeverityName = Field(Severity.ERROR, description="Severity of a broken contract.")
    impact: Text = Field("", description="What a user loses when the contract is broken.")
    docs: Text = Field("", description="Further reading, e.g. a URL.")

    # These validate fields: a validator of the model does not run while any field is invalid.
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
        """The validated contract."""
        given = self.model_dump(exclude={"expect", "terminal", "token_name", "deadline", "reject_bad_tokens"})
        return DeliveryContract(
            **{name: "" if value is None and name != "within_ms" else value for name, value in given.items()},
            expect=tuple(event.expected() for event in self.expect),
            terminal=self.terminal or self.expect[-1].event,
            token_name=self.token_name or _TOKEN_NAMES[self.token_in],
            deadline_s=self.deadline,
            reject_bad_tokens=self.token is not None if self.reject_bad_tokens is None else self.reject_bad_tokens,
            origin=origin,
        )
