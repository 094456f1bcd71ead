"""Records which line created each socket and event loop while the target is imported and built."""

from __future__ import annotations

import asyncio
import gc
import os
import stat
import sys
import weakref
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any, NamedTuple

from ..inspection import own_code
from .origins import Origin, Origins, replace_function

#: Device and inode.
SocketId = tuple[int, int]
_DESCRIPTORS = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"


class Creation(NamedTuple):
    """What created an object: the line of the application, and the package of the innermost own or library code."""

    reference: weakref.ref[Any]
    origin: Origin
    package: str


class _Replaced(NamedTuple):
    """A function that was replaced, and what its owner had under this name itself; None: nothing."""

    owner: Any
    name: str
    function: Any
    original: Any


class ImportOrigins:
    """Observes the import, and the call of a factory, from `begin` to `end`: servers that fork do both before.

    Args:
        origins: what started each thread.

    Attributes:
        sockets_before: those that were open before the import.
        sockets: of the module `socket`, by their ids.
        loops: event loops, by their ids.
        kept_loops: see `keep_loops`.
        prepared: packages that prepare themselves for a fork (`os.register_at_fork`).
    """

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self.sockets_before: frozenset[SocketId] = frozenset()
        self.sockets: dict[int, Creation] = {}
        self.loops: dict[int, Creation] = {}
        self.kept_loops: list[tuple[Any, Creation]] = []
        self.prepared: set[str] = set()
        self._replaced: list[_Replaced] = []
        self._observes = False

    def begin(self) -> None:
        """Begin to observe. What is open now is not the target's."""
        self._observes = True
        self.sockets_before = frozenset(open_sockets().values())
        target_os: Any = sys.modules.get("os", os)  # not the probe's copy of the namespace
        register: Any = getattr(target_os, "register_at_fork", None)
        if register is not None:

            def registered(**functions: Any) -> None:
                frame = sys._getframe(1)
                if "after_in_child" in functions and own_code.rank(frame.f_code.co_filename) != own_code.MACHINERY:
                    self.prepared.add(_package_of(frame))
                register(**functions)

            self._replace(target_os, "register_at_fork", registered)
        self._note_instances(asyncio.BaseEventLoop, self.loops)

    def hook_socket(self, module: ModuleType) -> None:
        """Observe the sockets of an imported `socket`."""
        self._note_instances(module.__dict__["socket"], self.sockets)

    def hook_uvloop(self, module: ModuleType) -> None:
        """Observe the loops of an imported `uvloop`."""
        self._note_instances(module.__dict__["Loop"], self.loops)

    def _note_instances(self, owner: Any, created: dict[int, Creation]) -> None:
        if not self._observes:
            return
        initialise = owner.__init__

        def __init__(instance: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - replaces the method of the class
            initialise(instance, *args, **kwargs)
            origin = Origin(self._origins.site(2), self._origins.stage())
            created[id(instance)] = Creation(weakref.ref(instance), origin, _package(sys._getframe(1)))

        self._replace(owner, "__init__", __init__)

    def _replace(self, owner: Any, name: str, function: Any) -> None:
        original = vars(owner).get(name)
        replace_function(owner, name, function)
        self._replaced.append(_Replaced(owner, name, function, original))

    def keep_loops(self, own: Any = None) -> None:
        """Keep the open loops that something refers to, until `kept_loops` is cleared.

        The probe sets a current loop of its own, and a loop that is garbage would be found until it is collected.

        Args:
            own: the loop of the probe.
        """
        known = {id(own), *(id(loop) for loop, _ in self.kept_loops)}
        if any(id(loop) not in known and not is_closed(loop) for loop, _ in alive(self.loops)):
            gc.collect()
            found = [each for each in alive(self.loops) if each[0] is not own]
            self.kept_loops = [each for each in found if not is_closed(each[0])]

    def end(self) -> None:
        """Stop observing."""
        self._observes = False
        for owner, name, function, original in self._replaced:
            if vars(owner).get(name) is not function:  # the application has replaced it
                continue
            if original is None:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
        self._replaced.clear()


def alive(created: dict[int, Creation]) -> Iterator[tuple[Any, Creation]]:
    """The objects that still exist."""
    for creation in list(created.values()):
        obj = creation.reference()
        if obj is not None:
            yield obj, creation


def is_closed(loop: Any) -> bool:
    """Whether a loop is closed: a class of the application may override the method."""
    is_standard = isinstance(loop, asyncio.BaseEventLoop)
    closed: bool = asyncio.BaseEventLoop.is_closed(loop) if is_standard else loop.is_closed()
    return closed


def top_level(name: str) -> str:
    """The top-level package of `package.module:function`."""
    return name.partition(":")[0].partition(".")[0]


def _package(frame: FrameType | None) -> str:
    """The top-level package of the innermost code that is neither of the standard library nor of a framework."""
    while frame is not None:
        if own_code.rank(frame.f_code.co_filename) != own_code.MACHINERY:
            return _package_of(frame)
        frame = frame.f_back
    return ""


def _package_of(frame: FrameType) -> str:
    name = frame.f_globals.get("__name__")
    return top_level(name) if type(name) is str else ""


def open_sockets() -> dict[int, SocketId]:
    """Each open socket of this process, by its descriptor."""
    found = {}
    try:
        descriptors = [int(name) for name in os.listdir(_DESCRIPTORS)]
    except OSError:
        return {}
    for descriptor in descriptors:
        try:
            status = os.fstat(descriptor)
        except OSError:  # that of the listing itself
            continue
        if stat.S_ISSOCK(status.st_mode):
            found[descriptor] = status.st_dev, status.st_ino
    return found
