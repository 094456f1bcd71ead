"""Runs the real command in a separate process, against a copy of a target, and reads its output."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

APPS = Path(__file__).parent.parent / "apps"

#: Seconds after which a run and every process it started are killed. No run should take this long.
DEADLINE_S = 60.0
#: Seconds within which all processes of a run must end after the command has ended.
GONE_WITHIN_S = 5.0

#: Names the data file of coverage.py when commands are measured (`make test-all`). Their targets are not measured,
#: because coverage.py would be loaded in the target's process, nor are commands that a test interrupts: the signal may
#: arrive while coverage.py starts.
COVERAGE_VARIABLE = "NETRA_TEST_COVERAGE"

#: Identifies the processes of one run: each inherits it.
RUN_VARIABLE = "NETRA_TEST_RUN"
#: The variables that the command inherits from the environment of the tests.
_KEPT = ("PATH", "HOME", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")

Json = dict[str, Any]

#: Codes of the checks of events. NC507 is about readiness.
EVENT_CODES = {f"NC{number}" for number in (501, 502, 503, 504, 505, 506, 508, 509, 510)}


@dataclass(frozen=True)
class Outcome:
    """The result of one run of the command.

    Attributes:
        folder: the copy of the target, the working folder of the command.
        report: the parsed report; empty unless the command was asked for JSON and wrote it.
    """

    exit_code: int
    stdout: str
    stderr: str
    folder: Path
    report: Json

    @property
    def findings(self) -> list[Json]:
        """Every finding of the report."""
        findings: list[Json] = self.report["findings"]
        return findings

    @property
    def root_findings(self) -> list[Json]:
        """The findings that do not follow from another."""
        return [finding for finding in self.findings if not finding["caused_by"]]

    @property
    def codes(self) -> list[str]:
        """Codes of the root findings, sorted."""
        return sorted(finding["code"] for finding in self.root_findings)

    def finding(self, code: str, component: str | None = None) -> Json:
        """The only finding of this code (and of this component, if given)."""
        found = [f for f in self.findings if f["code"] == code and component in {None, f["component"]}]
        assert len(found) == 1, f"{len(found)} findings {code} {component or ''}: {self.details}"
        return found[0]

    def component(self, address: str) -> Json:
        """The entry of one component."""
        found: list[Json] = [c for c in self.report["components"] if c["address"] == address]
        assert found, f"no component {address!r} among {[c['address'] for c in self.report['components']]}"
        return found[0]

    def line_of(self, text: str, file: str = "main.py") -> int:
        """The number of the only line of the target that contains a text."""
        lines = (self.folder / file).read_text(encoding="utf-8").splitlines()
        numbers = [number for number, line in enumerate(lines, 1) if text in line]
        assert len(numbers) == 1, f"{text!r} is on lines {numbers} of {file}"
        return numbers[0]

    @property
    def details(self) -> str:
        """Findings and output, for the message of a failed assertion."""
        findings = "\n".join(
            f"  {f['code']} {f['severity']} {f['component']!r} {f['message']}"
            + (f"  [caused by {f['caused_by']}]" if f["caused_by"] else "")
            + f"\n      at {location_of(f)}  hint: {f['hint']}"
            + "".join(f"\n      why: {cause['message']} at {location_of(cause)}" for cause in f["causes"])
            for f in self.report.get("findings", ())
        )
        stdout = "" if self.report else f"\nstdout: {self.stdout[:2000]}"
        return f"exit {self.exit_code}\n{findings}{stdout}\nstderr: {self.stderr[-3000:]}"


def location_of(entry: Json) -> str:
    """`file:line` of an entry of the report; empty if it has no location."""
    location = entry.get("location")
    return f"{Path(location['file']).name}:{location['line']}" if location else ""


class Runner:
    """Runs the command. One per test: it owns the folder into which targets are copied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def project(self, name: str) -> Path:
        """The copy of a target's folder, outside this repository: its `pyproject.toml` must not be found."""
        copy = self.folder / Path(name).name
        if not copy.exists():
            shutil.copytree(APPS / name, copy)
        return copy

    def command(
        self,
        *args: str,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        stdout: IO[bytes] | None = None,
        while_running: Callable[[subprocess.Popen[bytes]], None] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Outcome:
        """Run `netra-contracts` with these arguments, and assert that it leaves no process behind.

        Args:
            args: arguments of the command.
            cwd: working folder.
            env: environment variables to add.
            stdout: receives the report; default: a temporary file.
            while_running: called with the process once it has been started.
            deadline_s: seconds after which the command is killed.
        """
        run = uuid.uuid4().hex
        variables = inherited_variables() | {"PYTHONDONTWRITEBYTECODE": "1", RUN_VARIABLE: run, **(env or {})}
        # Files instead of pipes: a process that the run leaves behind could keep a pipe open.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                [sys.executable, *([] if while_running else _measured()), "-m", "netra_contracts", *args],
                cwd=cwd,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=stdout or out,
                stderr=err,
                start_new_session=True,
            )
            try:
                if while_running is not None:
                    while_running(process)
                exit_code = process.wait(deadline_s)
                left = _still_running(run, time.monotonic() + GONE_WITHIN_S)
            except subprocess.TimeoutExpired:
                err.seek(0)
                raise AssertionError(f"{args} did not end within {deadline_s} s: {err.read()[-2000:]!r}") from None
            finally:
                _kill(run, process)
            out.seek(0)
            err.seek(0)
            outcome = _outcome(exit_code, out.read(), err.read(), cwd, asked_for_json="json" in args)
        assert not left, f"processes of the run are left: {left}\n{outcome.details}"
        return outcome

    def check(self, project: str, *args: str, **options: Any) -> Outcome:
        """Run `check` with a JSON report in a copy of `tests/apps/<project>`.

        A startup may block the event loop for as long as a busy machine takes, unless the test says otherwise.
        """
        free = () if {"--blocking-threshold", "--from", "--all"} & {*args} else ("--blocking-threshold", "60000")
        return self.command("check", *args, *free, "--format", "json", cwd=self.project(project), **options)

    def run_and_assert(
        self, project: str, *args: str, exit_code: int, codes: Sequence[str] = (), **options: Any
    ) -> Outcome:
        """Run `check`, and assert its exit status and that its root findings have exactly these codes."""
        outcome = self.check(project, *args, **options)
        assert outcome.exit_code == exit_code, outcome.details
        if exit_code in {0, 1}:
            assert outcome.report, outcome.details
            assert outcome.report["exit_code"] == exit_code, outcome.details
            assert outcome.codes == sorted(codes), outcome.details
        else:
            assert outcome.stdout == "", outcome.details
            assert outcome.stderr.strip(), "stderr is empty"
        return outcome


