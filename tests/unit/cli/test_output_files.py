"""Files are written completely or not at all, and not through links that somebody has prepared."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from netra_contracts.cli.output_files import changing, check_writable, write_file
from netra_contracts.errors import UsageError


def test_dash_is_not_a_file() -> None:
    [problem] = check_writable("-", "--output")
    assert problem.hint == "name a file; stdout is used where no --output is given"


def test_file_is_written_without_leaving_a_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("old", encoding="utf-8")
    write_file(str(path), "new \udc80\n")
    assert path.read_bytes() == b"new \\udc80\n"
    assert list(tmp_path.iterdir()) == [path]


def test_file_that_cannot_be_written_is_reported_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "missing"
    with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
        write_file(str(folder / "report.txt"), "new")
    assert list(tmp_path.iterdir()) == []


def test_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_file(str(path), "report\n")
        assert os.read(reader, 100) == b"report\n"
    finally:
        os.close(reader)
    assert path.is_fifo()


def test_path_that_cannot_be_written_is_reported_before_the_start(tmp_path: Path) -> None:
    problems = [
        [problem.message for problem in check_writable(str(path), "--output")]
        for path in (tmp_path / "report.txt", tmp_path, tmp_path / "missing" / "report.txt")
    ]
    assert problems[0] == []
    assert "is a folder" in problems[1][0]
    assert "does not exist" in problems[2][0]


def test_new_file_has_the_mode_of_the_umask_and_an_existing_one_keeps_its_mode(tmp_path: Path) -> None:
    new, private = tmp_path / "new", tmp_path / "private"
    private.touch(0o600)
    before = os.umask(0o027)
    try:
        write_file(str(new), "report")
        write_file(str(private), "report")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (new, private)] == [0o640, 0o600]


def test_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    link = tmp_path / "report.txt"
    link.symlink_to("reports/report.txt")
    write_file(str(link), "report")
    assert link.is_symlink()
    assert (tmp_path / "reports" / "report.txt").read_text(encoding="utf-8") == "report"


def test_link_of_another_user_in_a_shared_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim, shared = tmp_path / "victim", tmp_path / "shared"
    victim.write_text("precious", encoding="utf-8")
    shared.mkdir()
    shared.chmod(0o1777)
    link = shared / "report.txt"
    link.symlink_to(victim)
    monkeypatch.setattr(os, "geteuid", lambda: link.lstat().st_uid + 1)
    [problem] = check_writable(str(link), "--output")
    assert "it is a link of another user" in problem.message
    with pytest.raises(UsageError, match="it is a link of another user"):
        write_file(str(link), "report")
    assert victim.read_text(encoding="utf-8") == "precious"
    monkeypatch.setattr(os, "geteuid", lambda: link.lstat().st_uid)
    write_file(str(link), "report")
    assert victim.read_text(encoding="utf-8") == "report"


#: Starts a command where a file may be mounted over another one.
NAMESPACE = ("unshare", "--map-root-user", "--mount")
MAY_MOUNT = shutil.which("unshare") is not None and subprocess.run([*NAMESPACE, "true"], check=False).returncode == 0


@pytest.mark.skipif(not MAY_MOUNT, reason="mounting needs namespaces for users")
@pytest.mark.parametrize("text", ["new", "new and longer than before"])
def test_file_that_is_mounted_is_written_in_place(tmp_path: Path, text: str) -> None:
    """As `/dev/termination-log` is in a pod of Kubernetes."""
    outside, mounted = tmp_path / "outside", tmp_path / "folder" / "log"
    mounted.parent.mkdir()
    for path in (outside, mounted):
        path.write_text("of before", encoding="utf-8")
    program = "import sys; from netra_contracts.cli.output_files import write_file; write_file(*sys.argv[1:])"
    command = f"mount --bind {outside} {mounted} && {sys.executable} -c '{program}' {mounted} '{text}'"
    subprocess.run([*NAMESPACE, "sh", "-c", command], check=True)
    assert outside.read_text(encoding="utf-8") == text
    assert list(mounted.parent.iterdir()) == [mounted]
    assert mounted.read_text(encoding="utf-8") == "of before", "seen from outside of the namespace"


def test_file_in_a_folder_without_permission_to_write_is_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The permission is withdrawn in `os.access`, since root may write anywhere."""
    path = tmp_path / "report.txt"
    path.write_text("of before", encoding="utf-8")
    node, access = path.stat().st_ino, os.access
    monkeypatch.setattr(os, "access", lambda name, mode: name != str(tmp_path) and access(name, mode))
    assert check_writable(str(path), "--output") == []
    write_file(str(path), "new")
    assert (path.read_text(encoding="utf-8"), path.stat().st_ino) == ("new", node)
    [problem] = check_writable(str(tmp_path / "other.txt"), "--output")
    assert problem.message.endswith("permission denied")


def test_chain_of_links_that_never_ends_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(UsageError, match="too many links"):
        write_file(str(tmp_path / "a"), "report")


def test_stream_of_this_process_is_written_in_place(tmp_path: Path) -> None:
    path = tmp_path / "open.txt"
    with path.open("wb") as stream:
        before = path.stat().st_ino
        write_file(f"/dev/fd/{stream.fileno()}", "report")
    assert (path.read_text(encoding="utf-8"), path.stat().st_ino) == ("report", before)


def test_stream_of_this_process_is_continued_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("before\n", encoding="utf-8")
    with path.open("ab", buffering=0) as stream:
        write_file(f"/dev/fd/{stream.fileno()}", "first report\n")
        write_file(f"/proc/self/fd/{stream.fileno()}", "second\n")
        stream.write(b"after\n")
    assert path.read_text(encoding="utf-8") == "before\nfirst report\nsecond\nafter\n"


def test_file_that_is_being_changed_is_locked_by_its_folder(tmp_path: Path) -> None:
    (tmp_path / "link.toml").symlink_to(tmp_path / "real.toml")
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with changing(str(tmp_path / "link.toml")), pytest.raises(BlockingIOError):
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(folder)


def test_file_in_a_folder_that_cannot_be_locked_is_not_waited_for(tmp_path: Path) -> None:
    with changing(str(tmp_path / "missing" / "known.toml")):
        pass
