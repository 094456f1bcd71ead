"""The target is started before typer is imported; why it is not started is kept for the report."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import netra_contracts
from netra_contracts.cli import typer_app
from netra_contracts.cli.prestart import Launch, launch_early
from netra_contracts.launch.process import ProbeProcess

ROOT = str(Path(netra_contracts.__file__).parents[1])


def launched(folder: Path, monkeypatch: pytest.MonkeyPatch, *argv: str) -> Launch:
    """What `check` with these arguments launches in a folder; it must start nothing."""
    monkeypatch.chdir(folder)
    running: list[ProbeProcess] = []
    launch = launch_early("check", [*argv], running)
    assert launch is not None
    assert (launch.settings, launch.child, running) == (None, None, [])
    return launch


def test_target_that_cannot_be_started_is_kept_as_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = launched(tmp_path, monkeypatch, "nowhere.py:app").problems
    assert (problem.place, problem.message) == ("TARGET", "there is no file nowhere.py")


def test_invalid_options_and_a_missing_target_are_kept_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = launched(tmp_path, monkeypatch, "--phase", "redines", "--settle", "1")
    assert [problem.message for problem in launch.problems] == [
        'there is no phase "redines"',
        "there is nothing to check here",
    ]
    assert launch.options.given == {"settle": 1.0}


@pytest.mark.parametrize("command", ["check", "init", "usage", "score", "graph"])
def test_command_that_was_called_is_named_where_there_is_no_target(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert typer_app.run([command]) == 2
    error = " ".join(capsys.readouterr().err.split())
    missing = "there is nothing to check here" if command == "check" else "no application was found here"
    assert error.startswith("netra-contracts: ")
    assert f": {missing} (name the application, e.g. `netra-contracts {command} myapp.main:app`; looked for: " in error


def test_problems_of_the_configuration_are_left_to_its_validation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netra-contracts.toml").write_text("startup-timout = 3\n", encoding="utf-8")
    launch = launched(tmp_path, monkeypatch, "main:app")
    assert launch.problems == ()
    assert launch.config is not None


def test_invalid_toml_is_kept_as_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netra-contracts.toml").write_text("target = \n", encoding="utf-8")
    launch = launched(tmp_path, monkeypatch, "main:app")
    assert [problem.place for problem in launch.problems] == ["netra-contracts.toml:1:10"]


def test_missing_current_folder_is_kept_as_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    launch = launch_early("check", ["main:app"], [])
    assert launch is not None
    assert [problem.message for problem in launch.problems] == ["the current folder does not exist"]


@pytest.mark.parametrize("argv", [["--"], ["uvicorn"], ["--strict", "--", "no-such-server"], ["a", "b", "--", "sh"]])
def test_run_without_a_server_that_exists_is_not_started_early(argv: list[str]) -> None:
    assert launch_early("run", argv, []) is None


def test_target_of_run_is_configured_and_not_discovered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.py").write_text("app = 1", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    launch = launch_early("run", ["--", "sh", "main:app"], [])
    assert launch is not None
    assert (launch.settings, [problem.message for problem in launch.problems]) == (None, ["no target is configured"])


TARGETS = '[[targets]]\nname = "web"\ntarget = "main:app"\n[[targets]]\nname = "api"\ntarget = "main:api"\n'


@pytest.mark.parametrize(
    ("text", "argv", "message"),
    [
        (TARGETS, ["--", "sh"], "2 targets are configured: web, api"),
        (TARGETS, ["other:app", "--", "sh"], 'no configured target has the name "other:app"'),
        ('target = "main:app"', ["web", "--", "sh"], 'no configured target has the name "web"'),
        ('phase = "readiness"', ["--", "sh"], "no target is configured"),
    ],
)
def test_run_names_one_of_several_configured_targets(
    text: str, argv: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netra-contracts.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    launch = launch_early("run", argv, [])
    assert launch is not None
    assert (launch.child, [problem.message for problem in launch.problems]) == (None, [message])


def test_started_target_is_in_the_list_of_running_ones_until_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.py").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    running: list[ProbeProcess] = []
    launch = launch_early("check", ["main:app", "--python", sys.executable], running)
    assert launch is not None
    assert running == [launch.child]
    launch.end()
    assert running == []


@pytest.mark.parametrize(("number", "word"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "terminated")])
def test_signal_ends_the_given_processes_and_the_command(number: signal.Signals, word: str) -> None:
    code = """
import os, sys
from netra_contracts.cli import signals
class Process:
    def end(self):
        os.write(1, b"ended")
running = []
signals.install(running)
running.append(Process())
os.kill(os.getpid(), int(sys.argv[1]))
"""
    command = [sys.executable, "-c", code, str(int(number))]
    environment = {**os.environ, "PYTHONPATH": ROOT}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (run.returncode, run.stdout, run.stderr) == (128 + number, "ended", f"netra-contracts: {word}\n")


def test_signal_ends_processes_that_threads_start_meanwhile_and_all_if_one_cannot_be_ended() -> None:
    code = """
import os, signal
from netra_contracts.cli import signals
class Process:
    def __init__(self, name, more=()):
        self.name, self.more = name, more
    def end(self):
        os.write(1, self.name)
        running.extend(self.more)
        raise OSError
running = []
running.append(Process(b"a", [Process(b"c", [Process(b"d")])]))
running.append(Process(b"b"))
signals.install(running)
os.kill(os.getpid(), signal.SIGINT)
"""
    environment = {**os.environ, "PYTHONPATH": ROOT}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert (run.returncode, run.stdout, run.stderr) == (130, "abcd", "netra-contracts: interrupted\n")
