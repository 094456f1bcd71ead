"""Hypothesis strategies: configurations, contracts and environment files with valid and invalid values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from netra_contracts.contracts.contract_schema import ContractSchema, PerUserSchema, kebab, snake
from netra_contracts.contracts.event_contract_schema import EventContractSchema, ExpectedEventSchema
from netra_contracts.settings.configuration import schema
from netra_contracts.settings.options import KEYS

#: What pydantic and typer say in their own words, and what no message may say.
FOREIGN_WORDS = (
    "Input should",
    "Field required",
    "Extra inputs",
    "Value error",
    "validation error",
    "pydantic",
    "Traceback",
    "something else",
    "InvalidValue",
)

_NAMES = (
    "pool",
    "bridge",
    "lifespan:pool",
    "/api:pool",
    "myapp.db:engine",
    "ctx.pool",
    "a b",
    "\x1b[31mred",
    "é\u202e",
)
#: Values that a key accepts, by key. Other keys of the schemas get a value of the lists below.
_VALID: dict[str, tuple[Any, ...]] = {
    "target": ("main:app", "main"),
    "python": ("python3",),
    "app-dir": (".",),
    "env-file": (".env",),
    "format": ("json", "table"),
    "phase": ("initialization", "READINESS"),
    "severity": ("error", "Note"),
    "fail-level": ("never", "error"),
    "select": (["NC3"], ["NC201", "nc3"]),
    "ignore": (["NC3"],),
    "contracts": ("more:CONTRACTS", ["more", "pack:none"]),
    "checks": (["a.b"],),
    "env": ({"A": "1"},),
    "type": ("a:Pool", "str | None", "Literal['a', 1]"),
    "methods": (["connect", "send(event, *, user)"],),
    "async-methods": (["connect"],),
    "attributes": (["a.b"], []),
    "requires": (["pool"], ["pool", "bridge"]),
    "wires": ({"a.pool": "pool"}, {}),
    "pattern": ("^a+$", ""),
    "create": ("create", "make.one"),
    "context": ("a.b:c",),
    "release": ("close",),
    "shared": (["pool"],),
    "shared-types": (["a:B"],),
    "path": ("/ws", "/ws?user={user}"),
    "token": ("a:token",),
    "token-in": ("query", "header"),
    "token-name": ("t",),
    "send": ("hello", {"type": "x", "deep": [1, {"a": None}]}),
    "expect": (["started", "done"], [{"event": "started", "at-least": 2}, "done"], []),
    "terminal": ("done",),
    "readiness": ("/ready",),
    "event": ("started",),
}
_ODD_TEXTS = (
    *(
        "",
        " ",
        "\n",
        "\0",
        "\x1b]0;t\a",
        "\u202e",
        "\ud800",
        "é",
        "😀",
        "0",
        "true",
        ":",
        "a:",
        ":a",
        "::",
        ".",
        "a..b",
    ),
    *(
        "[",
        "(" * 300,
        "Literal[",
        "a:b | ",
        "x" * 5000,
        "{user",
        "%s",
        "{0}",
        "C:\\x",
        "..",
        "/",
        "~",
        "pack:",
        "x.toml",
    ),
)
_SCALARS = st.one_of(
    st.sampled_from(_ODD_TEXTS),
    st.text(max_size=8),
    st.sampled_from(_NAMES),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, 1, -1, 10**30, -(10**400), 2**63, 2**64, 10_001]),
    st.floats(),
    st.sampled_from([dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 1, 1), dt.time(1, 2)]),  # noqa: DTZ001 - TOML has such times
)
#: Any value that TOML and JSON have.
ANY = st.recursive(
    _SCALARS,
    lambda members: (
        st.lists(members, max_size=3) | st.dictionaries(st.sampled_from((*_ODD_TEXTS, *_VALID)), members, max_size=3)
    ),
    max_leaves=8,
)


def _nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


_DEEP = st.integers(2, 400).map(_nested)


def _properties() -> Iterator[tuple[str, dict[str, Any]]]:
    definitions = schema()["$defs"]
    tables = (*definitions.values(), ExpectedEventSchema.model_json_schema(by_alias=True))
    for table in tables:
        yield from table.get("properties", {}).items()


_OF_TYPE = {"boolean": (True, False), "integer": (1, 2, 10), "number": (1, 2.5), "string": ("text", "x y")}
_TYPES = {key: described.get("type") or described.get("anyOf", [{}])[0].get("type") for key, described in _properties()}


def _value(key: str) -> st.SearchStrategy[Any]:
    valid = st.sampled_from(_VALID.get(key) or _OF_TYPE.get(str(_TYPES.get(key)), ("text",)))
    return st.integers(0, 29).flatmap(lambda drawn: valid if drawn < 28 else ANY if drawn < 29 else _SCALARS | _DEEP)


def _table(keys: Any, *required: str, more: dict[str, st.SearchStrategy[Any]] | None = None) -> st.SearchStrategy[Any]:
    """A table with some of the keys of a schema, the required ones nearly always, and rarely an unknown one."""
    values = {key: _value(key) for key in keys} | (more or {})
    known = st.sets(st.sampled_from(sorted(values)), max_size=5).map(lambda drawn: {*drawn, *required})
    tables = known.flatmap(lambda drawn: st.fixed_dictionaries({key: values[key] for key in sorted(drawn)}))
    unknown = st.dictionaries(st.text(max_size=6) | st.just("metods"), ANY, min_size=1, max_size=1)
    with_unknown = st.tuples(tables, unknown).map(lambda drawn: {**drawn[0], **drawn[1]})
    return st.integers(0, 19).flatmap(lambda drawn: tables if drawn else with_unknown)


def _keys(model: Any) -> list[str]:
    return [kebab(name) for name in model.model_fields]


_PER_USER = _table(_keys(PerUserSchema), "create")
_EXPECTED = st.lists(_table(_keys(ExpectedEventSchema), "event") | st.sampled_from(["started", "done"]), max_size=3)
#: The terms of a contract of a component, and of one on events, as TOML spells them.
TERMS = _table(_keys(ContractSchema), more={"per-user": _PER_USER})
EVENTS = _table(_keys(EventContractSchema), "path", "expect", more={"expect": _EXPECTED | _value("expect")})
_MOSTLY_TERMS = st.integers(0, 19).flatmap(lambda drawn: TERMS if drawn else ANY)
COMPONENTS = st.dictionaries(st.sampled_from((*_NAMES, *_NAMES, *_ODD_TEXTS)), _MOSTLY_TERMS, max_size=4)
#: A whole configuration file.
CONFIGURATIONS = _table(
    KEYS, more={"components": st.integers(0, 19).flatmap(lambda drawn: COMPONENTS if drawn else ANY), "events": EVENTS}
)


def python_terms(terms: Any) -> Any:
    """The terms of a contract as Python spells them."""
    return {snake(key): value for key, value in terms.items()} if isinstance(terms, dict) else {}


def toml(table: dict[str, Any]) -> str:
    """A table as TOML, with tables within it inline."""
    return "".join(f"{_text(key)} = {_written(value)}\n" for key, value in table.items())


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)} = {_written(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return _text(value) if isinstance(value, str) else str(value).lower()


def _text(text: str) -> str:
    plain = (letter.isalnum() and letter.isascii() for letter in text)
    written = (letter if kept else f"\\U{ord(letter):08x}" for letter, kept in zip(text, plain, strict=True))
    return f'"{"".join(written)}"'


@st.composite
def damaged(draw: st.DrawFn, text: st.SearchStrategy[str]) -> str:
    """A text, in a third of the draws with a line repeated, characters replaced, or its end cut off."""
    written = draw(text)
    action = draw(st.integers(0, 8))
    at = draw(st.integers(0, len(written)))
    if action == 0:
        return written[:at]
    if action == 1:
        return written[:at] + draw(st.text(max_size=3)) + written[at + draw(st.integers(0, 3)) :]
    return written + written.partition("\n")[0] if action == 2 else written
