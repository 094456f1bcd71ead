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
from dataclasses import replace
from time import monotonic
from typing import Any

from ...protocol.isolation import (
    IdentityLeak,
    IsolationResult,
    ObjectPath,
    RetainedInstance,
    RetentionTest,
    SharedObject,
    UserFailure,
)
from ...protocol.location import Location
from ...protocol.plan import IsolationRequest
from ...protocol.users import user_name
from ..inspection import object_graph, questions, source_locations
from ..inspection.safe_inspect import MISSING, class_name, type_name
from ..runtime import clock, exceptions
from .reachability import Canaries, ReachabilityMap, RetentionRoots
from .sharing_policy import SharingPolicy
from .synthetic_users import InstanceFactory, SyntheticUser

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


class IsolationRunner:
    """Runs the isolation part of the plan, for one component at a time.

    Args:
        package: the target's top-level package.
        entries: addresses and objects of all entries of the states.
        owned: further objects that belong to the application: itself, its states.
        declared: addresses that have a contract.
    """

    def __init__(self, package: str, entries: list[tuple[str, Any]], owned: Iterable[Any], declared: set[str]) -> None:
        self._package = package
        self._entries = [(address, thing) for address, thing in entries if object_graph.is_followed(thing)]
        self._addresses = {id(thing): address for address, thing in reversed(self._entries)}
        # A bare container in the state guards nothing: unless a contract names it, it is no component but shared data.
        self._stop = {
            id(thing) for address, thing in self._entries if address in declared or id(type(thing)) not in _UNGUARDED
        }
        self._stop.update(map(id, owned))

    async def run(self, asked: IsolationRequest) -> IsolationResult:
        """Make instances for the users, look, let them go, look again."""
        began = clock.now_ns()
        component = next((thing for address, thing in self._entries if address == asked.component), MISSING)
        if component is MISSING:
            return IsolationResult(asked.component, skipped="the component is not there")
        try:
            maker = InstanceFactory(component, asked)
        except LookupError as error:
            return IsolationResult(asked.component, skipped=f"`{error.args[0]}` is no method of the component")
        except BaseException as error:
            fault = exceptions.of_exception("raised", error)
            return IsolationResult(asked.component, skipped=f"`{asked.context}` cannot be had: {fault.message}")
        canaries = Canaries(asked.users)
        users = [SyntheticUser(number, user_id) for number, user_id in enumerate(canaries.ids)]
        with _Allocations() as allocations:
            await asyncio.gather(*(user.arrive(maker) for user in users))
            allocations.keep((user.instance for user in users[:_TRACED]), self._stop)
        found = self._look(asked, [user for user in users if user.failed is None], canaries, allocations)
        await asyncio.gather(*(user.leave() for user in users))
        if maker.releases:
            found = replace(found, released=True, retained=self._captives(users))
            if asked.cycles and not found.retained and not any(user.failed for user in users):
                del users[:]
                retention, users = await self._growth(maker, canaries, asked.cycles)
                found = replace(found, retention=retention)
        return replace(
            found,
            ms=clock.ms(clock.now_ns() - began),
            failures=_faults(users),
            location=source_locations.location_of_object(maker.create_function),
        )

    # While the instances are in use

    def _look(
        self, asked: IsolationRequest, users: list[SyntheticUser], canaries: Canaries, allocations: _Allocations
    ) -> IsolationResult:
        sample = users[0].instance if users else None
        reach = ReachabilityMap(SharingPolicy(self._package, asked.shared_types), self._stop, canaries, _called(sample))
        first: dict[int, SyntheticUser] = {}
        same = []
        for user in users:
            if not object_graph.is_followed(user.instance):
                continue
            earlier = first.setdefault(id(user.instance), user)
            if earlier is user:
                reach.add(user.number, user.instance, _shared_by(user.instance, asked.shared))
            else:
                same.append((earlier, user))
        return IsolationResult(
            asked.component,
            users=len(users),
            objects=len(reach),
            type=type_name(type(sample)) if users else "",
            same_instance=tuple(self._same(same)),
            shared=tuple(self._shared(reach, allocations)),
            leaks=tuple(
                IdentityLeak(user_name(owner), ObjectPath(user_name(user), path))
                for owner, user, path in itertools.islice(reach.leaks(), _MOST_TOLD)
            ),
        )

    def _same(self, pairs: list[tuple[SyntheticUser, SyntheticUser]]) -> Iterator[SharedObject]:
        counted: dict[int, list[tuple[SyntheticUser, SyntheticUser]]] = {}
        for pair in pairs:
            counted.setdefault(id(pair[0].instance), []).append(pair)
        for found in list(counted.values())[:_MOST_TOLD]:
            first, second = found[0]
            ways = ObjectPath(first.name, ""), ObjectPath(second.name, "")
            entry = self._addresses.get(id(first.instance), "")
            yield SharedObject(type_name(type(first.instance)), *ways, len(found) + 1, entry)

    def _shared(self, reach: ReachabilityMap, allocations: _Allocations) -> Iterator[SharedObject]:
        for node in list(reach.shared.values())[:_MOST_TOLD]:
            ways = [ObjectPath(user_name(user), reach.path_to(user, node.node)) for user in (node.first, node.second)]
            entry = self._addresses.get(id(node.node), "")
            origin = reach.origins.get(id(node.node))
            place = allocations.place(node.node)
            if origin is not None:
                by_class = origin.kind == "class attribute"
                place = (_place_of_class if by_class else source_locations.location_of_object)(origin.holder)
            kind = type_name(type(node.node))
            yield SharedObject(kind, ways[0], ways[1], node.users, entry, origin.kind if origin else "", place)

    # After their release

    def _captives(self, users: list[SyntheticUser]) -> tuple[RetainedInstance, ...]:
        """Instances that a component still reaches."""
        wanted = {
            id(user.instance): user.name
            for user in users
            if user.failed is None
            and object_graph.is_followed(user.instance)
            and id(user.instance) not in self._addresses
        }
        return tuple(RetentionRoots(self._entries).of(wanted)[:_MOST_TOLD])

    async def _growth(
        self, maker: InstanceFactory, canaries: Canaries, most: int
    ) -> tuple[RetentionTest, list[SyntheticUser]]:
        """Create and release, one after the other and for the same users again and again, and see what stays.

        Also the user for whom that failed, if it did.
        """
        keepers = RetentionRoots(self._entries)
        before = keepers.lengths()
        began = monotonic()
        cycles = 0
        references: list[Any] | None = []
        failed: list[SyntheticUser] = []
        while cycles < most and monotonic() - began < _GROWTH_S:
            user = SyntheticUser(cycles % len(canaries.ids), canaries.ids[cycles % len(canaries.ids)])
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
            return RetentionTest(cycles, round(ms, 3), growing=grown), failed
        gc.collect()
        alive = [instance for instance in (reference() for reference in references) if instance is not None]
        kept = self._kept(alive) if len(alive) >= min(_TELLING_CYCLES, max(cycles, 1)) else ()
        return RetentionTest(cycles, round(ms, 3), len(alive), kept, grown), failed

    def _kept(self, alive: list[Any]) -> tuple[RetainedInstance, ...]:
        """What keeps instances that should be gone: components, else the application's modules, else unknown."""
        wanted = {id(instance): "" for instance in alive[:_MOST_TOLD]}
        kinds = SharingPolicy(self._package)
        modules = [
            (f"module {name}", vars(module))
            for name, module in list(sys.modules.items())
            if isinstance(vars(module).get("__file__") if hasattr(module, "__dict__") else None, str)
            and kinds.is_own_module(name)
        ]
        found = RetentionRoots([*self._entries, *modules]).of(wanted)
        return tuple(found) or (RetainedInstance("", "", ""),)


