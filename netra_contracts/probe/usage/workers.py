"""Reads files in processes: several if it pays, and one at least, which a file may crash."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from .files.source_files import SourceFile
from .syntax.source_text import Wanted, read_source

#: Less is read by one process.
_MIN_BYTES = 200_000
_MIN_FILES = 60
_MAX_PROCESSES = 4
_CHUNK = 1 << 20
#: Long chains of calls and operators are nested deeply. More would exhaust the stack of Python 3.10 and older.
_RECURSION_LIMIT = 3000


class Line(NamedTuple):
    """What a worker says of a file: `facts`, `skipped`, or a `SourceFault`; with JSON or a detail."""

    source: SourceFile
    status: str
    text: str


class _Worker:
    """A process that reads files in turn and writes a line for each."""

    def __init__(self, sources: list[SourceFile], wanted: Wanted, own: frozenset[str]) -> None:
        self.sources = sources
        self.read = 0
        self.pending = b""
        self.pipe, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(self.pipe)
                _work(sources, wanted, own, writer)
                status = 0
            finally:
                os._exit(status)
        os.close(writer)

    def end(self) -> None:
        """End the process."""
        os.close(self.pipe)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def read_files(sources: list[SourceFile], wanted: Wanted, own: frozenset[str], deadline: float) -> Iterator[Line]:
    """Read files, until `time.monotonic()` is `deadline`. They come in any order.

    Args:
        sources: the files.
        wanted: whether a file of this content is parsed.
        own: the top-level modules and packages of the target.
        deadline: when to end.
    """
    count = _processes(sources)
    by_size = sorted(sources, key=lambda source: source.identity[2])
    shares = [by_size[number::count] for number in range(count)]
    workers = [_Worker(share, wanted, own) for share in shares if share]
    try:
        while workers and time.monotonic() < deadline:
            ready, _, _ = select.select([worker.pipe for worker in workers], [], [], deadline - time.monotonic())
            for worker in [worker for worker in workers if worker.pipe in ready]:
                data = os.read(worker.pipe, _CHUNK)
                yield from _lines(worker, data)
                if not data:
                    workers.remove(worker)
                    worker.end()
                    if worker.read < len(worker.sources):  # it has crashed
                        yield Line(worker.sources[worker.read], "unreadable", "the interpreter crashed on it")
                        rest = worker.sources[worker.read + 1 :]
                        workers += [_Worker(rest, wanted, own)] if rest else []
    finally:
        for worker in workers:
            worker.end()


def _processes(sources: list[SourceFile]) -> int:
    if len(sources) < _MIN_FILES and sum(source.identity[2] for source in sources) < _MIN_BYTES:
        return 1
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available, _MAX_PROCESSES))


def _lines(worker: _Worker, data: bytes) -> Iterator[Line]:
    *lines, worker.pending = (worker.pending + data).split(b"\n")
    for line in lines:
        status, _, text = line.decode("utf-8", "surrogateescape").partition("\t")
        yield Line(worker.sources[worker.read], status, text)
        worker.read += 1


def _work(sources: list[SourceFile], wanted: Wanted, own: frozenset[str], writer: int) -> None:
    gc.disable()
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION_LIMIT))
    with open(writer, "wb", buffering=1 << 16) as file:
        for source in sources:
            if source.identity[2] > 100_000:
                file.flush()  # what has been read is not lost if this file crashes the interpreter
            facts, fault, detail = read_source(source, wanted, own)
            if facts is not None:
                line = "facts\t" + json.dumps(facts, separators=(",", ":"))
            else:
                line = f"{fault or 'skipped'}\t{' '.join(detail.split())}"
            file.write(line.encode("utf-8", "surrogateescape") + b"\n")
