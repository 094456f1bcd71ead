"""Shows what instances that were made for several users reach: each other's objects, each other's names; and whether
anything keeps them after their release."""

from __future__ import annotations

import asyncio
import gc
import inspect
import itertools
import re
import sys
import weakref
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Any

from .. import wire
from . import answers, clock, faults, graph, source
from .kinds import Kinds
from .reach import Canaries, Keepers, Reach
from .statics import MISSING, kind_name
from .users import Maker, User

#: Growth: for how many seconds instances are made and released.
_GROWTH_S = 2.0
#: In how many cycles a container must have grown for that to mean anything, and in what part of them.
_TELLING_CYCLES, _TELLING_PART = 20, 0.9
#: How many objects of a kind are told of one component.
_MOST_TOLD = 20
#: Of how many users, and of how many objects that each reaches, it is looked up where they were made.
_TRACED, _MOST_TRACED = 2, 500
_ALLOCATION_FRAMES = 8
#: Turns of the loop that what was released gets to go.
_TURNS = 10
_WORDS = re.compile(r"[A-Z]*[a-z0-9]+|[A-Z]+")
_UNGUARDED = frozenset(map(id, (list, dict, set, bytearray)))


class Isolating:
    """Runs the isolation part of the plan, for one component at a time.

    Args:
        package: the target's top-level package.
        entries: addresses and objects of all entries of the states.
        owned: further objects that belong to the application: itself, its states.
        declared: addresses that have a contract.
    """

    def __init__(self, package: str, entries: list[tuple[str, Any]], owned: Iterable[Any], declared: set[str]) -> None:
        self._package = package
        self._entries = [(address, thing) for address, thing in entries if graph.is_followed(thing)]
        self._addresses = {id(thing): address for address, thing in reversed(self._entries)}
        # A bare container in the state guards nothing: unless a contract names it, it is no component but shared data.
        self._stop = {
            id(thing) for address, thing in self._entries if address in declared or id(type(thing)) not in _UNGUARDED
        }
        self._stop.update(map(id, owned))

    async def run(self, asked: wire.PerUser) -> wire.Isolation:
        """Make instances for the users, look, let them go, look again."""
        began = clock.now_ns()
        component = next((thing for address, thing in self._entries if address == asked.component), MISSING)
        if component is MISSING:
            return wire.Isolation(asked.component, skipped="the component is not there")
        try:
            maker = Maker(component, asked)
        except LookupError as error:
            return wire.Isolation(asked.component, skipped=f"`{error.args[0]}` is no method of the component")
        except BaseException as error:
            fault = faults.of_exception("raised", error)
            return wire.Isolation(asked.component, skipped=f"`{asked.context}` cannot be had: {fault.message}")
        canaries = Canaries(asked.users)
        users = [User(number, user_id) for number, user_id in enumerate(canaries.ids)]
        with _Allocations() as allocations:
            await asyncio.gather(*(user.arrive(maker) for user in users))
            allocations.keep((user.instance for user in users[:_TRACED]), self._stop)
        found = self._look(asked, [user for user in users if user.failed is None], canaries, allocations)
        await asyncio.gather(*(user.leave() for user in users))
        if maker.releases:
            found.update(released=True, captives=self._captives(users))
            if asked.cycles and not found["captives"] and not any(user.failed for user in users):
                del users[:]
                found["growth"], users = await self._growth(maker, canaries, asked.cycles)
        return wire.Isolation(
            asked.component,
            ms=clock.ms(clock.now_ns() - began),
            faults=_faults(users),
            location=source.of_object(maker.create_function),
            **found,
        )

    # While the instances are in use

    def _look(
        self, asked: wire.PerUser, users: list[User], canaries: Canaries, allocations: _Allocations
    ) -> dict[str, Any]:
        sample = users[0].instance if users else None
        reach = Reach(Kinds(self._package, asked.shared_types), self._stop, canaries, _called(sample))
        first: dict[int, User] = {}
        same = []
        for user in users:
            if not graph.is_followed(user.instance):
                continue
            earlier = first.setdefault(id(user.instance), user)
            if earlier is user:
                reach.add(user.number, user.instance, _shared_by(user.instance, asked.shared))
            else:
                same.append((earlier, user))
        return {
            "users": len(users),
            "objects": len(reach),
            "type": faults.type_name(type(sample)) if users else "",
            "same": tuple(self._same(same)),
            "shared": tuple(self._shared(reach, allocations)),
            "leaks": tuple(
                wire.Leak(wire.user_name(owner), wire.Reached(wire.user_name(user), path))
                for owner, user, path in itertools.islice(reach.leaks(), _MOST_TOLD)
            ),
        }

    def _same(self, pairs: list[tuple[User, User]]) -> Iterator[wire.SharedObject]:
        counted: dict[int, list[tuple[User, User]]] = {}
        for pair in pairs:
            counted.setdefault(id(pair[0].instance), []).append(pair)
        for found in list(counted.values())[:_MOST_TOLD]:
            first, second = found[0]
            ways = wire.Reached(first.name, ""), wire.Reached(second.name, "")
            entry = self._addresses.get(id(first.instance), "")
            yield wire.SharedObject(faults.type_name(type(first.instance)), *ways, len(found) + 1, entry)

    def _shared(self, reach: Reach, allocations: _Allocations) -> Iterator[wire.SharedObject]:
        for met in list(reach.meetings.values())[:_MOST_TOLD]:
            ways = [wire.Reached(wire.user_name(user), reach.way(user, met.thing)) for user in (met.first, met.second)]
            entry = self._addresses.get(id(met.thing), "")
            origin, holder = reach.origins.get(id(met.thing), ("", None))
            place = allocations.place(met.thing)
            if origin:
                place = _place_of_class(holder) if origin == "class attribute" else source.of_object(holder)
            kind = faults.type_name(type(met.thing))
            yield wire.SharedObject(kind, ways[0], ways[1], met.users, entry, origin, place)

    # After their release

    def _captives(self, users: list[User]) -> tuple[wire.Captive, ...]:
        """Instances that a component still reaches."""
        wanted = {
            id(user.instance): user.name
            for user in users
            if user.failed is None and graph.is_followed(user.instance) and id(user.instance) not in self._addresses
        }
        return tuple(Keepers(self._entries).of(wanted)[:_MOST_TOLD])

    async def _growth(self, maker: Maker, canaries: Canaries, most: int) -> tuple[wire.Growth, list[User]]:
        """Create and release, one after the other and for the same users again and again, and see what stays.

        Also the user for whom that failed, if it did.
        """
        keepers = Keepers(self._entries)
        before = keepers.lengths()
        began = monotonic()
        cycles = 0
        references: list[Any] | None = []
        failed: list[User] = []
        while cycles < most and monotonic() - began < _GROWTH_S:
            user = User(cycles % len(canaries.ids), canaries.ids[cycles % len(canaries.ids)])
            await user.arrive(maker)
            await user.leave()
            if user.failed is not None:
                failed.append(user)
                break
            references = _noted(references, user.instance)
            cycles += 1
        del user
        ms = (monotonic() - began) * 1000
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        telling = max(int(cycles * _TELLING_PART), _TELLING_CYCLES)
        grown = tuple(keepers.grown(before, telling)[:_MOST_TOLD])
        if references is None:
            return wire.Growth(cycles, round(ms, 3), grown=grown), failed
        gc.collect()
        alive = [instance for instance in (reference() for reference in references) if instance is not None]
        kept = self._kept(alive) if len(alive) >= min(_TELLING_CYCLES, max(cycles, 1)) else ()
        return wire.Growth(cycles, round(ms, 3), len(alive), kept, grown), failed

    def _kept(self, alive: list[Any]) -> tuple[wire.Captive, ...]:
        """What keeps instances that should be gone: components, else the application's modules, else unknown."""
        wanted = {id(instance): "" for instance in alive[:_MOST_TOLD]}
        kinds = Kinds(self._package)
        modules = [
            (f"module {name}", vars(module))
            for name, module in list(sys.modules.items())
            if isinstance(vars(module).get("__file__") if hasattr(module, "__dict__") else None, str)
            and kinds.is_own_module(name)
        ]
        found = Keepers([*self._entries, *modules]).of(wanted)
        return tuple(found) or (wire.Captive("", "", ""),)


