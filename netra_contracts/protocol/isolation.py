"""What instances of a component, created for several users at once, reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .failures import StageFailure
from .location import Location


@dataclass(frozen=True)
class ObjectPath:
    """A way to an object: from the instance made for `user`, along `path`; an empty path is the instance itself."""

    user: str
    path: str


@dataclass(frozen=True)
class SharedObject:
    """One object that the instances of `users` users reach; two of the ways.

    `entry` is its name, if it is in a state. `origin` says what it is besides, where that is known; `location` is where
    the object was made or, for these, the class or function.
    """

    type: str
    first: ObjectPath
    second: ObjectPath
    users: int = 2
    entry: str = ""
    origin: Literal["", "class attribute", "default argument"] = ""
    location: Location | None = None


@dataclass(frozen=True)
class IdentityLeak:
    """Text that names the user `owner`, found where the instance made for another reaches."""

    owner: str
    seen: ObjectPath


@dataclass(frozen=True)
class RetainedInstance:
    """An instance that the component `holder` still reaches along `path` after its release.

    `holder` is empty where no component reaches it, though something keeps it: then `path` is that something's type.
    """

    holder: str
    path: str
    user: str


@dataclass(frozen=True)
class GrowingContainer:
    """A container reachable from the component `holder` that became longer by `by` while instances came and went."""

    holder: str
    path: str
    type: str
    by: int


@dataclass(frozen=True)
class RetentionTest:
    """What `cycles` creations and releases, one after the other, left: instances and longer containers."""

    cycles: int
    ms: float
    alive: int | None = None
    kept: tuple[RetainedInstance, ...] = ()
    grown: tuple[GrowingContainer, ...] = ()


@dataclass(frozen=True)
class UserFailure:
    """A step that failed for a number of users, and how it did for one of them."""

    step: Literal["context", "create", "release"]
    users: int
    user: str
    fault: StageFailure


@dataclass(frozen=True)
class IsolationResult:
    """What instances of one component's product, made for several users at once, reach.

    `users` is for how many an instance was made, `objects` how many objects were looked at. `captives` are looked for
    when `released`. `skipped` says why nothing was done.
    """

    component: str
    users: int = 0
    objects: int = 0
    ms: float = 0.0
    type: str = ""
    same: tuple[SharedObject, ...] = ()
    shared: tuple[SharedObject, ...] = ()
    leaks: tuple[IdentityLeak, ...] = ()
    released: bool = False
    captives: tuple[RetainedInstance, ...] = ()
    growth: RetentionTest | None = None
    faults: tuple[UserFailure, ...] = ()
    location: Location | None = None
    skipped: str = ""
