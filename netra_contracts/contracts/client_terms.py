"""Terms of an event contract that say what a client sends: its handshake, its steps and its message."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from netra_contracts.contracts.contract_schema import checked_function
from netra_contracts.contracts.model import ClientStep
from netra_contracts.contracts.values import InvalidValue, quoted
from netra_contracts.errors import did_you_mean

TOKEN = "{token}"  # noqa: S105 - a placeholder
_STEP_KEYS = ("send", "expect")
_STEP_HINT = 'write a step as { send = ... } or { expect = "..." }, and the message that is measured last'
# RFC 9110, section 5.6.2: what the name of a header or a cookie may consist of.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FUNCTION = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
#: Headers of the handshake that have terms of their own, or that a client must not choose.
_RESERVED = {
    "cookie": "cookies",
    "origin": "origin",
    "sec-websocket-protocol": "subprotocols",
    "host": "",
    "upgrade": "",
    "connection": "",
}


class SendTerms(NamedTuple):
    """What a client sends: the steps before the message, and the message; None: there is none."""

    steps: tuple[ClientStep, ...] = ()
    message: str | None = None


def parse_send(value: object) -> SendTerms:
    """A message, or a sequence of steps that ends with one.

    Raises:
        InvalidValue: if it is neither.
    """
    if isinstance(value, list) and _is_steps(value):
        return _parse_steps(value)
    return SendTerms((), _message(value, "send"))


def _is_steps(value: Sequence[object]) -> bool:
    """Whether a list is a sequence of steps, and not a JSON array, which is a message too."""
    tables = [member for member in value if isinstance(member, dict)]
    near = any(len(member) == 1 and did_you_mean(str(next(iter(member))), _STEP_KEYS) for member in tables)
    return any(len(member) == 1 and member.keys() <= set(_STEP_KEYS) for member in tables) or (
        near and len(tables) == len(value)
    )


def _parse_steps(value: Sequence[object]) -> SendTerms:
    steps = []
    for number, member in enumerate(value, 1):
        where = f"step {number} of send"
        if isinstance(member, dict) and len(member) == 1 and member.keys() <= set(_STEP_KEYS):
            steps.append(_parse_step(member, where))
        elif number == len(value) and not _misspelt(member):
            steps.append(ClientStep(send=_message(member, where)))
        else:
            raise InvalidValue(
                f"{where} is neither a message nor an event to wait for", _misspelt(member) or _STEP_HINT
            )
    last = steps.pop()
    if last.send is None:
        raise InvalidValue(
            "send ends with an event to wait for; its last step is the message that is measured",
            "end with { send = ... }, or move the event to `expect` of the contract",
        )
    return SendTerms(tuple(steps), last.send)


def _misspelt(member: object) -> str:
    """A hint if a step has a key that is nearly one of a step, or another key beside it."""
    if not isinstance(member, dict):
        return ""
    if member.keys() & set(_STEP_KEYS):
        other = next((str(key) for key in member if key not in _STEP_KEYS), "")
        return f"a step has one key; remove {quoted(other)}" if other else _STEP_HINT
    return next(filter(None, (did_you_mean(str(key), _STEP_KEYS) for key in member)), "") if len(member) == 1 else ""


def _parse_step(member: Mapping[str, Any], where: str) -> ClientStep:
    if "send" in member:
        return ClientStep(send=_message(member["send"], where))
    names = [member["expect"]] if isinstance(member["expect"], str) else member["expect"]
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise InvalidValue(f"expect in {where} must be the name of an event, or a list of names")
    return ClientStep(expect=tuple(names))


def _message(value: object, what: str) -> str:
    """The text of a message: a table or a list as JSON, a string as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        try:
            return json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError) as error:
            raise InvalidValue(f"{what} cannot be written as JSON: {error}") from error
    raise InvalidValue(
        f"{what} must be a table or a string", 'write e.g. send = { type = "user_message", content = "hello" }'
    )


class Handshake(NamedTuple):
    """One term of the handshake: its values, and the functions that give others, by the term or the term and a key."""

    values: dict[str, str]
    functions: dict[str, str]


def parse_table(term: str, value: object) -> Handshake:
    """Headers or cookies: a table, or a function from a user id to one; each value may be a function too.

    Raises:
        InvalidValue: if it is neither, or names what cannot be a header or a cookie.
    """
    if isinstance(value, str):
        return Handshake({}, {term: checked_function(value)})
    if not isinstance(value, dict):
        raise InvalidValue(f"{term} must be a table of texts, or module:function")
    values, functions = {}, {}
    for name, content in value.items():
        _check_name(term, name)
        if isinstance(content, dict) and content.keys() == {"value"} and isinstance(content["value"], str):
            values[name] = _one_line(f"{term}.{name}", content["value"])
        elif not isinstance(content, str):
            raise InvalidValue(f"{term}.{name} must be a text, or module:function")
        elif _FUNCTION.fullmatch(content):
            functions[f"{term}.{name}"] = content
        else:
            values[name] = _one_line(f"{term}.{name}", content)
    return Handshake(values, functions)


def parse_origin(value: object) -> str:
    """An origin such as `https://example.org`, or a function.

    Raises:
        InvalidValue: if it is not a text.
    """
    if not isinstance(value, str) or not value or not ("://" in value or value == "null" or is_function(value)):
        raise InvalidValue(f"{quoted(str(value))} is not an origin", 'write e.g. origin = "https://example.org"')
    return _one_line("origin", value)


def parse_subprotocols(value: object) -> Sequence[str] | str:
    """A list of subprotocols, or a function from a user id to one.

    Raises:
        InvalidValue: if it is neither, or if a name contains what a subprotocol cannot.
    """
    if isinstance(value, str):
        return checked_function(value)
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        raise InvalidValue("subprotocols must be a list of texts, or module:function")
    wrong = next((name for name in value if not _NAME.fullmatch(_without_placeholders(name))), None)
    if wrong is not None:
        raise InvalidValue(f"{quoted(wrong)} cannot be the name of a subprotocol")
    return value


def is_function(value: object) -> bool:
    """Whether a text has the form `module:function`."""
    return isinstance(value, str) and _FUNCTION.fullmatch(value) is not None


def _check_name(term: str, name: str) -> None:
    own = _RESERVED.get(name.lower()) if term == "headers" else None
    if own is not None:
        hint = f"use {own} = ..." if own else "the client sets it"
        raise InvalidValue(f"headers cannot set {quoted(name)}", hint)
    if not _NAME.fullmatch(name):
        raise InvalidValue(f"{quoted(name)} cannot be a name in {term}")


def _one_line(where: str, value: str) -> str:
    if not value.isprintable():
        raise InvalidValue(f"{where} contains a line break or another character that cannot be printed")
    return value


def _without_placeholders(text: str) -> str:
    return text.replace(TOKEN, "t").replace("{user}", "u").replace("{canary}", "u")
