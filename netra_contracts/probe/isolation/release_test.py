"""Releases instances, and finds those that remain and containers that grow."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import Awaitable, Iterable
from typing import Any, Callable, NamedTuple

from ...protocol.observed.isolation import GrowingContainer, RetainedInstance, RetentionTest
from ...protocol.plan import IsolationRequest
from ..inspection import object_graph
from .evictions import running
from .reachability import Canaries
from .retention import KeyedById, Retained, RetentionRoots, Root, namespaces, was_replaced
from .sharing_policy import SharingPolicy
from .synthetic_users import InstanceFactory, SyntheticUser

#: Seconds for which instances are created and released to find growing containers.
_GROWTH_S = 2.0
#: Of this many cycles, all but one are for a user for whom none was created before.
_PERIOD = 5
#: A container grows if it gained at least this many items, and one in at least this part of the cycles with a new user.
_MIN_GROWTH, _MIN_GROWTH_PART = 20, 0.9
#: From this duration of a cycle on, in seconds, several instances are created at once.
_SLOW_S = 0.01
#: A cycle that the end of the test interrupts hangs if it took this many times the time of the longest one before.
_HANGS_TIMES = 10
_MAX_REPORTED = 20
#: Turns of the event loop that released instances get to be collected.
_TURNS = 10
#: The first and the longest pause, in seconds, while waiting for a deferred release.
_FIRST_PAUSE_S, _MAX_PAUSE_S = 0.01, 0.5


class _Remains(NamedTuple):
    """What remained after the growth test."""

    growing: tuple[GrowingContainer, ...]
    alive: list[Any]


class ReleaseTest:
    """Tests the release of the instances of one component.

    Args:
        request: which instances.
        factory: creates and releases them.
        canaries: the ids of the users.
        policy: decides what belongs to the application.
        entries: addresses and objects of all entries of the states.
        owned: ids of further objects that belong to the application.
        named: keys of mappings that paths may contain.

    Attributes:
        searched_in_part: whether modules and classes contain too many objects to search all of them.
    """

    def __init__(
        self,
        request: IsolationRequest,
        factory: InstanceFactory,
        canaries: Canaries,
        policy: SharingPolicy,
        entries: list[tuple[str, Any]],
        owned: Iterable[int],
        named: frozenset[str],
    ) -> None:
        self._request = request
        self._factory = factory
        self._canaries = canaries
        self._policy = policy
        self._components = [Root(address, obj) for address, obj in entries]
        self._addresses = {id(obj) for _, obj in entries}
        self._owned = frozenset(owned)
        self._named = named
        self._known_roots: RetentionRoots | None = None
        self.searched_in_part = False

    async def run(
        self, users: list[SyntheticUser], took_s: float
    ) -> tuple[tuple[RetainedInstance, ...], RetentionTest | None, list[SyntheticUser]]:
        """Find what remains of users whose instances have been released, and of further ones.

        Args:
            users: the users.
            took_s: how long it took to create and to release all of their instances, in seconds.

        Returns:
            The retained instances; the growth test, if there was one; the users whose failures count.
        """
        retained: list[Retained] = []
        keyed: list[KeyedById] = []
        if not self._request.pooled:
            wanted = self._wanted(users)
            await self._until(lambda: not self._roots().of(wanted))
            roots = self._roots()
            retained = roots.of(wanted)[:_MAX_REPORTED]
            keyed = roots.keyed[:_MAX_REPORTED]
            self.searched_in_part = roots.searched_in_part
        certain = [found for found in retained if found.container is None]
        if certain or not self._request.cycles or any(user.failed for user in users):
            return tuple(found.instance for found in retained), None, users
        one_s = min((user.took_s for user in users), default=0.0)
        is_slow, at_once = one_s > _SLOW_S, took_s < one_s * len(users) / 2
        most = self._request.users if at_once or not is_slow else 1
        batch = most if is_slow and took_s < _GROWTH_S else 1
        if not retained:
            references = _references_to(users)
            del users[:]
            left = await self._left_by_id(keyed, references)
            if left:
                return left, None, users
        test, failed = await self._grow(batch, most, took_s if batch > 1 else one_s)
        if retained:
            kept = self._kept_for_good(retained, users)
            if kept:
                return kept, None, users
        return (), test, failed

    async def _left_by_id(self, keyed: list[KeyedById], references: _References) -> tuple[RetainedInstance, ...]:
        """Entries under the ids of instances that are gone: a finalizer may have removed them."""
        gc.collect()
        await self._until(lambda: not any(entry.remains() for entry in keyed))
        return tuple(entry.instance for entry in keyed if entry.remains() and references.is_gone(entry.key))

    def _roots(self) -> RetentionRoots:
        if self._known_roots is None:
            starts = [*self._factory.functions, *running()]
            roots = [*self._components, *namespaces(self._policy)]
            self._known_roots = RetentionRoots(roots, self._policy, starts, self._owned, self._named)
        return self._known_roots

    def _wanted(self, users: list[SyntheticUser]) -> dict[int, str]:
        return {
            id(user.instance): user.name
            for user in users
            if user.failed is None
            and object_graph.is_followed(user.instance)
            and id(user.instance) not in self._addresses
        }

    def _kept_for_good(self, retained: list[Retained], users: list[SyntheticUser]) -> tuple[RetainedInstance, ...]:
        """Those instances that their container did not remove for the instances of further users, as a cache does."""
        reached = {found.instance.user for found in self._roots().of(self._wanted(users))}
        return tuple(found.instance for found in retained if found.instance.user in reached or was_replaced(found))

    async def _until(self, is_done: Callable[[], bool]) -> None:
        """Wait until released instances are gone, if the contract allows that they are released later."""
        deadline = time.monotonic() + self._request.release_within
        pause = _FIRST_PAUSE_S
        while time.monotonic() < deadline and not is_done():
            await asyncio.sleep(min(pause, max(deadline - time.monotonic(), 0)))
            pause = min(pause * 2, _MAX_PAUSE_S)
            gc.collect()

    async def _grow(self, batch: int, most: int, expected_s: float) -> tuple[RetentionTest, list[SyntheticUser]]:
        """Create and release instances, most of them for new users, and find what remains.

        Args:
            batch: how many to create at once at first.
            most: how many to create at once at most.
            expected_s: how long it takes to create them and to release them, in seconds.

        Returns:
            The result, and the users for whom it failed.
        """
        roots = self._roots()
        before = roots.lengths()
        self.searched_in_part = self.searched_in_part or roots.searched_in_part
        began = time.monotonic()
        references = _References()
        failed: list[SyntheticUser] = []
        deadline = began + _GROWTH_S
        cycles = 0
        while cycles < self._request.cycles and time.monotonic() + expected_s <= deadline:
            batch = min(batch, self._request.cycles - cycles)
            batch_began = time.monotonic()
            users = [self._user(number, deadline) for number in range(cycles, cycles + batch)]
            unfinished = await self._cycle(users, references)
            cycles += batch - len(unfinished)
            if unfinished:
                hangs_s = _HANGS_TIMES * expected_s
                failed = [user for user in unfinished if not user.waited_s or user.waited_s >= hangs_s]
                break
            batch_s = time.monotonic() - batch_began
            expected_s = max(expected_s, batch_s)
            if batch_s > _SLOW_S and batch < most:
                batch = min(batch * 2, most)
                expected_s = max(expected_s, batch_s * 2)
        ms = (time.monotonic() - began) * 1000
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        least = max(int((cycles - cycles // _PERIOD) * _MIN_GROWTH_PART), _MIN_GROWTH)
        await self._until(lambda: not any(self._remains(roots, before, least, references)))
        growing, alive = self._remains(roots, before, least, references)
        if not references.supported:
            return RetentionTest(cycles, round(ms, 3), growing=growing), failed
        kept = () if growing or not alive else self._holders(alive)
        if kept is None:
            alive, kept = [], ()
        return RetentionTest(cycles, round(ms, 3), len(alive), kept, growing), failed

    def _user(self, cycle: int, deadline: float) -> SyntheticUser:
        count = self._request.users
        is_new = cycle % _PERIOD > 0
        number = count + cycle if is_new else cycle // _PERIOD % count
        return SyntheticUser(number, self._canaries.id_of(number), deadline)

    async def _cycle(self, users: list[SyntheticUser], references: _References) -> list[SyntheticUser]:
        """Create and release one instance for each of some users.

        Returns:
            The users for whom it failed or did not end.
        """
        await _all(user.arrive(self._factory) for user in users)
        await _all(user.leave() for user in users)
        for user in users:
            if user.failed is None:
                references.add(user.instance)
        return [user for user in users if user.failed is not None]

    def _remains(
        self, roots: RetentionRoots, before: dict[int, tuple[Any, int]], least: int, references: _References
    ) -> _Remains:
        growing = tuple(roots.grown(before, least)[:_MAX_REPORTED])
        gc.collect()
        return _Remains(growing, [] if self._request.pooled else references.leaked())

    def _holders(self, alive: list[Any]) -> tuple[RetainedInstance, ...] | None:
        """What keeps released instances alive; unknown: one without a name; None: caches with a limit."""
        wanted = {id(instance): "" for instance in alive[:_MAX_REPORTED]}
        roots = self._roots()
        found = roots.of(wanted)
        if not found and roots.of(wanted, bounded=True):
            return None
        return tuple(one.instance for one in found) or (RetainedInstance("", "", ""),)


class _References:
    """Weak references to instances, in the order of their creation, each instance once."""

    def __init__(self) -> None:
        self.supported = True
        self._found: dict[int, Any] = {}
        self._count = 0

    def add(self, instance: Any) -> None:
        """Add an instance, if it supports weak references."""
        try:
            reference = weakref.ref(instance)
        except TypeError:
            self.supported = False
            return
        known = self._found.get(id(instance))
        if known is None or known[1]() is not instance:
            self._found[id(instance)] = self._count, reference
        self._count += 1

    def is_gone(self, instance: int) -> bool:
        """Whether an instance, given by its id, no longer exists, as far as that can be known."""
        return instance not in self._found or self._found[instance][1]() is None

    def leaked(self) -> list[Any]:
        """Instances that still exist, if they are many and the oldest are among them: a cache removes those first."""
        alive = [(number, reference()) for number, reference in sorted(self._found.values(), key=_number)]
        kept = [(number, instance) for number, instance in alive if instance is not None]
        if not kept or len(kept) < min(_MIN_GROWTH, self._count) or kept[0][0] > self._count / 4:
            return []
        return [instance for _, instance in kept]


def _references_to(users: list[SyntheticUser]) -> _References:
    references = _References()
    for user in users:
        references.add(user.instance)
    return references


def _number(entry: tuple[int, Any]) -> int:
    return entry[0]


async def _all(steps: Iterable[Awaitable[None]]) -> None:
    """Run steps at once; a single one directly, which is faster."""
    waiting = list(steps)
    if len(waiting) == 1:
        await waiting[0]
    else:
        await asyncio.gather(*waiting)
