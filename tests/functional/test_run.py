"""`run` checks the configured target, then is the server: the same process, as if it had been started at once."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.functional.harness import Runner, inherited_variables

APP = """
import os, subprocess, sys
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

def leave_a_daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execve("/bin/sleep", ["sleep", "600"], {})
        os._exit(0)

@asynccontextmanager
async def lifespan(app):
    print("startup of the application", flush=True)
    if os.environ.get("DAEMON"):
        leave_a_daemon()
    app.state.pool = None if os.environ.get("BREAK") else {}
    yield
    print("shutdown of the application", flush=True)

def about(request):
    return JSONResponse({"pid": os.getpid(), "checked": os.environ.get("NETRA_CONTRACTS")})

app = Starlette(lifespan=lifespan, routes=[Route("/", about)])
"""
#: What a server finds when it begins. Python ignores SIGPIPE, so a shell writes its signals before. It starts no
#: process for that: while it does, it blocks signals.
SHELL = 'while read -r line; do case $line in Sig[PBIC]*) echo $line; esac; done < /proc/$$/status; exec "$@"'
STATE = """
import ctypes, json, os, resource, sys
def has_children():
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
subreaper = ctypes.c_int(-1)
ctypes.CDLL(None).prctl(37, ctypes.byref(subreaper), 0, 0, 0)
descriptors = {}
for name in os.listdir("/proc/self/fd"):
    try:
        descriptors[name] = os.readlink("/proc/self/fd/" + name)
    except OSError:
        pass  # that of the listing
