"""The schema of an event contract, for TOML and for Python. Source of the terms that `declare.EventTerms` repeats."""

from __future__ import annotations

from functools import partial
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

from netra_contracts.contracts.client_terms import (
    TOKEN,
    Handshake,
    SendTerms,
    is_function,
    parse_origin,
    parse_send,
    parse_subprotocols,
    parse_table,
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

TokenPlace = Literal["header", "query", "subprotocol", "placeholder"]
_TOKEN_PLACES: tuple[TokenPlace, ...] = ("header", "query", "subprotocol", "placeholder")
Format = Literal["json", "msgpack"]
_FORMATS: tuple[Format, ...] = ("json", "msgpack")
#: Default name of the query parameter or of the subprotocol before the token.
_TOKEN_NAMES = {"header": "", "query": "token", "subprotocol": "bearer", "placeholder": ""}


def _path(value: str) -> str:
    if not value.startswith("/") or any(letter.isspace() for letter in value):
        raise InvalidValue(f"{quoted(value)} is not a path", 'write the path of the URL, e.g. "/ws"')
    return value


def _format(value: object) -> str:
    return one_of("value of format", _FORMATS, value)


def _place(value: object) -> str:
    return one_of("value of token-in", _TOKEN_PLACES, value)


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


_STEP: dict[str, Any] = {
    "anyOf": [
        {"type": "object", "properties": {"send": {}}, "required": ["send"], "additionalProperties": False},
        {
            "type": "object",
            "properties": {"expect": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}},
            "required": ["expect"],
            "additionalProperties": False,
        },
    ]
}
_SEND: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "object"}, {"type": "array", "items": _STEP}, {"type": "array"}]
}
_TABLE_VALUE: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "object", "properties": {"value": {"type": "string"}}}]
}
_TEXTS: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": _TABLE_VALUE}]}
_SUBPROTOCOLS: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_TABLE = ExpectedEventSchema.model_json_schema(by_alias=True, schema_generator=WithoutNull)
_EXPECTED: dict[str, Any] = {"anyOf": [{"type": "string"}, _TABLE]}
Expected = Annotated[ExpectedEventSchema, BeforeValidator(_named), WithJsonSchema(_EXPECTED)]


#: Terms of the schema that the model has in another form.
_CONVERTED = {
    *("expect", "terminal", "token_in", "token_name", "deadline", "reject_bad_tokens"),
    *("send", "headers", "cookies", "origin", "subprotocols"),
}


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
    token_in: Annotated[TokenPlace, BeforeValidator(_place)] | None = Field(
        None,
        description="Where the token is sent: header, query, subprotocol, or placeholder (only where {token} is). "
        "Default: placeholder if {token} is used, else header.",
    )
    token_name: Word | None = Field(
        None,
        description="Name of the query parameter (default: token) or of the subprotocol before it (default: bearer).",
    )
    headers: Annotated[Any, BeforeValidator(partial(parse_table, "headers")), WithJsonSchema(_TEXTS)] = Field(
        None, description="Headers of the handshake: a table of texts or module:function, or one function for all."
    )
    cookies: Annotated[Any, BeforeValidator(partial(parse_table, "cookies")), WithJsonSchema(_TEXTS)] = Field(
        None, description="Cookies of the handshake: a table of texts or module:function, or one function for all."
    )
    origin: Annotated[Any, BeforeValidator(parse_origin), WithJsonSchema({"type": "string"})] = Field(
        None, description="Origin header of the handshake, or module:function."
    )
    subprotocols: Annotated[Any, BeforeValidator(parse_subprotocols), WithJsonSchema(_SUBPROTOCOLS)] = Field(
        None, description="Subprotocols that the client offers, or module:function."
    )
    send: Annotated[Any, BeforeValidator(parse_send), WithJsonSchema(_SEND)] = Field(
        None,
        description="Message that starts a run, or steps that end with it: { send = ... }, { expect = ... }. {user} "
        "and {canary} are replaced by the user id, {token} by the token. Default: an empty message, or none if the "
        "server sends events unasked.",
    )
    format: Annotated[Format, BeforeValidator(_format)] = Field(
        "json", description="Encoding of messages: json, or msgpack, which needs the extra of that name."
    )
    expect: Annotated[tuple[Expected, ...], Listed, Field(min_length=1)] = Field(
        description="Events of a run: names, or tables with event, optional, at-least, at-most."
    )
    ordered: StrictBool = Field(True, description="Whether the events must arrive in this order.")
    terminal: Word | None = Field(None, description="Event that ends a run. Default: the last expected event.")
    shared: Annotated[tuple[Word, ...], Listed] = Field(
        (), description="Names of events that are meant to name other users, such as those of a lobby."
    )
    event_field: Word = Field(
        "type", description="Dotted JSON path of the name of an event; a number is a position in an array."
    )
    events_field: Word | None = Field(
        None, description="Dotted JSON path of an array of events in a message. A message may also be such an array."
    )
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
        if self.token is None and self._has_token_placeholder:
            raise InvalidValue("{token} needs a token", "name the function that makes tokens: token = ...")
        if self.token_in == "placeholder" and not self._has_token_placeholder:  # noqa: S105 - names where it is sent
            raise InvalidValue(
                "token-in is placeholder, but nothing contains {token}", "write {token} where it is sent"
            )
        return self

    @property
    def _send(self) -> SendTerms:
        return self.send if isinstance(self.send, SendTerms) else SendTerms()

    @property
    def _has_token_placeholder(self) -> bool:
        texts = [self.path, self.origin or "", *(self.subprotocols or ()), self._send.message or ""]
        texts += [step.send or "" for step in self._send.steps]
        texts += [text for table in (self.headers, self.cookies) if table for text in table.values.values()]
        return any(TOKEN in text for text in texts)

    def contract(self, origin: ContractSource) -> DeliveryContract:
        """The validated contract."""
        given = self.model_dump(exclude=_CONVERTED)
        token_in: TokenPlace = self.token_in or ("placeholder" if self._has_token_placeholder else "header")
        return DeliveryContract(
            **{name: "" if value is None and name != "within_ms" else value for name, value in given.items()},
            **self._handshake(),
            steps=self._send.steps,
            send=self._send.message,
            expect=tuple(event.expected() for event in self.expect),
            terminal=self.terminal or self.expect[-1].event,
            token_in=token_in,
            token_name=self.token_name or _TOKEN_NAMES[token_in],
            deadline_s=self.deadline,
            reject_bad_tokens=self.token is not None if self.reject_bad_tokens is None else self.reject_bad_tokens,
            origin=origin,
        )

    def _handshake(self) -> dict[str, Any]:
        """The terms of the handshake: values, and which functions give the others."""
        headers, cookies = self.headers or Handshake({}, {}), self.cookies or Handshake({}, {})
        functions = {**headers.functions, **cookies.functions}
        values: dict[str, Any] = {"headers": headers.values, "cookies": cookies.values}
        if self.origin and is_function(self.origin):
            functions["origin"] = self.origin
        elif self.origin:
            values["client_origin"] = self.origin
        if isinstance(self.subprotocols, str):
            functions["subprotocols"] = self.subprotocols
        else:
            values["subprotocols"] = tuple(self.subprotocols or ())
        return {**values, "functions": functions}
