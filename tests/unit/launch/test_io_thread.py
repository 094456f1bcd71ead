"""What is read from the target's process, and when."""

from __future__ import annotations

import selectors
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from netra_contracts.launch.channel import Channel
from netra_contracts.launch.io_thread import IoThread
from netra_contracts.launch.output import CapturedOutput
from netra_contracts.protocol.framing import SEAL_SIZE, frame

PRINTS = "print('stopping', flush=True); input()"


class SocketsOnly(selectors.DefaultSelector):
    """Does not report that there is output, as if it had been printed while what is ready is handled."""

    def select(self, timeout: float | None = None) -> list[Any]:
        return [event for event in super().select(timeout) if isinstance(event[0].fileobj, (int, socket.socket))]


def test_output_is_kept_before_a_message_that_was_sent_after_it(tmp_path: Path) -> None:
    path, output = str(tmp_path / "socket"), CapturedOutput()
    channel = Channel(path)
    process = subprocess.Popen([sys.executable, "-c", PRINTS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with process, probe, selectors.DefaultSelector() as printed:
        printed.register(process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]  # it is a pipe
        assert printed.select(30), "the process printed nothing"
        with patch("netra_contracts.launch.io_thread.selectors.DefaultSelector", SocketsOnly):
            thread = IoThread(process, channel, output)
            probe.connect(path)
            seal = probe.recv(SEAL_SIZE, socket.MSG_WAITALL)
            probe.sendall(frame(b"a message", seal))
            assert channel.next_message(30) == b"a message"
            assert output.lines() == ("stopping",)
        process.kill()
        thread.join(30)
    channel.close_listener()
