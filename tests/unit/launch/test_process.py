"""The probe's process, seen from the host."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from netra_contracts.errors import UsageError
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.launch.start import start
from netra_contracts.protocol.control import ClientsDone, ProcessEnded

DEADLINE_S = 10.0


@pytest.fixture
def process() -> Iterator[ProbeProcess]:
    with ProbeProcess(sys.executable, {**os.environ}, os.getcwd()) as started:
        yield started


def wait_for_the_end(process: ProbeProcess) -> None:
    message = process.receive(DEADLINE_S)
    assert message is not None
    assert message.holds(ProcessEnded)
    process._io.join(DEADLINE_S)


def test_sending_to_an_ended_process_writes_into_no_other_pipe(process: ProbeProcess) -> None:
    process.kill()
    wait_for_the_end(process)
    reader, writer = os.pipe()
    copies = [os.dup(writer) for _ in range(16)]  # they have the numbers that the descriptors of the waker had
    process.send(ClientsDone())
    process.end()
    for descriptor in (writer, *copies):
        os.close(descriptor)
    assert os.read(reader, 8) == b""
    os.close(reader)


def test_killed_process_has_a_negative_exit_status(process: ProbeProcess) -> None:
    process.kill()
    assert process.exit_status == -9


def test_end_removes_the_folder_of_the_run(process: ProbeProcess) -> None:
    folder = os.path.dirname(process.files.socket)
    assert os.stat(folder).st_mode & 0o077 == 0
    process.end()
    assert not os.path.exists(folder)
    process.end()


def test_interpreter_that_does_not_exist_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(OSError, match="no-such-python"):
        ProbeProcess("/no-such-python", {}, os.getcwd())
    assert os.listdir(str(tmp_path)) == []


class BrokenLaunch(NamedTuple):
    """A launch with the interpreter of a virtual environment whose own interpreter was removed."""

    python: str = "/no-such-venv/bin/python"
    env: Mapping[str, str] = {}
    cwd: str = "/"
    request: Mapping[str, Any] = {}
    reads_sources: bool = True


def test_interpreter_that_was_found_is_not_called_an_option() -> None:
    with pytest.raises(UsageError) as caught:
        start(BrokenLaunch())
    problem = caught.value.problems[0]
    assert (problem.message, problem.place) == (
        "the interpreter `/no-such-venv/bin/python` cannot be started: No such file or directory",
        "",
    )
    assert "`python` in the configuration" in problem.hint