class _Allocations:
    """Where objects were made while this was entered, told by `tracemalloc`. For objects that live on.

    What is looked at meanwhile is traced as well, at many times the cost of looking: so it is few objects of few users.
    """

    def __init__(self) -> None:
        self._places: dict[int, wire.Location] = {}

    def __enter__(self) -> _Allocations:
        import tracemalloc

        self._tracemalloc = tracemalloc
        self._own = not tracemalloc.is_tracing()
        if self._own:
            tracemalloc.start(_ALLOCATION_FRAMES)
        return self

    def __exit__(self, *_: object) -> None:
        if self._own:
            self._tracemalloc.stop()

    def keep(self, instances: Iterable[Any], stop: set[int]) -> None:
        """Take down the places of the objects that are nearest to these."""
        for instance in instances:
            for thing in graph.reachable(instance, stop, _MOST_TRACED, graph.Trail()):
                place = self._found(thing)
                if place is not None:
                    self._places[id(thing)] = place

    def place(self, thing: Any) -> wire.Location | None:
        """The line of the application that made an object; None if it is not known."""
        return self._places.get(id(thing))

    def _found(self, thing: Any) -> wire.Location | None:
        trace = self._tracemalloc.get_object_traceback(thing)
        frames = [frame for frame in trace or () if not source.is_passed_over(frame.filename)]
        return source.telling(tuple(wire.Location(source.absolute(frame.filename), frame.lineno) for frame in frames))


def _shared_by(instance: Any, paths: tuple[str, ...]) -> Iterator[Any]:
    """What the contract's paths lead to; kept alive by the instance."""
    for path in paths:
        reached = answers.reach(instance, path)
        if not reached.missing:
            yield reached.thing


def _called(instance: Any) -> str:
    """What an instance is called in a path: `engine` for a `UserExecutionEngine`."""
    words = _WORDS.findall(kind_name(instance))
    return words[-1].lower() if words else "instance"


def _place_of_class(kind: type) -> wire.Location | None:
    """Where a class is written: before Python 3.13 its file has to be read for that."""
    try:
        file, line = inspect.getsourcefile(kind), inspect.findsource(kind)[1] + 1
    except Exception:
        file = None
    return source.of_class(kind) if file is None else wire.Location(source.absolute(file), line, kind.__qualname__)


def _noted(references: list[Any] | None, instance: Any) -> list[Any] | None:
    """Weak references to all instances; None where they take none."""
    if references is None:
        return None
    try:
        references.append(weakref.ref(instance))
    except TypeError:
        return None
    return references


def _faults(users: list[User]) -> tuple[wire.UserFault, ...]:
    """What failed, each step and message once."""
    found: dict[tuple[str, str], list[User]] = {}
    for user in users:
        if user.failed is not None:
            found.setdefault((user.failed.step, user.failed.fault.message), []).append(user)
    return tuple(
        wire.UserFault(failed.step, len(together), together[0].name, failed.fault)
        for together in found.values()
        for failed in [together[0].failed]
        if failed is not None
    )
