"""`check --watch` checks again after changes, and leaves nothing when it is interrupted."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.functional.harness import RUN_VARIABLE, _processes_of, _still_running, inherited_variables

APP = """
import os
from contextlib import asynccontextmanager
from starlette.applications import Starlette

@asynccontextmanager
async def lifespan(app):
    app.state.pool = {}
    yield

app = Starlette(lifespan=lifespan)
"""
BROKEN = APP.replace("app.state.pool = {}", "app.state.pool = None")
CONFIGURATION = 'target = "main:app"\n[components.pool]\n'
WAITING = "waiting for changes; press Ctrl-C to stop"
DEADLINE_S = 30.0


class Watching:
    """A running `check --watch`."""

    def __init__(self, folder: Path, *args: str) -> None:
        self.folder = folder
        self.run = uuid.uuid4().hex
        self.process = subprocess.Popen(
            [sys.executable, "-m", "netra_contracts", "check", "--watch", *args],
            cwd=folder,
            env={**inherited_variables(), RUN_VARIABLE: self.run, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def until(self, marker: str = WAITING) -> str:
        """What it writes on stderr, up to a line that is the marker."""
        return self._read_line_by_line(self.process.stderr, marker)

    def report(self, marker: str) -> str:
        """What it writes on stdout, up to a line that begins with the marker."""
        return self._read_line_by_line(self.process.stdout, marker)

    def _read_line_by_line(self, stream: IO[bytes] | None, marker: str) -> str:
        assert stream is not None
        written, line = b"", b""
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            deadline = time.monotonic() + DEADLINE_S
            while time.monotonic() < deadline:
                if not selector.select(deadline - time.monotonic()):
                    break
                byte = os.read(stream.fileno(), 1)
                assert byte, f"it ended: {written.decode()}"
                written, line = written + byte, line + byte
                if byte == b"\n":
                    if line.decode().startswith(marker):
                        return written.decode()
                    line = b""
        raise AssertionError(f"there is no line {marker!r}: {written.decode()}")

    def save(self, text: str, name: str = "main.py") -> None:
        """Save a file as editors do: write another one, and give it the name."""
        temporary = self.folder / f".{name}.new"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self.folder / name)

    def interrupt(self) -> int:
        """Send Ctrl-C, and return the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(DEADLINE_S)

    def left(self) -> dict[int, str]:
        """The processes that are left a while after the end."""
        return _still_running(self.run, time.monotonic() + 5)

    def end(self) -> None:
        for pid in _processes_of(self.run):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text(APP, encoding="utf-8")
    (tmp_path / "netra-contracts.toml").write_text(CONFIGURATION, encoding="utf-8")
    return tmp_path


class Start:
    """Starts `check --watch`, and ends what was started."""

    def __init__(self) -> None:
        self.started: list[Watching] = []

    def __call__(self, folder: Path, *args: str) -> Watching:
        self.started.append(Watching(folder, *args))
        return self.started[-1]


@pytest.fixture
def start() -> Iterator[Start]:
    starting = Start()
    yield starting
    for watching in starting.started:
        watching.end()


def test_new_and_fixed_findings_are_shown_after_each_change(project: Path, start: Start) -> None:
    watching = start(project, "-q")
    assert watching.until() == f"{WAITING}\n"
    assert watching.report("PASSED").startswith("PASSED  main:app")
    watching.save(BROKEN)
    assert watching.until() == f"\nmain.py changed: checking again\nnew: NC202 `pool` is None\n{WAITING}\n"
    watching.save(APP)
    assert "fixed: NC202 `pool` is None\n" in watching.until()
    assert "\x1b" not in watching.report("PASSED")
    assert watching.interrupt() == 130
    assert watching.left() == {}


@pytest.mark.slow
def test_wrong_configuration_is_reported_and_watching_continues(project: Path, start: Start) -> None:
    watching = start(project, "-q")
    watching.until()
    watching.save(CONFIGURATION.replace("target", "targt"), "netra-contracts.toml")
    assert 'did you mean "target"?' in watching.until()
    watching.save(f"{CONFIGURATION}[components.cache]\n", "netra-contracts.toml")
    assert "new: NC201 `cache` was never set" in watching.until()
    watching.save(CONFIGURATION, "netra-contracts.toml")
    assert "no longer checked: NC201" in watching.until()


