"""What instances of users reach: shared objects, other users' names, and what keeps instances."""

from __future__ import annotations

import functools
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from netra_contracts.probe.isolation.reachability import Canaries, ReachabilityMap, RetentionRoots, find_user_ids
from netra_contracts.probe.isolation.sharing_policy import SharingPolicy
from netra_contracts.protocol.clients import IdentityInState
from netra_contracts.protocol.isolation import GrowingContainer, RetainedInstance
from netra_contracts.protocol.location import Location

DEEP = 100_000


class Thing:
    """Holds what it is given."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


class Base:
    """Its history belongs to all instances of all its subclasses."""

    history: list[str] = []  # noqa: RUF012 - the mistake that is looked for


class Derived(Base):
    """Has no attributes of its own class."""


class Pending:
    """Its default argument belongs to all calls."""

    def __init__(self, pending: list[str] = []) -> None:  # noqa: B006 - the mistake that is looked for
        self.pending = pending


class Uncalled:
    """Its default argument is in no instance before the method is called."""

    def emit(self, event: str, *, seen: list[str] = []) -> None:  # noqa: B006 - the mistake that is looked for
        seen.append(event)


def walked(instances: Iterable[Any], *, stop: Iterable[Any] = (), canaries: Canaries | None = None) -> ReachabilityMap:
    """What these instances, each made for a user of its own, reach."""
    found = [*instances]
    reach = ReachabilityMap(SharingPolicy("tests"), set(map(id, stop)), canaries or Canaries(len(found)), "engine")
    for user, instance in enumerate(found):
        reach.add(user, instance, ())
    return reach


def ways(reach: ReachabilityMap) -> list[tuple[str, str, int]]:
    """For each object that users share: the first two ways to it, and how many users there are."""
    return [
        (reach.way(met.first, met.thing), reach.way(met.second, met.thing), met.users)
        for met in reach.meetings.values()
    ]


def chain(length: int) -> Thing:
    """As many objects, each held by the one before it."""
    first = last = Thing()
    for _ in range(length - 1):
        last.next = last = Thing()  # type: ignore[attr-defined] # a `Thing` holds anything
    return first


def test_objects_of_one_user_are_not_shared() -> None:
    assert ways(walked(Thing(queue=[], names={"a": []}) for _ in range(3))) == []


def test_shared_object_is_told_with_both_ways_and_all_users() -> None:
    queue: list[str] = []
    reach = walked([Thing(queue=queue), Thing(emitter=Thing(_queue=queue)), Thing(queue=queue)])
    assert ways(reach) == [("engine.queue", "engine.emitter._queue", 3)]


@pytest.mark.parametrize(
    ("hold", "path"),
    [
        (lambda queue: Thing(on_event=lambda: queue), "engine.on_event.<closure queue>"),
        (lambda queue: Thing(on_event=queue.__repr__), "engine.on_event.__self__"),
        (lambda queue: Thing(on_event=functools.partial(print, queue)), "engine.on_event.args[0]"),
        (lambda queue: Thing(items=({"a": [queue]},)), "engine.items[0]['a'][0]"),
        (lambda queue: Thing(items=deque([queue])), "engine.items[0]"),
        (lambda queue: Thing(names={"not a word!": queue}), "engine.names[<str>]"),
        (lambda queue: Thing(names={7: queue}), "engine.names[7]"),
    ],
)
def test_way_leads_through_what_holds_objects(hold: Callable[[Any], Thing], path: str) -> None:
    queue = Thing(entries=1)
    assert ways(walked([hold(queue), hold(queue)])) == [(path, path, 2)]


def test_bound_method_leads_to_its_object() -> None:
    bus = Uncalled()
    vars(bus)["entries"] = 1
    reach = walked([Thing(callback=bus.emit), Thing(callback=bus.emit)])
    assert ways(reach)[0] == ("engine.callback.__self__", "engine.callback.__self__", 2)


def test_immutable_holder_is_looked_through_but_not_told() -> None:
    holder: tuple[Any, ...] = ((), ([],))
    assert ways(walked([Thing(pair=holder), Thing(pair=holder)])) == [("engine.pair[1][0]", "engine.pair[1][0]", 2)]


def test_instance_that_holds_another_users_is_told() -> None:
    first = Thing(name="a")
    assert ways(walked([first, Thing(previous=first)])) == [("engine", "engine.previous", 2)]


def test_what_belongs_to_the_application_is_not_shared() -> None:
    pool = Thing(connections=[])
    assert ways(walked([Thing(pool=pool), Thing(pool=pool)], stop=[pool])) == []


def test_class_attribute_is_told_with_the_class_that_has_it() -> None:
    reach = walked([Derived(), Derived()])
    assert ways(reach) == [("type(engine).history", "type(engine).history", 2)]
    assert reach.origins[id(Base.history)] == ("class attribute", Base)


def test_class_attribute_that_an_instance_hides_is_not_reached() -> None:
    first, second = Derived(), Derived()
    first.history, second.history = [], []
    assert ways(walked([first, second])) == []


def test_default_argument_is_told_with_its_function() -> None:
    reach = walked([Pending(), Pending()])
    assert ways(reach) == [("engine.pending", "engine.pending", 2)]
    (met,) = reach.meetings.values()
    assert reach.origins[id(met.thing)] == ("default argument", vars(Pending)["__init__"])


def test_default_argument_counts_before_anything_is_called() -> None:
    path = "type(engine).emit.__kwdefaults__['seen']"
    assert ways(walked([Uncalled(), Uncalled()])) == [(path, path, 2)]


def test_default_argument_that_was_not_used_is_still_told() -> None:
    path = "type(engine).__init__.__defaults__[0]"
    assert ways(walked([Pending(["a"]), Pending(["b"])])) == [(path, path, 2)]


@pytest.mark.parametrize("text", ["{}", "session/{}/7", "{}7", "~{}~", "{}{}"])
def test_name_of_another_user_is_found_in_any_text(text: str) -> None:
    canaries = Canaries(12)
    named = text.replace("{}", canaries.ids[1])
    reach = walked([Thing(key=named.encode()), Thing(key=named), Thing(keys={named: 1})], canaries=canaries)
    assert sorted(reach.leaks()) == [(1, 0, "engine.key"), (1, 2, "engine.keys.keys()")]


def test_users_reach_their_own_names() -> None:
    canaries = Canaries(30)
    assert [*walked([Thing(user_id=user_id) for user_id in canaries.ids], canaries=canaries).leaks()] == []


@pytest.mark.parametrize("text", ["", "~", "alice", "{mark}", "{mark}x"])
def test_text_without_a_number_names_nobody(text: str) -> None:
    canaries = Canaries(2)
    mark = canaries.ids[0].removeprefix("alice").removesuffix("0~")
    assert [*canaries.owners(text.replace("{mark}", mark))] == []


def test_names_of_two_starts_are_not_confused() -> None:
    assert [*Canaries(2).owners(Canaries(2).ids[0])] == []


@pytest.mark.parametrize("users", [10, 100])
def test_objects_looked_at_grow_with_users_and_no_faster(users: int) -> None:
    shared = [Thing(entries=[1, 2]) for _ in range(50)]
    reach = walked([Thing(shared=shared, own=[Thing(), Thing()]) for _ in range(users)])
    of_all = 1 + 50 * 2
    of_each = 1 + 1 + 2
    assert len(reach) == of_all + of_each * users
    assert [met.users for met in reach.meetings.values()] == [users], "nothing behind it is looked at again"


def test_deep_objects_are_walked_without_recursion() -> None:
    first, second = chain(DEEP), chain(DEEP)
    assert len(walked([first, second])) == 2 * DEEP


def test_deep_keeper_is_found() -> None:
    first = chain(DEEP // 10)
    last: Any = first
    while vars(last):
        last = last.next
    (captive,) = RetentionRoots([("pool", first)]).of({id(last): "alice"})
    assert (captive.holder, captive.path) == ("pool", ".next" * (DEEP // 10 - 1))


def test_nearest_keeper_is_told_and_none_behind_the_instance() -> None:
    engine = Thing(pool=[Thing()])
    pool, factory = Thing(leases=[(engine,)]), Thing(inner=Thing(inner=Thing(inner=Thing(engine=engine))))
    (captive,) = RetentionRoots([("pool", pool), ("factory", factory)]).of({id(engine): "alice"})
    assert captive == RetainedInstance("pool", ".leases[0][0]", "alice")


def test_weak_reference_keeps_nothing() -> None:
    engine = Thing()
    pool = Thing(
        engines=weakref.WeakSet([engine]), last=weakref.ref(engine), by_id=weakref.WeakValueDictionary(a=engine)
    )
    assert RetentionRoots([("pool", pool)]).of({id(engine): "alice"}) == []


@pytest.mark.parametrize("make", [list, dict, set, deque, bytearray])
def test_container_that_grows_is_told_and_a_bounded_one_is_not(make: Callable[[], Any]) -> None:
    bounded: deque[int] = deque(maxlen=1000)
    holder = Thing(entries=make(), steady=[0], bounded=bounded)
    keepers = RetentionRoots([("factory", holder)])
    before = keepers.lengths()
    for number in range(100):
        add(holder.entries, number)  # type: ignore[attr-defined] # a `Thing` holds anything
        bounded.append(number)
    name = make.__name__ if isinstance(make, type) else ""
    assert keepers.grown(before, 100) == [GrowingContainer("factory", ".entries", name, 100)]
    assert keepers.grown(before, 101) == []


def add(container: Any, number: int) -> None:
    """One more entry."""
    if isinstance(container, dict):
        container[number] = None
    elif isinstance(container, set):
        container.add(number)
    else:
        container.append(number)


def test_what_a_request_left_is_told_with_its_path() -> None:
    entries = [("user", "alice~1~"), ("last", Thing(request={"user": "bob~1~"})), ("pool", Thing(mark="~1~"))]
    place = Location("/home/ada/shop/main.py", 7)
    found = find_user_ids("~1~", {"user": place, "last": None}, entries)
    assert found == (IdentityInState("user", "", place), IdentityInState("last", ".request['user']", None))
