"""Readings of whole trees: bad input, limits, and the cache."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from netra_contracts.probe.usage import process, workers
from netra_contracts.probe.usage.files.source_files import SourceFile, find_sources
from netra_contracts.probe.usage.reader import read_tree
from netra_contracts.probe.usage.syntax.source_text import ReadResult, Wanted, read_source
from netra_contracts.protocol.codec import decode, to_json
from netra_contracts.protocol.source_usage import SourceRequest, SourceUsage
from tests.interpreters import interpreters
from tests.unit.probe.usage.sources import short

MAIN = "from fastapi import FastAPI\napp = FastAPI()\napp.state.pool = 1\n"

#: The content of a file, and why it cannot be read.
BAD = {
    "syntax": (b"app.state.pool = (", "syntax"),
    "nul": (b"app.state.pool = 1\0", "syntax"),
    "tabs": (b"if app.state:\n\tx\n        y", "syntax"),
    "utf8": (b"app.state.pool = '\xff'", "encoding"),
    "cookie": (b"# -*- coding: nonsense -*-\napp.state.pool = 1", "encoding"),
    "brackets": (b"app.state.pool = " + b"(" * 5000 + b")" * 5000, "syntax"),
    "minus": (b"app.state.pool = " + b"-" * 100_000 + b"1", "syntax"),
    "nested": (b"app.state.pool = " + b"[" * 150 + b"]" * 150, None),
    "sum": (b"app.state.pool = " + b"1+" * 5000 + b"1", "syntax"),
    "calls": (b"app.state.pool = x" + b".y()" * 3000, "syntax"),
    "large": (b"app.state.pool = 1\n" * 300_000, "large"),
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the sources of a target, and a cache folder beside it."""
    monkeypatch.setenv("NETRA_CONTRACTS_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN)
    return folder


def request_for(folder: Path, **limits: int | float | bool) -> SourceRequest:
    """A request to read a folder whose result is beside it."""
    return SourceRequest("main", str(folder.parent / "output"), str(folder), **limits)  # type: ignore[arg-type]  # by name


def read(folder: Path, **limits: int | float | bool) -> SourceUsage:
    """Read a folder without its cache."""
    request = request_for(folder, **{"use_cache": False, **limits})
    return read_tree(request, find_sources("main", [str(folder)], request.max_files))


def run(folder: Path) -> SourceUsage:
    """Read a folder as the process does, with its cache."""
    request = request_for(folder)
    process.run(to_json(request).decode())
    return decode(Path(request.output).read_bytes()).read(SourceUsage)


def found(usage: SourceUsage) -> list[str]:
    """The accesses."""
    return [short(access) for access in usage.accesses]


def test_what_cannot_be_read_is_listed_and_the_rest_is_read(tree: Path) -> None:
    for name, (content, _) in BAD.items():
        (tree / f"{name}.py").write_bytes(content)
    (tree / "folder.py").mkdir()
    os.mkfifo(tree / "pipe.py")
    usage = read(tree)
    assert {Path(source.file).stem: source.reason for source in usage.unread} == {
        name: reason for name, (_, reason) in BAD.items() if reason is not None
    }
    assert all(source.detail for source in usage.unread)
    assert [short(access) for access in usage.accesses if access.module == "main"] == ["write application.pool"]


def test_declared_encodings_are_read(tree: Path) -> None:
    (tree / "latin.py").write_bytes(b"# coding: latin-1\nfrom main import app\nx = '\xe9'; app.state.caf\xe9 = 1\n")
    (tree / "mark.py").write_bytes(b"\xef\xbb\xbffrom main import app\napp.state.mark = 1\n")
    (tree / "lines.py").write_bytes(b"from main import app\r\napp.state.lines = 1\r\n")
    usage = read(tree)
    assert {access.name for access in usage.accesses} == {"pool", "caf\u00e9", "mark", "lines"}
    assert not usage.unread


@pytest.mark.filterwarnings("error")
def test_warnings_about_sources_are_not_shown(tree: Path) -> None:
    (tree / "escape.py").write_text("from main import app\nx = '\\d'; app.state.x = 1 if x is 'a' else 2\n")
    assert "write application.x" in found(read(tree))


def test_an_interpreter_that_crashes_loses_one_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "crash.py").write_text("app.state.x")
    (tree / "other.py").write_text("from main import app\napp.state.other = 1")

    def crashing(source: SourceFile, wanted: Wanted, own: frozenset[str]) -> ReadResult:
        if source.module == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        return read_source(source, wanted, own)

    monkeypatch.setattr(workers, "read_source", crashing)
    usage = read(tree)
    assert [(Path(source.file).stem, source.reason) for source in usage.unread] == [("crash", "unreadable")]
    assert found(usage) == ["write application.pool", "write application.other"]


