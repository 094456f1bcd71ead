"""The process that reads the sources, as the host starts it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from netra_contracts.launch.source_reader import SourceReader
from netra_contracts.protocol.codec import Message, decode
from netra_contracts.protocol.control import ProbeFailed
from netra_contracts.protocol.source_usage import SourceUsage

DEADLINE_S = 20.0


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def start(folder: Path, python: str = sys.executable) -> SourceReader:
    """A reader of the sources in a folder."""
    request = {"module": "main", "app_dir": str(folder), "output": str(folder / "usage")}
    return SourceReader(python, {"XDG_CACHE_HOME": str(folder / "cache")}, str(folder), request)


def result(folder: Path) -> Message:
    """What was written in the end."""
    wait_until((folder / "usage").exists)
    return decode((folder / "usage").read_bytes())


def test_sources_are_read(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("def read(request):\n    return request.app.state.pool\n")
    reader = start(tmp_path)
    usage = result(tmp_path).read(SourceUsage)
    assert [(access.kind, access.name, access.location.line) for access in usage.accesses] == [("read", "pool", 2)]
    reader.end()
    reader.end()


def test_interpreter_that_cannot_be_started_is_a_failure_of_the_reader(tmp_path: Path) -> None:
    reader = start(tmp_path, str(tmp_path / "no-such-python"))
    failure = result(tmp_path).read(ProbeFailed)
    assert failure.message == "the reader of the sources cannot be started: No such file or directory"
    reader.end()


def test_process_that_ends_without_a_result_is_a_failure_of_the_reader(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 3\n")
    python.chmod(0o755)
    reader = start(tmp_path, str(python))
    assert result(tmp_path).read(ProbeFailed).message == "the reader of the sources ended with status 3"
    reader.end()


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="finds processes in /proc")
def test_end_kills_the_process_and_what_it_started(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/pid\nwait\n")
    python.chmod(0o755)
    reader = start(tmp_path, str(python))
    wait_until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
    reader.end()
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: not os.path.exists(f"/proc/{pid}") or " Z " in Path(f"/proc/{pid}/stat").read_text())