class _Allocations:
    """Where objects were made while this was entered, told by `tracemalloc`. For objects that live on.

    What is looked at meanwhile is traced as well, at many times the cost of looking: so it is few objects of few users.
    """

    def __init__(self) -> None:
        self._places: dict[int, Location] = {}

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
            for thing in object_graph.reachable(instance, stop, _MOST_TRACED, object_graph.Trail()):
                place = self._found(thing)
                if place is not None:
                    self._places[id(thing)] = place

    def place(self, thing: Any) -> Location | None:
        """The line of the application that made an object; None if it is not known."""
        return self._places.get(id(thing))

    def _found(self, thing: Any) -> Location | None:
        trace = self._tracemalloc.get_object_traceback(thing)
        frames = [frame for frame in trace or () if not source_locations.is_library_file(frame.filename)]
        return source_locations.most_relevant_frame(
            tuple(Location(source_locations.absolute(frame.filename), frame.lineno) for frame in frames)
        )


def _shared_by(instance: Any, paths: tuple[str, ...]) -> Iterator[Any]:
    """What the contract's paths lead to; kept alive by the instance."""
    for path in paths:
        reached = questions.follow_path(instance, path)
        if not reached.missing:
            yield reached.value


def _called(instance: Any) -> str:
    """What an instance is called in a path: `engine` for a `UserExecutionEngine`."""
    words = _WORDS.findall(class_name(instance))
    return words[-1].lower() if words else "instance"


def _place_of_class(kind: type) -> Location | None:
    """Where a class is written: before Python 3.13 its file has to be read for that."""
    try:
        file, line = inspect.getsourcefile(kind), inspect.findsource(kind)[1] + 1
    except Exception:
        file = None
    return (
        source_locations.location_of_class(kind)
        if file is None
        else Location(source_locations.absolute(file), line, kind.__qualname__)
    )


def _noted(references: list[Any] | None, instance: Any) -> list[Any] | None:
    """Weak references to all instances; None where they take none."""
    if references is None:
        return None
    try:
        references.append(weakref.ref(instance))
    except TypeError:
        return None
    return references


def _faults(users: list[SyntheticUser]) -> tuple[UserFailure, ...]:
    """What failed, each step and message once."""
    found: dict[tuple[str, str], list[SyntheticUser]] = {}
    for user in users:
        if user.failed is not None:
            found.setdefault((user.failed.step, user.failed.fault.message), []).append(user)
    return tuple(
        UserFailure(failed.step, len(together), together[0].name, failed.fault)
        for together in found.values()
        for failed in [together[0].failed]
        if failed is not None
    )
