"""Input files are read within bounds, and nothing is waited for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from netra_contracts.settings.input_files import InputFileError, read_bytes


def test_regular_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 1024 * 1024)
    assert len(read_bytes(str(path), 1024 * 1024)) == 1024 * 1024
    path.write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(InputFileError, match="is larger than 1 MiB"):
        read_bytes(str(path), 1024 * 1024)


def test_other_kinds_of_files_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    found = {"folder": "a folder", "pipe": "a pipe"}
    for name, kind in found.items():
        with pytest.raises(InputFileError, match=f"cannot be read: it is {kind}"):
            read_bytes(str(tmp_path / name))
    with pytest.raises(InputFileError, match="cannot be read: it is a device"):
        read_bytes("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        with pytest.raises(InputFileError, match="cannot be read"):
            read_bytes(str(tmp_path / "s"))


def test_pipe_that_is_connected_to_this_process_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"content")
    os.close(writer)
    try:
        assert read_bytes(f"/dev/fd/{reader}") == b"content"
    finally:
        os.close(reader)


def test_file_that_does_not_exist_or_cannot_have_that_name_is_reported(tmp_path: Path) -> None:
    for path in (str(tmp_path / "missing"), "a\0b"):
        with pytest.raises(InputFileError, match="cannot be read: "):
            read_bytes(path)
