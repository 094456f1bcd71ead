"""Writes files: completely or not at all, and never where a prepared link leads."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import signal
import stat
import sys
from collections.abc import Iterable, Iterator

from netra_contracts.errors import Problem, UsageError
from netra_contracts.settings.input_files import is_shared_folder

#: Names of the open streams of a process. They cannot be replaced.
_STREAMS = ("/dev/fd/", "/dev/stdout", "/dev/stderr", "/proc/")
#: Those of this process.
_OWN_STREAM = re.compile(r"/dev/std(?P<name>out|err)|(/dev|/proc/self)/fd/(?P<number>\d+)")
_MAX_LINKS = 40


def check_writable(path: str, option: str, read: Iterable[tuple[str, str]] = ()) -> list[Problem]:
    """Why a file cannot be written, or must not be, before the target is started.

    Args:
        path: of the file.
        option: that names it, for messages.
        read: files that the command reads, each with what it is: they are not replaced.
    """
    if path == "-":
        return [Problem('"-" does not name a file', option, "name a file; stdout is used where no --output is given")]
    if os.path.isdir(path):
        return [Problem(f"{path} is a folder", option, "name a file in it")]
    is_read = next((what for file, what in read if os.path.isfile(path) and _is_same(path, file)), None)
    if is_read is not None:
        return [Problem(f"{path} would be overwritten: it is {is_read}", option, "name another file")]
    try:
        target = _follow_links(path)
    except OSError as error:
        return [Problem(f"{path} cannot be written: {error.strerror}", option)]
    return _problems_of_target(path, target, option)


def _is_same(path: str, other: str) -> bool:
    return os.path.realpath(path) == os.path.realpath(other)


def _problems_of_target(path: str, target: str, option: str) -> list[Problem]:
    """What is wrong with the file that a path leads to."""
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        return [Problem(f"{path} cannot be written: the folder {folder} does not exist", option)]
    if not os.access(target if os.path.exists(target) else folder, os.W_OK):
        return [Problem(f"{path} cannot be written: permission denied", option)]
    return []


def write_file(path: str, text: str) -> None:
    """Write a file completely or not at all. A file that exists keeps its mode; a pipe or device is written in place.

    So is a file that nothing can replace: one that is mounted, as `/dev/termination-log` of Kubernetes is, or one in a
    folder without permission to write. Such a file may be incomplete if the disk is full.

    A link is followed, unless it lies in a folder such as /tmp, where anybody may create links, and belongs to another
    user.

    Raises:
        UsageError: if it cannot be written.
    """
    content = text.encode("utf-8", "backslashreplace")
    try:
        target = _follow_links(path)
        if not _is_replaced(target) or not _replace(target, content):
            _write_in_place(target, content)
    except OSError as error:
        raise UsageError([Problem(f"{path} cannot be written: {error.strerror}")]) from error


def _write_in_place(target: str, content: bytes) -> None:
    with os.fdopen(_open_in_place(target), "wb") as stream:
        stream.write(content)
        if _is_replaced(target):
            stream.truncate()  # what was there may have been longer


def _open_in_place(target: str) -> int:
    """A descriptor that writes to a pipe, a device or an open stream.

    A stream of this process is duplicated: if it is a file, opening it again would begin at its start, and overwrite
    what is there.
    """
    own = _OWN_STREAM.fullmatch(target)
    if own is None:
        no_links = 0 if target.startswith(_STREAMS) else os.O_NOFOLLOW
        return os.open(target, os.O_WRONLY | os.O_CLOEXEC | no_links)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()  # what was written before comes first
    return os.dup(int(own["number"]) if own["number"] else 1 if own["name"] == "out" else 2)


@contextlib.contextmanager
def changing(path: str) -> Iterator[None]:
    """While a file is read, changed and written, other processes that do the same wait.

    Its folder is locked, since the file is replaced or does not exist yet. If it cannot be locked, nobody waits.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            folder = os.open(os.path.dirname(_follow_links(path)), os.O_RDONLY | os.O_CLOEXEC)
            stack.callback(os.close, folder)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield


def _follow_links(path: str) -> str:
    """The absolute path of the file that a path leads to.

    Raises:
        OSError: if a link must not be followed.
    """
    path = os.path.abspath(path)
    for _ in range(_MAX_LINKS):
        if path.startswith(_STREAMS) or not os.path.islink(path):
            return path
        folder, link = os.stat(os.path.dirname(path)), os.lstat(path)
        if is_shared_folder(folder) and link.st_uid != os.geteuid():
            raise OSError(0, "it is a link of another user, in a folder that anybody can write to")
        path = os.path.abspath(os.path.join(os.path.dirname(path), os.readlink(path)))
    raise OSError(0, "too many links")


def _is_replaced(target: str) -> bool:
    """Whether a file is written by replacing it: a regular file, or one that does not exist."""
    if target.startswith(_STREAMS):
        return False
    return not os.path.lexists(target) or os.path.isfile(target)


def _replace(target: str, content: bytes) -> bool:
    """Replace a file by a new one. Return whether that is possible: not for a file that cannot be moved over."""
    folder = os.path.dirname(target)
    if os.path.exists(target) and not os.access(folder, os.W_OK):
        return False
    temporary = os.path.join(folder, f".{os.path.basename(target)[:100]}.{os.urandom(8).hex()}")
    with _without_interrupts():  # an interrupt must not leave half a file
        # O_EXCL: the file is new, and not a link that somebody has prepared.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            with os.fdopen(descriptor, "wb") as file:
                with contextlib.suppress(FileNotFoundError):
                    os.fchmod(descriptor, stat.S_IMODE(os.stat(target).st_mode))
                file.write(content)
            os.replace(temporary, target)
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            if isinstance(error, OSError) and error.errno == errno.EBUSY:
                return False
            raise
    return True


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
