"""What the reader of the sources has written, and why it is unknown otherwise."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from netra_contracts.probe.uses import source_file
from netra_contracts.probe.uses.source_file import ReadSources, wait_for_sources
from netra_contracts.protocol.codec import encode
from netra_contracts.protocol.control import AskSending, ProbeFailed
from netra_contracts.protocol.source_usage import SourceUsage

USAGE = SourceUsage(files=3)


def read(path: Path, longest_s: float = 5.0) -> ReadSources:
    """The result, awaited."""
    return asyncio.run(wait_for_sources(str(path), longest_s))


def test_result_that_comes_later_is_awaited(tmp_path: Path) -> None:
    path = tmp_path / "usage"
    timer = threading.Timer(0.05, path.write_bytes, [encode(USAGE)])
    timer.start()
    assert read(path) == ReadSources(USAGE)
    timer.join()


def test_result_that_does_not_come_is_unknown(tmp_path: Path) -> None:
    assert read(tmp_path / "usage", 0.01) == ReadSources(None, "the sources were not read within 0.01 s after startup")


def test_failure_of_the_reader_is_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "usage"
    path.write_bytes(encode(ProbeFailed("it ended with status 1")))
    assert read(path) == ReadSources(None, "it ended with status 1")


def test_result_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "usage"
    for content in (b"", b"nonsense", encode(AskSending()), encode(USAGE).replace(b"files", b"filez")):
        path.write_bytes(content)
        assert read(path).failure.startswith("the result of the reader cannot be read: ")


def test_result_beyond_the_limit_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "usage"
    with path.open("wb") as file:
        file.truncate(source_file.MAX_BYTES + 1)
    assert read(path) == ReadSources(None, "the sources have more accesses than fit into 32 MiB")
