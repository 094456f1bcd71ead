"""What the probe describes of components for `init`."""

from __future__ import annotations

import asyncio
import enum
import io
import logging
from typing import Any

import httpx
import pytest

from netra_contracts.probe.inspection.component_description import describe, public_name
from netra_contracts.probe.inspection.object_ids import ObjectIds


class Holder:
    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


class Slotted:
    __slots__ = ("pool",)

    def __init__(self, pool: object) -> None:
        self.pool = pool


class Computed(Holder):
    @property
    def pool(self) -> object:
        raise AssertionError("a property was called")


class Colour(enum.Enum):
    RED = "red"


def wires(**components: Any) -> dict[str, dict[str, str]]:
    found = describe(list(components.items()), ObjectIds(), "startup")
    return {component.address: component.wires for component in found if component.wires}


def test_attribute_that_is_a_component_is_a_wire() -> None:
    pool = Holder()
    found = wires(pool=pool, holder=Holder(pool=pool, other=Holder()), slotted=Slotted(pool), computed=Computed())
    assert found == {"holder": {"pool": "pool"}, "slotted": {"pool": "pool"}}


@pytest.mark.parametrize("value", [1, "text", True, None, (), frozenset(), Colour.RED, Holder, len, logging])
def test_object_that_everything_shares_is_no_wire(value: object) -> None:
    assert wires(value=value, holder=Holder(value=value)) == {}


def test_component_is_not_wired_to_itself() -> None:
    holder = Holder()
    vars(holder)["me"] = holder
    assert wires(holder=holder, alias=holder) == {}


def test_private_attribute_of_a_library_is_no_wire() -> None:
    transport = Holder()
    client = httpx.AsyncClient()
    vars(client)["_transport"] = transport
    assert wires(transport=transport, client=client) == {}


def test_type_is_named_by_its_public_alias() -> None:
    assert public_name(httpx.AsyncClient) == "httpx:AsyncClient"
    assert public_name(asyncio.Task) == "asyncio:Task"
    assert public_name(asyncio.Queue) == "asyncio:Queue"
    assert public_name(io.BytesIO) == "io:BytesIO"
    assert public_name(asyncio.SelectorEventLoop) == "asyncio:SelectorEventLoop"  # a private class, public as this


def test_type_without_public_alias_keeps_its_name() -> None:
    assert public_name(Holder) == f"{__name__}:Holder"
    assert public_name(int) == "int"


def test_class_whose_name_belongs_to_another_object_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = type("Holder", (), {"__module__": __name__})
    assert public_name(replaced) == f"{__name__}:<Holder>"
    assert public_name(Holder) == f"{__name__}:Holder"
    monkeypatch.delitem(globals(), "Holder")
    assert public_name(replaced) == f"{__name__}:<Holder>"
    monkeypatch.setitem(globals(), "__getattr__", lambda name: replaced)
    assert public_name(replaced) == f"{__name__}:Holder"


def test_class_that_no_import_can_name_is_described_by_its_methods() -> None:
    class Local:
        def add(self) -> None: ...

        async def close(self) -> None: ...

        def _private(self) -> None: ...

    (described,) = describe([("pool", Local())], ObjectIds(), "startup")
    assert (described.methods, described.async_methods) == (("add",), ("close",))
    (named,) = describe([("holder", Slotted(None))], ObjectIds(), "startup")
    assert (named.methods, named.async_methods) == ((), ())
