"""Creates instances of a component for several users, and examines what they share and what keeps them alive."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ...protocol.location import Location
from ...protocol.observed.isolation import IdentityLeak, IsolationResult, ObjectPath, SharedObject, UserFailure
from ...protocol.plan import IsolationRequest
from ...protocol.record import replace
from ...protocol.users import user_name
from ..inspection import object_graph, own_code, questions, source_locations
from ..inspection.safe_inspect import MISSING, class_name, type_name
from ..runtime import clock, exceptions
from . import kept_by_code
from .reachability import Canaries, ReachabilityMap
from .release_test import ReleaseTest
from .retention import namespaces
from .sharing_policy import SharingPolicy
from .synthetic_users import InstanceFactory, SyntheticUser

#: How many findings of one kind are reported for one component.
_MAX_REPORTED = 20
#: For how many users, and how many objects of each, the line that created them is recorded.
_TRACED_USERS, _MAX_TRACED = 2, 500
_ALLOCATION_FRAMES = 8
_WORDS = re.compile(r"[A-Z]*[a-z0-9]+|[A-Z]+")
_BARE_CONTAINERS = frozenset(map(id, object_graph.CONTAINERS))


class IsolationRunner:
    """Runs the isolation part of the plan, for one component at a time.

    Args:
        package: the target's top-level package.
        entries: addresses and objects of all entries of the states.
        owned: further objects that belong to the application: itself, its states.
        declared: addresses that have a contract.
        named: keys of mappings that contracts name, and that paths therefore may contain.
    """

    def __init__(
        self,
        package: str,
        entries: list[tuple[str, Any]],
        owned: Iterable[Any],
        declared: set[str],
        named: frozenset[str] = frozenset(),
    ) -> None:
        self._package = package
        self._entries = [(address, obj) for address, obj in entries if object_graph.is_followed(obj)]
        self._addresses = {id(obj): address for address, obj in reversed(self._entries)}
        # A bare container in the state is shared data rather than a component, unless a contract names it.
        self._stop = {
            id(obj) for address, obj in self._entries if address in declared or id(type(obj)) not in _BARE_CONTAINERS
        }
        self._owned = frozenset(map(id, owned))
        self._stop.update(self._owned)
        self._named = named

    async def run(self, request: IsolationRequest) -> IsolationResult:
        """Create instances for the users, examine them, release them, and find what keeps them alive."""
        began = clock.now_ns()
        component = next((obj for address, obj in self._entries if address == request.component), MISSING)
        if component is MISSING:
            return IsolationResult(request.component, skipped="the component is not there")
        try:
            factory = InstanceFactory(component, request)
        except LookupError as error:
            return IsolationResult(request.component, skipped=f"`{error.args[0]}` is not a method of the component")
        except BaseException as error:
            failure = exceptions.of_exception("raised", error)
            return IsolationResult(
                request.component, skipped=f"`{request.context}` cannot be resolved: {failure.message}"
            )
        canaries = Canaries(request.users)
        users = [SyntheticUser(number, user_id) for number, user_id in enumerate(canaries.ids)]
        policy = SharingPolicy(self._package, request.shared_types)
        attributes = (value for root in namespaces(policy) if root.is_namespace for value in root.node.values())
        values = kept_by_code.DescriptorValues(policy, attributes)
        with _Allocations() as allocations:
            created = clock.now_ns()
            await asyncio.gather(*(user.arrive(factory) for user in users))
            took_ns = clock.now_ns() - created
            allocations.keep((user.instance for user in users[:_TRACED_USERS]), self._stop)
        found = self._examine(request, users, canaries, allocations, policy, values)
        del values
        left = clock.now_ns()
        await asyncio.gather(*(user.leave() for user in users))
        took_ns += clock.now_ns() - left
        if factory.releases:
            test = ReleaseTest(
                request, factory, canaries, SharingPolicy(self._package), self._entries, self._owned, self._named
            )
            retained, retention, users = await test.run(users, clock.ms(took_ns) / 1000)
            found = replace(
                found, released=True, retained=retained, retention=retention, searched_in_part=test.searched_in_part
            )
        return replace(
            found,
            ms=clock.ms(clock.now_ns() - began),
            failures=_failures(users),
            location=source_locations.location_of_object(factory.create_function),
            release_location=factory.release_location,
        )

    # While the instances are in use

    def _examine(
        self,
        request: IsolationRequest,
        users: list[SyntheticUser],
        canaries: Canaries,
        allocations: _Allocations,
        policy: SharingPolicy,
        values: kept_by_code.DescriptorValues,
    ) -> IsolationResult:
        users = [user for user in users if user.failed is None]
        sample = users[0].instance if users else None
        name = _name_in_paths(sample)
        reach = ReachabilityMap(policy, self._stop, canaries, name, self._named, set(values.new(sample)))
        first: dict[int, SyntheticUser] = {}
        same = []
        for user in users:
            if not object_graph.is_followed(user.instance):
                continue
            earlier = first.setdefault(id(user.instance), user)
            if earlier is user:
                reach.add(user.number, user.instance, _shared_by(user.instance, request.shared), user.context)
            else:
                same.append((earlier, user))
        return IsolationResult(
            request.component,
            users=len(users),
            objects=len(reach),
            type=type_name(type(sample)) if users else "",
            same_instance=tuple(self._same(same)),
            shared=tuple(self._shared(reach, allocations)),
            leaks=tuple(
                IdentityLeak(user_name(owner), ObjectPath(user_name(user), path))
                for owner, user, path in itertools.islice(reach.leaks(), _MAX_REPORTED)
            ),
        )

    def _same(self, pairs: list[tuple[SyntheticUser, SyntheticUser]]) -> Iterator[SharedObject]:
        counted: dict[int, list[tuple[SyntheticUser, SyntheticUser]]] = {}
        for pair in pairs:
            counted.setdefault(id(pair[0].instance), []).append(pair)
        for found in list(counted.values())[:_MAX_REPORTED]:
            first, second = found[0]
            paths = ObjectPath(first.name, ""), ObjectPath(second.name, "")
            entry = self._addresses.get(id(first.instance), "")
            yield SharedObject(type_name(type(first.instance)), *paths, len(found) + 1, entry)

    def _shared(self, reach: ReachabilityMap, allocations: _Allocations) -> Iterator[SharedObject]:
        for shared in list(reach.shared.values())[:_MAX_REPORTED]:
            paths = [
                ObjectPath(user_name(user), reach.path_to(user, shared.node)) for user in (shared.first, shared.second)
            ]
            entry = self._addresses.get(id(shared.node), "")
            origin = reach.origins.get(id(shared.node))
            location = allocations.location_of(shared.node)
            if origin is not None:
                by_class = origin.kind == "class attribute"
                location = (_location_of_class if by_class else source_locations.location_of_object)(origin.holder)
            name = type_name(type(shared.node))
            yield SharedObject(name, paths[0], paths[1], shared.users, entry, origin.kind if origin else "", location)


class _Allocations:
    """The lines that create objects, as `tracemalloc` records them while this context is entered.

    Tracing makes walking objects many times slower, so few objects of few users are looked up.
    """

    def __init__(self) -> None:
        self._locations: dict[int, Location] = {}

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
        """Keep the lines that created the objects nearest to these instances."""
        for instance in instances:
            for obj in object_graph.reachable(instance, stop, _MAX_TRACED, object_graph.Trail()):
                location = self._find(obj)
                if location is not None:
                    self._locations[id(obj)] = location

    def location_of(self, obj: Any) -> Location | None:
        """The line of the application that created an object; None: unknown."""
        return self._locations.get(id(obj))

    def _find(self, obj: Any) -> Location | None:
        trace = self._tracemalloc.get_object_traceback(obj)
        lines = [Location(source_locations.absolute(frame.filename), frame.lineno) for frame in trace or ()]
        return source_locations.most_relevant_frame(tuple(line for line in lines if own_code.rank(line.file)))


def _shared_by(instance: Any, paths: tuple[str, ...]) -> Iterator[Any]:
    """The objects at the paths that the contract allows to be shared; the instance keeps them alive."""
    for path in paths:
        reached = questions.follow_path(instance, path)
        if not reached.missing:
            yield reached.value


def _name_in_paths(instance: Any) -> str:
    """The name of an instance in paths: `engine` for a `UserExecutionEngine`."""
    words = _WORDS.findall(class_name(instance))
    return words[-1].lower() if words else "instance"


def _location_of_class(cls: type) -> Location | None:
    """Where a class is defined. Before Python 3.13 this reads its source file."""
    try:
        file, line = inspect.getsourcefile(cls), inspect.findsource(cls)[1] + 1
    except Exception:
        file = None
    return (
        source_locations.location_of_class(cls)
        if file is None
        else Location(source_locations.absolute(file), line, cls.__qualname__)
    )


def _failures(users: list[SyntheticUser]) -> tuple[UserFailure, ...]:
    """The failed steps, each with the same message once."""
    found: dict[tuple[str, str], list[SyntheticUser]] = {}
    for user in users:
        if user.failed is not None:
            found.setdefault((user.failed.step, user.failed.failure.message), []).append(user)
    return tuple(
        UserFailure(failed.step, len(together), together[0].name, failed.failure)
        for together in found.values()
        for failed in [together[0].failed]
        if failed is not None
    )