def inherited_variables() -> dict[str, str]:
    """The environment variables that a command inherits from the tests."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def _measured() -> list[str]:
    """The arguments of the interpreter with which coverage.py measures a command, or none."""
    data = os.environ.get(COVERAGE_VARIABLE)
    settings = str(APPS.parents[1] / "pyproject.toml")
    return ["-m", "coverage", "run", "-p", f"--data-file={data}", f"--rcfile={settings}"] if data else []


def _outcome(exit_code: int, stdout: bytes, stderr: bytes, folder: Path, *, asked_for_json: bool) -> Outcome:
    out, err = stdout.decode("utf-8"), stderr.decode("utf-8")
    report = json.loads(out) if asked_for_json and out else {}
    outcome = Outcome(exit_code, out, err, folder, report)
    _refuse_tracebacks(outcome)
    return outcome


def _refuse_tracebacks(outcome: Outcome) -> None:
    """No traceback is shown to a user, except in quoted output of the target."""
    if outcome.exit_code == -signal.SIGINT and "in _run_code" not in outcome.stderr:
        return  # the interpreter was interrupted before it ran the first line of the command
    quoted = [line.strip() for line in outcome.report.get("output", ()) if line.strip()]
    unquoted = [
        line
        for line in outcome.stderr.splitlines()
        if "Traceback (most recent" in line and not any(q in line for q in quoted)
    ]
    assert not unquoted, outcome.details
    shown = {name: value for name, value in outcome.report.items() if name != "output"} or outcome.stdout
    assert "Traceback (most recent" not in str(shown), outcome.details


def _processes_of(run: str) -> dict[int, str]:
    """Command lines of the processes that inherited the variable of this run, by process id. Empty outside Linux."""
    variable = f"{RUN_VARIABLE}={run}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if variable in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
        except OSError:  # it has ended, or belongs to another user
            continue
    return found


def _still_running(run: str, deadline: float) -> dict[int, str]:
    """The processes of a run that have not ended by the deadline (of `time.monotonic`)."""
    while (left := _processes_of(run)) and time.monotonic() < deadline:
        try:
            watch = os.pidfd_open(next(iter(left)))
        except ProcessLookupError:
            continue
        try:
            select.select([watch], [], [], max(0.0, deadline - time.monotonic()))
        finally:
            os.close(watch)
    return left


def _kill(run: str, process: subprocess.Popen[bytes]) -> None:
    for pid in [*_processes_of(run), *([process.pid] if process.poll() is None else [])]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()
