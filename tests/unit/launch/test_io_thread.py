"""What is read from the target's process, and when."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from typing import Any
from unittest.mock import patch

from netra_contracts.launch import io_thread
from netra_contracts.launch.output import CapturedOutput


class SecondPipe:
    """In place of the channel: its only message is a byte on a pipe, and the output is looked at when it arrives."""

    def __init__(self, output: CapturedOutput) -> None:
        self.reader, self.writer = os.pipe()
        self.output = output
        self.output_at_message: tuple[str, ...] = ()

    def register(self, selector: selectors.BaseSelector) -> None:
        selector.register(self.reader, selectors.EVENT_READ, self._read)

    def _read(self) -> None:
        if os.read(self.reader, 1) == b"m":
            self.output_at_message = self.output.lines()

    def deliver(self, message: bytes) -> None:
        pass

    def close_connection(self) -> None:
        os.close(self.reader)


class MessageFirst(selectors.DefaultSelector):
    """Reports a message before the output."""

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(timeout)
        return sorted(ready, key=lambda event: not isinstance(event[0].fileobj, int))


def test_output_before_a_message_is_kept_before_the_message_is_delivered() -> None:
    output = CapturedOutput()
    channel: Any = SecondPipe(output)
    code = f"import os; print('stopping', flush=True); os.write({channel.writer}, b'm'); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[channel.writer],
    )
    with process:
        with selectors.DefaultSelector() as written:
            written.register(channel.reader, selectors.EVENT_READ)
            assert written.select(30), "the process wrote nothing"
        with patch("netra_contracts.launch.io_thread.selectors.DefaultSelector", MessageFirst):
            thread = io_thread.IoThread(process, channel, output)
            process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
            thread.join(30)
        os.close(channel.writer)
    assert channel.output_at_message == ("stopping",)