print(json.dumps({
    "leads": [os.getpid() == os.getsid(0), os.getpid() == os.getpgid(0)],
    "environment": sorted(open("/proc/self/environ").read().split(chr(0))),
    "descriptors": descriptors,
    "blocking": [os.get_blocking(number) for number in range(3)],
    "children": has_children(),
    "subreaper": subreaper.value,
    "limits": {name: resource.getrlimit(value) for name, value in vars(resource).items() if name.startswith("RLIMIT_")},
    "umask": os.umask(0),
    "folder": os.getcwd(),
    "priority": os.nice(0),
    "input": sys.stdin.read(),
    "arguments": sys.argv,
}))
"""
#: How the command is started: what it inherits must reach the server.
STARTED_WITH = "trap '' INT USR1; umask 027; ulimit -n 500; exec \"$@\""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a configured target and a contract."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "main.py").write_text(APP, encoding="utf-8")
    (folder / "netra-contracts.toml").write_text('target = "main:app"\n[components.pool]\n', encoding="utf-8")
    return folder


def state_of_server(folder: Path, *before: str) -> tuple[list[str], dict[str, Any], str]:
    """The signals and the state with which a server begins, and stderr.

    Args:
        folder: the working folder.
        before: the command that is to become the server; empty: the server is started at once.
    """
    server = ["sh", "-c", SHELL, "sh", sys.executable, "-I", "-c", STATE, "--", "-o", "x y", ""]
    (folder / "input").write_text("for the server", encoding="utf-8")
    environment = {name: value for name, value in inherited_variables().items() if not name.startswith("LC_")}
    with (folder / "input").open() as stdin, (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        subprocess.run(
            ["sh", "-c", STARTED_WITH, "sh", *before, *server],
            cwd=folder,
            env={**environment, "DAEMON": "1", "NETRA_CONTRACTS_OTHER": "kept"},
            stdin=stdin,
            stdout=out,
            stderr=err,
            start_new_session=True,
            pass_fds=[stdin.fileno()],
            check=True,
            timeout=60,
        )
    *signals, state = (folder / "out").read_text(encoding="utf-8").splitlines()
    return signals, json.loads(state), (folder / "err").read_text(encoding="utf-8")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="the state of a process is read in /proc")
def test_server_begins_as_if_it_had_been_started_at_once(project: Path) -> None:
    command = [sys.executable, "-m", "netra_contracts", "run", "--fail-level", "never", "--"]
    expected = state_of_server(project)
    signals, state, err = state_of_server(project, *command)
    assert (signals, state) == expected[:2]
    assert "PASSED" in err
    assert "startup of the application" not in err


def ask(address: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The answer of the server at a Unix socket, once there is one."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.connect(str(address))
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            with client.makefile("rb") as answer:
                answered: dict[str, Any] = json.loads(answer.read().partition(b"\r\n\r\n")[2])
                return answered
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            break
    raise AssertionError("the server does not answer")


def test_server_is_the_same_process_and_receives_its_signals(run: Runner, project: Path) -> None:
    answers = []

    def terminate(process: subprocess.Popen[bytes]) -> None:
        answers.append((process.pid, ask(project / "s", process)))
        process.terminate()

    uvicorn = [sys.executable, "-m", "uvicorn", "main:app", "--uds", "s"]
    outcome = run.command(
        "run", "-q", "--", *uvicorn, cwd=project, env={"NETRA_CONTRACTS": "check"}, while_running=terminate
    )
    ((pid, answer),) = answers
    assert answer == {"pid": pid, "checked": None}
    assert outcome.exit_code in {0, -signal.SIGTERM}, outcome.details
    assert "startup of the application" in outcome.stdout
    assert "shutdown of the application" in outcome.stdout
    assert "PASSED  main:app" in outcome.stderr


def test_failed_check_exits_with_its_status_and_starts_no_server(run: Runner, project: Path) -> None:
    outcome = run.command("run", "--", "echo", "served", cwd=project, env={"BREAK": "1"})
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert "error[NC202]" in outcome.stderr


@pytest.mark.slow
def test_arguments_of_the_server_choose_no_target(run: Runner, project: Path) -> None:
    (project / "netra-contracts.toml").unlink()
    outcome = run.command("run", "--", sys.executable, "-m", "uvicorn", "main:app", cwd=project)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "no target is configured" in outcome.stderr
    assert "set target = " in outcome.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "mode", "status", "reason"),
    [
        ("#!/no/such/interpreter\n", 0o755, 127, "its `#!` line names a file that does not exist"),
        ("echo served\n", 0o755, 126, "it has no `#!` line"),
        ("echo served\n", 0o644, 127, "there is no command `./serve` (the target was not started"),
    ],
)
def test_server_that_cannot_be_executed_has_the_exit_status_of_a_shell(
    run: Runner, project: Path, content: str, mode: int, status: int, reason: str
) -> None:
    (project / "serve").write_text(content, encoding="utf-8")
    (project / "serve").chmod(mode)
    outcome = run.command("run", "-q", "--", "./serve", cwd=project)
    assert (outcome.exit_code, outcome.stdout) == (status, "")
    assert reason in outcome.stderr


@pytest.mark.slow
def test_report_can_be_written_to_a_file(run: Runner, project: Path) -> None:
    outcome = run.command("run", "--format=json", "-o", "report.json", "--", "echo", "served", cwd=project)
    assert (outcome.exit_code, outcome.stdout) == (0, "served\n"), outcome.details
    assert json.loads((project / "report.json").read_text(encoding="utf-8"))["verdict"] == "passed"


@pytest.mark.slow
def test_stderr_that_cannot_be_written_does_not_keep_the_server_from_starting(project: Path) -> None:
    command = [sys.executable, "-m", "netra_contracts", "run", "--", "sh", "-c", "echo served; readlink /proc/$$/fd/2"]
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, stderr=full, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (0, b"served\n/dev/full\n")


@pytest.mark.slow
def test_streams_that_are_closed_stay_closed(project: Path) -> None:
    listed = "sh -c \"ls /proc/self/fd | tr '\\n' ' '\""
    command = f"exec <&- 2>&-; exec {sys.executable} -m netra_contracts run -- {listed}"
    ended = subprocess.run(["sh", "-c", command], cwd=project, stdout=subprocess.PIPE, timeout=60, check=True)
    plain = subprocess.run(["sh", "-c", f"exec <&- 2>&-; exec {listed}"], stdout=subprocess.PIPE, check=True)
    assert ended.stdout == plain.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signal_during_the_check_ends_the_target(
    run: Runner, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    folder = run.project("hostile/stands_still")
    (folder / "netra-contracts.toml").write_text('target = "main:app"\n', encoding="utf-8")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def when_waiting(process: subprocess.Popen[bytes]) -> None:
        with pipe.open("rb"):  # the target has opened it for writing
            process.send_signal(number)

    outcome = run.command(
        "run",
        *("--", "echo", "served"),
        cwd=folder,
        env={"STAND_AT": "startup", "STAND_PIPE": str(pipe)},
        while_running=when_waiting,
    )
    assert (outcome.exit_code, outcome.stdout) == (status, ""), outcome.details


@pytest.mark.slow
def test_gunicorn_style_wrapper_scripts_are_servers_as_well(run: Runner, project: Path) -> None:
    """A command is found on `PATH`, and may become another one."""
    folder = project / "bin"
    folder.mkdir()
    (folder / "serve").write_text('#!/bin/sh\nexec echo "served $0 $*"\n', encoding="utf-8")
    (folder / "serve").chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    assert shutil.which("serve", path=path)
    outcome = run.command("run", "-q", "--", "serve", "--", "-v", cwd=project, env={"PATH": path})
    assert (outcome.exit_code, outcome.stdout) == (0, f"served {folder}/serve -- -v\n"), outcome.details


DOCUMENT = Path(__file__).parents[2] / "docs" / "run.md"


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts `netra-contracts` and `uvicorn` on `PATH`."""
    for name, module in (("netra-contracts", "netra_contracts"), ("uvicorn", "uvicorn")):
        script = tmp_path / "commands" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'commands'}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.slow
@pytest.mark.usefixtures("on_path")
def test_command_of_the_documented_container_serves(project: Path) -> None:
    (text,) = re.findall(r"^CMD (\[.+\])$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    command = json.loads(text)
    without_port = command[: command.index("--host")]
    with subprocess.Popen([*without_port, "--uds", "s"], cwd=project, stderr=subprocess.DEVNULL) as process:
        try:
            assert ask(project / "s", process) == {"pid": process.pid, "checked": None}
        finally:
            process.terminate()


@pytest.mark.slow
@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize(("env", "status", "message"), [({}, 0, ""), ({"BREAK": "1"}, 1, "`pool` is None")])
def test_documented_init_container_writes_its_findings(
    project: Path, env: dict[str, str], status: int, message: str
) -> None:
    (text,) = re.findall(r"^```yaml\n(initContainers:.*?)^```$", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (container,) = yaml.safe_load(text)["initContainers"]
    log = project / "termination-log"
    command = [word.replace("/dev/termination-log", str(log)) for word in container["command"]]
    ended = subprocess.run(command, cwd=project, env={**os.environ, **env}, capture_output=True, check=False)
    assert ended.returncode == status
    assert message in log.read_text(encoding="utf-8")
