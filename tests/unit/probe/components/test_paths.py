"""Paths below a component."""

from __future__ import annotations

from collections import OrderedDict, UserDict, UserList, deque
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import pytest
from starlette.datastructures import State

from netra_contracts.probe.components.paths import follow
from netra_contracts.probe.inspection.questions import ComponentNotFoundError


class Point(NamedTuple):
    """A tuple with names."""

    x: object
    y: object


class Lazy:
    """Gives an attribute that only its code knows."""

    ran: int = 0

    @property
    def pool(self) -> object:
        """The pool."""
        type(self).ran += 1
        return END

    def __getattr__(self, name: str) -> object:
        if name == "dynamic":
            return END
        raise AttributeError(name)


class AnswersEverything:
    """Has every attribute."""

    def __getattr__(self, name: str) -> object:
        return END


END = Lazy()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (SimpleNamespace(a=END), "a"),
        ({"a": END}, "a"),
        ({"keys": END}, "keys"),
        ({7: END}, "7"),
        ({"7": END, 7: 1}, "7"),
        ([1, END], "1"),
        ((1, END), "1"),
        (deque([END]), "0"),
        (OrderedDict(a=END), "a"),
        (Point(END, 1), "x"),
        (Point(END, 1), "0"),
        (State({"a": END}), "a"),
        (MappingProxyType({"a": END}), "a"),
        (UserDict({"a": END}), "a"),
        (UserList([1, END]), "1"),
        (WeakValueDictionary({7: END}), "7"),
        (SimpleNamespace(a=END, _state={"a": 1}), "a"),
        (SimpleNamespace(a=State({"b": [{"c": END}]})), "a.b.0.c"),
        (Lazy(), "pool"),
        (Lazy(), "dynamic"),
    ],
)
def test_path_leads_to_the_object(value: Any, path: str) -> None:
    assert follow("x", value, path).value is END


@pytest.mark.parametrize(
    ("value", "path", "missing", "near", "detail"),
    [
        (SimpleNamespace(pool=1), "poool", "x.poool", "x.pool", "`x` has no `poool`"),
        ({"pool": 1}, "poool.a", "x.poool", "x.pool", "`x` has no `poool`"),
        (State({"pool": 1}), "poool", "x.poool", "x.pool", "`x` has no `poool`"),
        ([1], "1", "x.1", "", "`x` has 1 member"),
        ({"a": None}, "a.b", "x.a.b", "", "`x.a` is None"),
        (AnswersEverything(), "pool", "x.pool", "", "every name"),
        (SimpleNamespace(), "a[m:C]", "x.a", "", "`x` has no `a`"),
        (SimpleNamespace(a=1), "a[m:C]", "x.a[m:C]", "", "not a container"),
        (SimpleNamespace(_state={"pool": 1}), "pool", "x.pool", "", "`x` has no `pool`"),
        (MappingProxyType({}), "pool", "x.pool", "", "`x` has no `pool`"),
        ("text", "0", "x.0", "", "`x` has no `0`"),
    ],
)
def test_step_that_does_not_exist_is_named(value: Any, path: str, missing: str, near: str, detail: str) -> None:
    with pytest.raises(ComponentNotFoundError) as raised:
        follow("x", value, path)
    assert (raised.value.missing, raised.value.near) == (missing, near)
    assert detail in raised.value.detail


def test_code_of_the_application_does_not_run_where_that_is_asked() -> None:
    Lazy.ran = 0
    for path in ("pool", "dynamic"):
        with pytest.raises(ComponentNotFoundError):
            follow("x", Lazy(), path, computed=False)
    assert Lazy.ran == 0


def test_dict_is_asked_by_the_methods_of_the_builtin_class() -> None:
    class Hostile(dict[str, object]):
        def get(self, key: str, default: object = None) -> Any:
            raise AssertionError("the probe ran code of the application")

        __getitem__ = __contains__ = get  # type: ignore[assignment]  # each raises

    assert follow("x", Hostile(a=END), "a").value is END
