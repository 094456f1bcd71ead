"""Objects that several users reach, ids of other users, and what keeps instances alive."""

from __future__ import annotations

import functools
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from netra_contracts.probe.isolation.reachability import Canaries, ReachabilityMap, find_user_ids
from netra_contracts.probe.isolation.retention import RetentionRoots, Root
from netra_contracts.probe.isolation.sharing_policy import SharingPolicy
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.clients import IdentityInState
from netra_contracts.protocol.observed.isolation import GrowingContainer, RetainedInstance

DEEP = 20_000


class Holder:
    """Has the attributes that it is created with."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


class Base:
    """All instances of all subclasses share its history."""

    history: list[str] = []  # noqa: RUF012 - the mistake to be found


class Derived(Base):
    """Has no attributes of its own class."""


class Pending:
    """All calls share its default argument."""

    def __init__(self, pending: list[str] = []) -> None:  # noqa: B006 - the mistake to be found
        self.pending = pending


class Uncalled:
    """No instance refers to its default argument before the method is called."""

    def emit(self, event: str, *, seen: list[str] = []) -> None:  # noqa: B006 - the mistake to be found
        seen.append(event)


def walked(instances: Iterable[Any], *, stop: Iterable[Any] = (), canaries: Canaries | None = None) -> ReachabilityMap:
    """The map of what these instances reach, each created for a different user."""
    found = [*instances]
    reach = ReachabilityMap(SharingPolicy("tests"), set(map(id, stop)), canaries or Canaries(len(found)), "engine")
    for user, instance in enumerate(found):
        reach.add(user, instance, ())
    return reach


def paths(reach: ReachabilityMap) -> list[tuple[str, str, int]]:
    """For each object that users share: the first two paths to it, and how many users reach it."""
    return [
        (reach.path_to(shared.first, shared.node), reach.path_to(shared.second, shared.node), shared.users)
        for shared in reach.shared.values()
    ]


def chain(length: int) -> Holder:
    """A chain of objects, each an attribute of the one before it."""
    first = last = Holder()
    for _ in range(length - 1):
        last.next = last = Holder()  # type: ignore[attr-defined] # a `Holder` has any attribute
    return first


def test_objects_of_one_user_are_not_shared() -> None:
    assert paths(walked(Holder(queue=[], names={"a": []}) for _ in range(3))) == []


def test_shared_object_has_the_paths_of_two_users_and_the_number_of_users() -> None:
    queue: list[str] = []
    reach = walked([Holder(queue=queue), Holder(emitter=Holder(_queue=queue)), Holder(queue=queue)])
    assert paths(reach) == [("engine.queue", "engine.emitter._queue", 3)]


@pytest.mark.parametrize(
    ("hold", "path"),
    [
        (lambda queue: Holder(on_event=lambda: queue), "engine.on_event.<closure queue>"),
        (lambda queue: Holder(on_event=queue.__repr__), "engine.on_event.__self__"),
        (lambda queue: Holder(on_event=functools.partial(print, queue)), "engine.on_event.args[0]"),
        (lambda queue: Holder(items=({"a": [queue]},)), "engine.items[0][<str>][0]"),
        (lambda queue: Holder(items=deque([queue])), "engine.items[0]"),
        (lambda queue: Holder(names={"not a word!": queue}), "engine.names[<str>]"),
        (lambda queue: Holder(names={7: queue}), "engine.names[<int>]"),
    ],
)
def test_path_leads_through_every_kind_of_holder(hold: Callable[[Any], Holder], path: str) -> None:
    queue = Holder(entries=1)
    assert paths(walked([hold(queue), hold(queue)])) == [(path, path, 2)]


def test_bound_method_leads_to_its_object() -> None:
    bus = Uncalled()
    vars(bus)["entries"] = 1
    reach = walked([Holder(callback=bus.emit), Holder(callback=bus.emit)])
    assert paths(reach)[0] == ("engine.callback.__self__", "engine.callback.__self__", 2)


def test_immutable_holder_is_entered_but_not_shared() -> None:
    holder: tuple[Any, ...] = ((), ([],))
    assert paths(walked([Holder(pair=holder), Holder(pair=holder)])) == [("engine.pair[1][0]", "engine.pair[1][0]", 2)]


def test_instance_held_by_another_instance_is_shared() -> None:
    first = Holder(name="a")
    assert paths(walked([first, Holder(previous=first)])) == [("engine", "engine.previous", 2)]


def test_object_of_the_application_is_not_shared() -> None:
    pool = Holder(connections=[])
    assert paths(walked([Holder(pool=pool), Holder(pool=pool)], stop=[pool])) == []


def test_shared_class_attribute_names_its_class() -> None:
    reach = walked([Derived(), Derived()])
    assert paths(reach) == [("type(engine).history", "type(engine).history", 2)]
    assert reach.origins[id(Base.history)] == ("class attribute", Base)


def test_class_attribute_that_instances_override_is_not_shared() -> None:
    first, second = Derived(), Derived()
    first.history, second.history = [], []
    assert paths(walked([first, second])) == []


def test_shared_default_argument_names_its_function() -> None:
    reach = walked([Pending(), Pending()])
    assert paths(reach) == [("engine.pending", "engine.pending", 2)]
    (shared,) = reach.shared.values()
    assert reach.origins[id(shared.node)] == ("default argument", vars(Pending)["__init__"])


def test_default_argument_is_shared_before_the_first_call() -> None:
    path = "type(engine).emit.__kwdefaults__['seen']"
    assert paths(walked([Uncalled(), Uncalled()])) == [(path, path, 2)]


def test_unused_default_argument_is_shared() -> None:
    path = "type(engine).__init__.__defaults__[0]"
    assert paths(walked([Pending(["a"]), Pending(["b"])])) == [(path, path, 2)]


@pytest.mark.parametrize("text", ["{}", "session/{}/7", "{}7", "~{}~", "{}{}"])
def test_id_of_another_user_is_found_in_any_text(text: str) -> None:
    canaries = Canaries(12)
    named = text.replace("{}", canaries.ids[1])
    reach = walked([Holder(key=named.encode()), Holder(key=named), Holder(keys={named: 1})], canaries=canaries)
    assert sorted(reach.leaks()) == [(1, 0, "engine.key"), (1, 2, "engine.keys.keys()")]


def test_users_own_id_is_not_a_leak() -> None:
    canaries = Canaries(30)
    assert [*walked([Holder(user_id=user_id) for user_id in canaries.ids], canaries=canaries).leaks()] == []


@pytest.mark.parametrize("text", ["", "~", "alice", "{canary}", "{canary}x"])
def test_text_without_a_user_number_has_no_owner(text: str) -> None:
    canaries = Canaries(2)
    canary = canaries.ids[0].removeprefix("alice").removesuffix("0~")
    assert [*canaries.owners(text.replace("{canary}", canary))] == []


def test_ids_of_two_runs_are_not_confused() -> None:
    assert [*Canaries(2).owners(Canaries(2).ids[0])] == []


@pytest.mark.parametrize("users", [10, 100])
def test_number_of_objects_grows_linearly_with_users(users: int) -> None:
    shared = [Holder(entries=[1, 2]) for _ in range(50)]
    reach = walked([Holder(shared=shared, own=[Holder(), Holder()]) for _ in range(users)])
    of_all = 1 + 50 * 2
    of_each = 1 + 1 + 2
    assert len(reach) == of_all + of_each * users
    assert [shared.users for shared in reach.shared.values()] == [users], "what it refers to is not walked again"


def test_deep_objects_are_walked_without_recursion() -> None:
    first, second = chain(DEEP), chain(DEEP)
    assert len(walked([first, second])) == 2 * DEEP


def test_holder_of_a_deeply_nested_instance_is_found() -> None:
    first = chain(DEEP // 10)
    last: Any = first
    while vars(last):
        last = last.next
    (retained,) = RetentionRoots([Root("pool", first)], SharingPolicy("tests")).of({id(last): "alice"})
    assert (retained.instance.holder, retained.instance.path) == ("pool", ".next" * (DEEP // 10 - 1))


def test_nearest_holder_is_reported() -> None:
    engine = Holder(pool=[Holder()])
    pool, factory = Holder(leases=[(engine,)]), Holder(inner=Holder(inner=Holder(inner=Holder(engine=engine))))
    (retained,) = RetentionRoots([Root("pool", pool), Root("factory", factory)], SharingPolicy("tests")).of(
        {id(engine): "alice"}
    )
    assert retained.instance == RetainedInstance("pool", ".leases[0][0]", "alice")


def test_weak_reference_does_not_retain_an_instance() -> None:
    engine = Holder()
    pool = Holder(
        engines=weakref.WeakSet([engine]), last=weakref.ref(engine), by_id=weakref.WeakValueDictionary(a=engine)
    )
    assert RetentionRoots([Root("pool", pool)], SharingPolicy("tests")).of({id(engine): "alice"}) == []


@pytest.mark.parametrize("make", [list, dict, set, deque, bytearray])
def test_growing_container_is_reported_and_a_bounded_one_is_not(make: Callable[[], Any]) -> None:
    bounded: deque[int] = deque(maxlen=1000)
    holder = Holder(entries=make(), steady=[0], bounded=bounded)
    roots = RetentionRoots([Root("factory", holder)], SharingPolicy("tests"))
    before = roots.lengths()
    for number in range(100):
        add(holder.entries, number)  # type: ignore[attr-defined] # a `Holder` has any attribute
        bounded.append(number)
    name = make.__name__ if isinstance(make, type) else ""
    assert roots.grown(before, 100) == [GrowingContainer("factory", ".entries", name, 100)]
    assert roots.grown(before, 101) == []


def add(container: Any, number: int) -> None:
    """Add an entry."""
    if isinstance(container, dict):
        container[number] = None
    elif isinstance(container, set):
        container.add(number)
    else:
        container.append(number)


def test_user_id_left_in_the_state_has_a_path() -> None:
    entries = [("user", "alice~1~"), ("last", Holder(request={"user": "bob~1~"})), ("pool", Holder(mark="~1~"))]
    place = Location("/home/ada/shop/main.py", 7)
    found = find_user_ids("~1~", {"user": place, "last": None}, entries)
    assert found == (IdentityInState("user", "", place), IdentityInState("last", ".request[<str>]", None))
