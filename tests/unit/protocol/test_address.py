"""What every form of an address means, and that no form takes the meaning of another one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.contracts.contract_schema import checked_address
from netra_contracts.contracts.values import InvalidValue
from netra_contracts.protocol.address import Reading, fault_of, last_name, parse_address, split_path

#: Names of entries without the characters that begin a path or another form.
NAMES = st.text(st.characters(exclude_characters=":.[](){}/", exclude_categories=["Cs"]), min_size=1)
IDENTIFIERS = st.from_regex(r"[a-z_][a-z0-9_]{0,7}", fullmatch=True)
MODULES = st.lists(IDENTIFIERS, min_size=1, max_size=3).map(".".join).filter(lambda name: name != "lifespan")
PATHS = st.lists(IDENTIFIERS, min_size=1, max_size=3).map(".".join)


@pytest.mark.parametrize(
    ("text", "prefix", "name", "last"),
    [
        ("pool", "", "pool", "pool"),
        ("ctx.pool", "", "ctx.pool", "pool"),
        ("order.0.handler", "", "order.0.handler", "handler"),
        ("lifespan:pool", "lifespan", "pool", "pool"),
        ("lifespan:ctx.pool", "lifespan", "ctx.pool", "pool"),
        ("lifespan:a:b", "lifespan", "a:b", "a:b"),
        ("/api:pool", "/api", "pool", "pool"),
        ("/:pool", "/", "pool", "pool"),
        ("/api:redis:main", "/api", "redis:main", "redis:main"),
        ("/items/{id:int}:pool", "/items/{id:int}", "pool", "pool"),
        ("/api:ctx.pool", "/api", "ctx.pool", "pool"),
        ("{tenant}.example.org:pool", "{tenant}.example.org", "pool", "pool"),
        ("my pool", "", "my pool", "my pool"),
        ("[1]", "", "[1]", "[1]"),
        (".env", "", ".env", ".env"),
        ("ctx[myapp.db:Engine]", "", "ctx[myapp.db:Engine]", "Engine"),
        ("/api:ctx[myapp.db:Engine].pool", "/api", "ctx[myapp.db:Engine].pool", "pool"),
    ],
)
def test_entry_has_the_prefix_of_its_state(text: str, prefix: str, name: str, last: str) -> None:
    address = parse_address(text)
    assert (address.prefix, address.name, address.last_name) == (prefix, name, last)
    assert not address.is_module_object
    assert last_name(text) == last
    assert fault_of(text) is None


@pytest.mark.parametrize(
    ("text", "module", "attribute", "is_provider", "path"),
    [
        ("myapp.db:engine", "myapp.db", "engine", False, ""),
        ("main:engine", "main", "engine", False, ""),
        ("myapp.agents:Registry.instance", "myapp.agents", "Registry.instance", False, ""),
        ("myapp.db:POOLS.main-0", "myapp.db", "POOLS.main-0", False, ""),
        ("myapp.agents:get_factory()", "myapp.agents", "get_factory", True, ""),
        ("myapp.agents:Registry.get()", "myapp.agents", "Registry.get", True, ""),
        ("myapp.agents:get_factory().bridge.pool", "myapp.agents", "get_factory", True, "bridge.pool"),
        ("module:lifespan:pool", "lifespan", "pool", False, ""),
        ("module:myapp.db:engine", "myapp.db", "engine", False, ""),
        ("module:pool", "module", "pool", False, ""),
        ("myapp.di:container[myapp.db:Engine].x", "myapp.di", "container", False, "[myapp.db:Engine].x"),
        ("api.example.org:pool", "api.example.org", "pool", False, ""),
    ],
)
def test_object_of_a_module(text: str, module: str, attribute: str, is_provider: bool, path: str) -> None:
    address = parse_address(text)
    assert (address.module, address.attribute, address.is_provider, address.path) == (
        module,
        attribute,
        is_provider,
        path,
    )
    assert fault_of(text) is None


@pytest.mark.parametrize(
    ("text", "parents"),
    [
        ("pool", ()),
        ("ctx.pool", ("ctx",)),
        ("order.0.handler", ("order.0", "order")),
        ("lifespan:ctx.pool", ("lifespan:ctx",)),
        ("/v1.2:pool", ()),
        ("/v1.2:ctx.pool", ("/v1.2:ctx",)),
        ("myapp.db:engine", ()),
        ("myapp.agents:Registry.instance", ("myapp.agents:Registry",)),
        ("myapp.agents:Registry.get()", ()),
        ("m:get().a.b", ("m:get().a", "m:get()")),
        ("ctx[myapp.db:Engine].pool", ("ctx[myapp.db:Engine]", "ctx")),
        ("a..b", ()),
        (".env", ()),
        ("a.", ()),
    ],
)
def test_parents_are_the_components_that_it_is_below(text: str, parents: tuple[str, ...]) -> None:
    address = parse_address(text)
    assert address.parents == parents
    assert address.parent == (parents[0] if parents else "")
    assert address.root == (parents[-1] if parents else text)


def test_readings_begin_with_the_longest_name_of_an_entry() -> None:
    assert list(parse_address("a.b.c").readings()) == [Reading("a.b.c"), Reading("a.b", "c"), Reading("a", "b.c")]
    assert list(parse_address("m.x:a.b").readings()) == [Reading("m.x:a.b"), Reading("m.x:a", "b")]


def test_explicit_form_is_never_an_entry() -> None:
    assert list(parse_address("module:lifespan:pool").readings()) == []
    assert list(parse_address("lifespan:pool").readings()) == [Reading("lifespan:pool")]


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("", ("",)),
        ("a", ("a",)),
        ("a.0.b", ("a", "0", "b")),
        ("[m.x:C].y", ("[m.x:C]", "y")),
        ("a[m:C].b", ("a", "[m:C]", "b")),
        ("a..b", ("a", "", "b")),
        ("a[0]", ("a[0]",)),
    ],
)
def test_steps_of_a_path(path: str, steps: tuple[str, ...]) -> None:
    assert split_path(path) == steps


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "name"),
        ("lifespan:", "lifespan:name"),
        ("/api:", "/mount:name"),
        ("myapp.db:", "myapp.db:name"),
        ("module:a:", "myapp.db:name"),
        ("module:a b:c", "module:myapp.db:engine"),
        ("myapp.db:engine(", '"myapp.db:engine()"'),
        ("myapp.db:engine)", '"myapp.db:engine()"'),
        ("a.b:c()()", '"a.b:c()"'),
        ("a.b:c().d()", '"a.b:c()"'),
        ("a.b:c(1)", '"a.b:c()"'),
        ("module:a:b(", '"module:a:b()"'),
        ("ctx[myapp.db:Engine", '"ctx[myapp.db:Engine]"'),
    ],
)
def test_what_begins_as_a_form_and_does_not_end_as_it_is_refused(text: str, hint: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        checked_address(text)
    assert raised.value.hint is not None
    assert hint in raised.value.hint


@given(NAMES)
def test_any_name_is_an_entry_of_the_own_state(name: str) -> None:
    address = parse_address(name)
    assert (address.prefix, address.name, address.last_name) == ("", name, name)
    assert list(address.readings()) == [Reading(name)]
    assert fault_of(name) is None


@given(NAMES, st.lists(IDENTIFIERS, min_size=1, max_size=3))
def test_names_with_the_prefix_of_another_state_keep_their_meaning(name: str, steps: list[str]) -> None:
    for prefix in ("lifespan", "/" + "/".join(steps)):
        address = parse_address(f"{prefix}:{name}")
        assert (address.prefix, address.name, address.module) == (prefix, name, "")
        assert fault_of(address.text) is None


@given(MODULES, PATHS, st.booleans(), PATHS | st.just(""))
def test_explicit_form_means_the_object_that_the_short_form_does(
    module: str, attribute: str, is_provider: bool, path: str
) -> None:
    called = f"{module}:{attribute}" + ("()" + (f".{path}" if path else "") if is_provider else "")
    short, explicit = parse_address(called), parse_address(f"module:{called}")
    assert (short.module, short.attribute, short.is_provider) == (module, attribute, is_provider)
    assert (explicit.module, explicit.attribute, explicit.is_provider) == (module, attribute, is_provider)
    assert short.path == explicit.path
    assert (explicit.is_explicit, short.is_explicit) == (True, False)


@given(st.text())
def test_any_text_is_taken_apart(text: str) -> None:
    address = parse_address(text)
    assert text.endswith(address.name)
    for reading in address.readings():
        assert text.startswith(reading.base)
        assert all(split_path(reading.path)) or not reading.path
    fault_of(text)
