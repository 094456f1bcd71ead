"""Finds what the import of the target, and its factory, left open that a forked process does not get intact.

Servers with `--preload` import the application once and fork their workers. Threads do not exist in a fork (fork(2)),
sockets, event loops and child processes are shared by all of them. Imported when the target has been built.
"""

from __future__ import annotations

import _socket
import functools
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any, Callable, Literal, NamedTuple

from ...protocol.observed.lifecycle import OpenedAtImport, OpenedKind
from ..inspection import own_code
from ..inspection.safe_inspect import class_name, instance_attribute, standard_attribute, type_name
from ..runtime.stack_snapshots import ident_of
from . import running_work, started_code
from .import_origins import ImportOrigins, SocketId, alive, is_closed, open_sockets, top_level
from .origins import Origin, Origins


class OwnResources(NamedTuple):
    """What the probe itself has opened: its loop, the ids of its threads, and its connection to the host."""

    loop: Any
    threads: set[int | None]
    socket: SocketId


class OpenResource(NamedTuple):
    """Something that was open at the end of the build, and whether it still is."""

    opened: OpenedAtImport
    is_open: Callable[[], bool]


def find(created: ImportOrigins, origins: Origins, own: OwnResources) -> list[OpenResource]:
    """What is open now, and was not before the import.

    Args:
        created: observed the import.
        origins: what started each thread and process.
        own: what the probe has opened.
    """
    return list(_Survey(created, origins, own).resources())


class _Survey:
    def __init__(self, created: ImportOrigins, origins: Origins, own: OwnResources) -> None:
        self._created = created
        self._origins = origins
        self._own = own

    def resources(self) -> Iterator[OpenResource]:
        self._created.keep_loops(self._own.loop)
        loops, self._created.kept_loops = self._created.kept_loops, []
        yield from self._threads()
        yield from self._sockets([self._own.loop, *(loop for loop, _ in loops)])
        for loop, creation in loops:
            if creation.package not in self._created.prepared:
                opened = _opened("event loop", type_name(type(loop)), creation.origin)
                yield OpenResource(opened, functools.partial(_is_open, loop))
        yield from self._processes()

    def _threads(self) -> Iterator[OpenResource]:
        for thread in threading.enumerate():
            is_of_c_code = class_name(thread) == "_DummyThread"
            if ident_of(thread) in self._own.threads or thread is threading.main_thread() or is_of_c_code:
                continue
            name = started_code.of_thread(thread, sys._current_frames().get(ident_of(thread))).name
            if top_level(name) not in self._created.prepared:
                opened = _opened("thread", name, self._origins.of(thread))
                yield OpenResource(opened, standard_attribute(thread, "is_alive"))

    def _sockets(self, loops: list[Any]) -> Iterator[OpenResource]:
        known = {*self._created.sockets_before, self._own.socket}
        opened = {descriptor: socket for descriptor, socket in open_sockets().items() if socket not in known}
        if not opened:
            return
        created = {_socket.socket.fileno(obj): creation for obj, creation in alive(self._created.sockets)}
        of_loops = {
            _socket.socket.fileno(end)
            for loop in loops
            for end in (instance_attribute(loop, "_ssock"), instance_attribute(loop, "_csock"))
            if issubclass(type(end), _socket.socket)
        }
        for descriptor, socket in opened.items():
            creation = created.get(descriptor)
            is_prepared = creation is not None and creation.package in self._created.prepared
            use = "" if is_prepared or descriptor in of_loops else _use_of(descriptor)
            if use:
                origin = creation.origin if creation is not None else None
                yield OpenResource(_opened("socket", use, origin), _is_same_socket(descriptor, socket))

    def _processes(self) -> Iterator[OpenResource]:
        for pid, stack in running_work.child_processes():
            started = self._origins.started_as(pid)
            name = started.name if started is not None else stack.function
            yield OpenResource(_opened("process", name, self._origins.of_process(pid)), _is_running(pid))


def _opened(kind: OpenedKind, name: str, origin: Origin | None) -> OpenedAtImport:
    of_framework = top_level(name) in own_code.FRAMEWORKS
    if origin is None:
        return OpenedAtImport(kind, name, of_framework=of_framework)
    stage: Literal["import", "build"] = "build" if origin.stage == "build" else "import"
    return OpenedAtImport(kind, name, origin.location, stage, of_framework)


def _is_open(loop: Any) -> bool:
    return not is_closed(loop)


def _use_of(descriptor: int) -> str:
    """What a socket is used for. Empty: it sends datagrams, which processes can share; or it is closed."""
    try:
        copy = _socket.socket(fileno=os.dup(descriptor))
    except OSError:
        return ""
    try:
        if copy.type == _socket.SOCK_DGRAM:
            return ""
        if copy.getsockopt(_socket.SOL_SOCKET, _socket.SO_ACCEPTCONN):
            return "listening socket"
        copy.getpeername()
    except OSError:
        return "socket"
    finally:
        copy.close()
    return "connection"


def _is_same_socket(descriptor: int, socket: SocketId) -> Callable[[], bool]:
    def is_same() -> bool:
        try:
            status = os.fstat(descriptor)
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == socket

    return is_same


def _is_running(pid: int) -> Callable[[], bool]:
    def is_running() -> bool:
        try:
            return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except OSError:  # it has ended, and was waited for
            return False

    return is_running