def test_several_processes_find_the_same(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        (tree / f"m{number}.py").write_text(f"from main import app\napp.state.m{number} = 1\n")
    one = read(tree)
    monkeypatch.setattr(workers, "_processes", lambda _: 3)
    assert read(tree) == one
    assert len(one.accesses) == 21


def test_limits_are_reported(tree: Path) -> None:
    (tree / "other.py").write_text("x = 1")
    assert "1 files beyond the limit of 1 were not read" in read(tree, max_files=1).incomplete
    assert "1 files beyond the limit of 0 MiB" in read(tree, max_mib=0).incomplete.replace("2 files", "1 files")
    assert "2 files were not read within 0 seconds" in read(tree, max_s=0.0).incomplete


def test_the_process_writes_its_result(tree: Path) -> None:
    assert found(run(tree)) == ["write application.pool"]
    assert sorted(path.name for path in tree.parent.iterdir()) == ["app", "cache", "output"]


def test_a_changed_file_is_read_again(tree: Path) -> None:
    (tree / "deps.py").write_text("def get_pool(request): return request.app.state.pool")
    (tree / "user.py").write_text("from deps import get_pool\ndef f(r): return get_pool(r).close()")
    first = run(tree)
    assert found(first) == ["read application.pool", "write application.pool", "read application.pool"]
    assert run(tree) == first
    (tree / "user.py").write_text("from deps import get_pool")
    (tree / "later.py").write_text("from deps import get_pool\ndef f(r): return get_pool(r).open()")
    changed = run(tree)
    assert found(changed) == ["read application.pool", "read application.pool", "write application.pool"]
    assert changed == read(tree)
    (tree / "later.py").unlink()
    assert run(tree) == read(tree)


def test_new_accessors_are_searched_in_files_that_are_cached(tree: Path) -> None:
    (tree / "user.py").write_text("from deps import get_pool\ndef f(r): return get_pool(r).close()")
    (tree / "deps.py").write_text("def get_pool(request): return None")
    assert found(run(tree)) == ["write application.pool"]
    (tree / "deps.py").write_text("def get_pool(request): return request.app.state.pool")
    assert run(tree) == read(tree)
    assert [access.accessor for access in run(tree).accesses if access.module == "user"] == ["deps:get_pool"]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\0" * 100, b"00000000 0\n", None])
def test_a_damaged_cache_is_ignored(tree: Path, content: bytes | None) -> None:
    expected = run(tree)
    for path in (tree.parent / "cache").iterdir():
        path.write_bytes(path.read_bytes().replace(b"pool", b"bool") if content is None else content)
    assert run(tree) == expected


def test_a_cache_that_cannot_be_written_is_ignored(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRA_CONTRACTS_CACHE_DIR", "/dev/null/cache")
    assert found(run(tree)) == ["write application.pool"]


def test_the_cache_can_be_turned_off(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRA_CONTRACTS_CACHE_DIR", "")
    run(tree)
    assert not (tree.parent / "cache").exists()


def test_the_cache_is_in_the_folder_for_caches(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETRA_CONTRACTS_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tree.parent / "xdg"))
    run(tree)
    assert list((tree.parent / "xdg" / "netra-contracts").iterdir())


def test_the_number_of_cached_trees_is_limited(tree: Path) -> None:
    cache = tree.parent / "cache"
    cache.mkdir()
    for number in range(60):
        (cache / f"{number:08x}.result").touch()
        os.utime(cache / f"{number:08x}.result", (number, number))
    run(tree)
    assert len(list(cache.glob("*.result"))) == 40
    assert not (cache / "00000000.result").exists()


def test_a_failure_of_the_reader_is_a_result(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ValueError("x")

    monkeypatch.setattr(process, "find_sources", failing)
    process.run(to_json(request_for(tree)).decode())
    message = decode((tree.parent / "output").read_bytes())
    assert message.kind == "ProbeFailed"
    assert b"ValueError: x" in message.body


@pytest.mark.parametrize("version", interpreters())
def test_every_interpreter_reads_the_same(version: str, tree: Path) -> None:
    (tree / "user.py").write_text("def f(request): return request.app.state.pool.close()")
    request = request_for(tree)
    environment = {"PATH": os.environ["PATH"], "NETRA_CONTRACTS_CACHE_DIR": "", "PYTHONPATH": str(tree)}
    (tree / "ast.py").write_text("raise SystemExit('shadows the standard library')")
    command = [interpreters()[version], "-I", "-S", process.__file__.replace("process", "__main__")]
    subprocess.run([*command, to_json(request).decode()], check=True, env=environment, cwd=tree, capture_output=True)
    usage = decode(Path(request.output).read_bytes()).read(SourceUsage)
    assert found(usage) == ["write application.pool", "read application.pool"]
    assert (usage.files, usage.parsed, usage.unread) == (3, 2, ())