@pytest.mark.slow
def test_wrong_configuration_at_the_beginning_can_be_corrected(project: Path, start: Start) -> None:
    (project / "netra-contracts.toml").write_text("[", encoding="utf-8")
    watching = start(project, "-q")
    assert "this is not valid TOML" in watching.until()
    watching.save(CONFIGURATION, "netra-contracts.toml")
    watching.until()
    assert watching.report("PASSED").startswith("PASSED")


@pytest.mark.slow
def test_target_that_does_not_start_is_reported_and_watching_continues(project: Path, start: Start) -> None:
    watching = start(project, "-q")
    watching.until()
    watching.save("raise RuntimeError('no')\n")
    assert "new: NC103" in watching.until()
    watching.save(APP)
    assert "fixed: NC103" in watching.until()


@pytest.mark.slow
def test_files_are_written_again_each_time_and_begin_no_check(project: Path, start: Start) -> None:
    watching = start(project, "--report", "json=out.toml", "-o", "table.toml", "--record", "run.toml")
    watching.until()
    watching.save(BROKEN)
    watching.until()
    assert json.loads((project / "out.toml").read_text(encoding="utf-8"))["verdict"] == "failed"
    watching.save(APP)
    # A check that these files had begun would have been announced before.
    assert watching.until().count("checking again") == 1
    assert json.loads((project / "out.toml").read_text(encoding="utf-8"))["verdict"] == "passed"


#: Writes a file of the project, with another content each time, and says so.
WRITING = APP.replace(
    "    yield",
    """    with open("generated.py", "a") as file:
        file.write("# again\\\\n")
    yield""",
)


@pytest.mark.slow
def test_application_that_writes_into_its_project_is_not_checked_endlessly(project: Path, start: Start) -> None:
    (project / "main.py").write_text(WRITING, encoding="utf-8")
    watching = start(project, "-q")
    text = watching.until("generated.py changed during 4 checks in a row, probably written by the application")
    assert text.count("generated.py changed: checking again") == 3
    watching.save(BROKEN)
    assert "new: NC202" in watching.until()


@pytest.mark.slow
def test_file_that_is_saved_as_soon_as_each_check_has_ended_is_checked_each_time(project: Path, start: Start) -> None:
    watching = start(project, "-q")
    watching.until()
    for number in range(6):
        watching.save(f"{APP}# {number}\n")
        assert "main.py changed: checking again" in watching.until()


@pytest.mark.slow
def test_all_targets_are_watched(project: Path, start: Start) -> None:
    targets = '[[targets]]\nname = "api"\ntarget = "main:app"\n[targets.components.pool]\n'
    (project / "netra-contracts.toml").write_text(f'{targets}[[targets]]\nname = "jobs"\ntarget = "jobs:app"\n')
    (project / "jobs.py").write_text(APP, encoding="utf-8")
    watching = start(project, "-q", "--all")
    watching.until()
    watching.save(BROKEN)
    text = watching.until()
    assert "api: new: NC202 `pool` is None\n" in text
    assert "jobs: no new or fixed findings\n" in text


@pytest.mark.slow
def test_interrupt_during_a_check_ends_the_target(project: Path, start: Start) -> None:
    pipe = project / "pipe"
    os.mkfifo(pipe)
    hanging = APP.replace("app.state.pool = {}", "open('pipe', 'w'); import time; time.sleep(600)")
    (project / "main.py").write_text(hanging, encoding="utf-8")
    watching = start(project, "-q")
    with pipe.open("rb"):  # the target has opened it
        assert watching.interrupt() == 130
    assert watching.left() == {}


@pytest.mark.slow
def test_sigterm_ends_watching(project: Path, start: Start) -> None:
    watching = start(project, "-q")
    watching.until()
    watching.process.terminate()
    assert watching.process.wait(DEADLINE_S) == 143
    assert watching.left() == {}
