"""The child process, seen from the host."""

from __future__ import annotations

import os
import sys

from netra_contracts.launch.process import ProbeProcess
from netra_contracts.protocol.control import ClientsDone, ProcessEnded


def test_waking_an_ended_child_writes_into_nobody_elses_pipe() -> None:
    child = ProbeProcess(sys.executable, {**os.environ}, os.getcwd())
    child.process.kill()
    message = child.receive(10.0)
    assert message is not None
    assert message.holds(ProcessEnded)
    child._thread.join(10.0)
    reader, writer = os.pipe()
    copies = [os.dup(writer) for _ in range(16)]  # they have the numbers that the ended child's pipe had
    child.send(ClientsDone())
    child.end()
    for descriptor in (writer, *copies):
        os.close(descriptor)
    assert os.read(reader, 8) == b""
    os.close(reader)
