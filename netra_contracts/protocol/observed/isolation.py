"""What instances of a component, created for several users at once, reach."""

from __future__ import annotations

from typing import Literal

from ..location import Location
from ..record import record
from .failures import StageFailure


@record(frozen=True)
class ObjectPath:
    """A path to an object, from the instance created for `user`. An empty path is the instance itself."""

    user: str
    path: str


@record(frozen=True)
class SharedObject:
    """One mutable object that the instances of several users reach.

    Attributes:
        type: the object's type.
        first: the path from the first user's instance.
        second: the path from the second user's.
        users: how many users' instances reach it.
        entry: the address of the state's entry that holds it; empty: none does.
        origin: what else holds it for all instances, if known.
        location: where it was created, or the class or function that holds it.
    """

    type: str
    first: ObjectPath
    second: ObjectPath
    users: int = 2
    entry: str = ""
    origin: Literal["", "class attribute", "default argument", "closure"] = ""
    location: Location | None = None


@record(frozen=True)
class IdentityLeak:
    """Text that contains the id of the user `owner`, reached from the instance of another user."""

    owner: str
    found_at: ObjectPath


@record(frozen=True)
class RetainedInstance:
    """An instance that still exists after its release.

    Attributes:
        holder: the component that reaches it; empty: none does.
        path: from the holder to the instance; without a holder, the type of the object that refers to it.
        user: whose instance it is.
        by_id: whether not the instance is left but an entry of the container at `path`, under the instance's `id`.
    """

    holder: str
    path: str
    user: str
    by_id: bool = False


@record(frozen=True)
class GrowingContainer:
    """A container that the component `holder` reaches and that grew by `by` items during a retention test."""

    holder: str
    path: str
    type: str
    by: int


@record(frozen=True)
class RetentionTest:
    """What remained after instances had been created and released, one after the other.

    Attributes:
        cycles: how many were created.
        alive: how many still exist; None: unknown.
        retained: instances that still exist.
        growing: containers that grew.
    """

    cycles: int
    ms: float
    alive: int | None = None
    retained: tuple[RetainedInstance, ...] = ()
    growing: tuple[GrowingContainer, ...] = ()


@record(frozen=True)
class UserFailure:
    """A step that failed for `users` users; `user` and `failure` are one of them."""

    step: Literal["context", "create", "release"]
    users: int
    user: str
    failure: StageFailure


@record(frozen=True)
class IsolationResult:
    """What the instances that one component creates for several users reach.

    Attributes:
        users: for how many users an instance was created.
        objects: how many objects were examined.
        type: the type of an instance.
        same_instance: instances that several users received.
        shared: objects that the instances of several users reach.
        leaks: ids of users reached from the instances of others.
        released: whether the instances were released.
        retained: instances that still exist after the release.
        retention: the retention test, if there was one.
        searched_in_part: whether modules and classes contain too many objects to search all of them for what keeps
            instances.
        failures: steps that failed.
        location: where the function that creates instances is defined.
        release_location: where the function that releases them is defined; None: the contract names none.
        skipped: why no instance was created; empty: instances were.
    """

    component: str
    users: int = 0
    objects: int = 0
    ms: float = 0.0
    type: str = ""
    same_instance: tuple[SharedObject, ...] = ()
    shared: tuple[SharedObject, ...] = ()
    leaks: tuple[IdentityLeak, ...] = ()
    released: bool = False
    retained: tuple[RetainedInstance, ...] = ()
    retention: RetentionTest | None = None
    searched_in_part: bool = False
    failures: tuple[UserFailure, ...] = ()
    location: Location | None = None
    release_location: Location | None = None
    skipped: str = ""
