"""`check --all`: several targets in one run and one report."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from netra_contracts import api
from tests.functional.harness import APPS, Outcome, Runner
from tests.functional.several_projects import APPLICATION, BROKEN, DAEMON, DAMAGES, GOOD, HOSTILE, POOL, targets, write
from tests.functional.test_documents import ROOT, block, blocks
from tests.functional.test_examples import without_measurements

Json = dict[str, Any]


def by_name(outcome: Outcome) -> dict[str, Json]:
    return {entry["name"]: entry for entry in outcome.report["reports"]}


def codes(entry: Json) -> list[str]:
    return [finding["code"] for finding in entry["findings"]]


def test_all_targets_are_in_one_report_of_each_format(run: Runner) -> None:
    names = ["slow", "broken", "crashes", "nowhere"]
    more = {"nowhere": 'python = "no/python"', "slow": 'env = { A = "1" }'}
    sources = {"slow": f"import time; time.sleep(0.5)\n{GOOD}", "broken": BROKEN, "nowhere": GOOD}
    files = {f"{name}/main.py": {**HOSTILE, **sources}[name] for name in names}
    folder = write(run.folder, {**files, "netra-contracts.toml": POOL + targets(names, **more)})
    reports = ("--report", "table=all.txt", "--report", "concise=all.log")
    outcome = run.command("check", "--all", "--format", "json", *reports, cwd=folder)

    assert outcome.exit_code == outcome.report["exit_code"] == 2, outcome.details
    assert list(by_name(outcome)) == ["slow", "broken", "crashes"], "in the order of the configuration"
    assert {name: codes(entry) for name, entry in by_name(outcome).items()} == {
        "slow": [],
        "broken": ["NC202"],
        "crashes": ["NC107"],
    }
    (error,) = outcome.report["errors"]
    assert (error["name"], error["exit_code"]) == ("nowhere", 2)
    assert error["problems"][0].startswith("netra-contracts.toml:18: targets[3].python: there is no interpreter")

    table = (folder / "all.txt").read_text(encoding="utf-8")
    first, _, *rows = table.splitlines()
    assert first == "FAILED  4 targets: 1 passed, 1 failed, 1 could not start, 1 could not be checked"
    assert [row.split()[0] for row in rows[1:5]] == names
    assert "NC202" in table
    assert max(map(len, table.splitlines())) <= 80
    assert "NC202 broken: `pool` is None" in (folder / "all.log").read_text(encoding="utf-8")

    lines = outcome.stderr.splitlines()
    assert lines[0].startswith("checking 4 targets, ")
    assert sorted(line.split(": ")[0].split()[-1] for line in lines[1:]) == sorted(names)
    assert [line[:5] for line in lines[1:]] == [f"[{number}/4]" for number in range(1, 5)]


@pytest.mark.parametrize(
    ("files", "args", "message"),
    [
        ({}, (), "no target is configured here"),
        ({"main.py": "app = 1"}, ("main:app",), "main:app is not a folder: --all checks all configured targets"),
        ({}, ("nowhere",), "nowhere is not a folder"),
        ({"a/main.py": ""}, ("a",), "there is no configuration file in this folder or below it"),
        ({"netra-contracts.toml": "targets = []"}, (), "targets must not be empty"),
        ({"netra-contracts.toml": 'target = "a:b"'}, ("--record", "x"), "this cannot be used with --all"),
        ({"netra-contracts.toml": 'target = "a:b"'}, ("--from", "x"), "this cannot be used with --all"),
        ({"netra-contracts.toml": 'target = "a:b"'}, ("--select", "NC999"), "--select: no check has a code"),
        ({"netra-contracts.toml": 'target = "a:b"'}, ("--format", "jsno"), 'there is no format "jsno"'),
        ({"netra-contracts.toml": 'target = "a:b"'}, ("--jobs", "0"), "--jobs: jobs must be at least 1, not 0"),
        ({"netra-contracts.toml": 'target = "a:b"'}, ("--jobs", "x"), '--jobs: jobs must be a whole number, not "x"'),
    ],
)
def test_wrong_usage_is_reported_and_nothing_is_started(
    files: dict[str, str],
    args: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from netra_contracts.cli import typer_app

    monkeypatch.chdir(write(tmp_path, {".git/config": "", **files}))
    assert typer_app.run(["check", "--all", *args]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "8"])
def test_hostile_targets_do_not_hide_the_result_of_others(run: Runner, jobs: str) -> None:
    names = [*HOSTILE, "good", "daemon"]
    files = {f"{name}/main.py": {**HOSTILE, "good": GOOD, "daemon": DAEMON}[name] for name in names}
    settings = "startup-timeout = 5\nselect = ['NC1', 'NC2']\n" + POOL + targets(names)
    folder = write(run.folder, {**files, "netra-contracts.toml": settings})
    outcome = run.command("check", "--all", "--jobs", jobs, "--format", "json", cwd=folder)
    assert list(by_name(outcome)) == names, outcome.details
    found = {name: codes(entry)[:1] for name, entry in by_name(outcome).items()}
    assert found == {
        "hangs": ["NC106"],
        "killed": ["NC107"],
        "crashes": ["NC107"],
        "exits": ["NC105"],
        "floods": [],
        "raises": ["NC103"],
        "closes": [],
        "good": [],
        "daemon": [],
    }
    assert outcome.exit_code == 1
    left = subprocess.run(["pgrep", "-f", "a-daemon-of-a-target"], capture_output=True, text=True, check=False)
    assert left.stdout == ""


@pytest.mark.slow
def test_exit_status_of_an_internal_error_overrides_that_of_findings(run: Runner) -> None:
    files = {"damages/main.py": DAMAGES, "broken/main.py": BROKEN}
    folder = write(run.folder, {**files, "netra-contracts.toml": POOL + targets(["damages", "broken"])})
    outcome = run.command("check", "--all", "--format", "json", cwd=folder)
    assert [(error["name"], error["exit_code"]) for error in outcome.report["errors"]] == [("damages", 3)]
    assert codes(by_name(outcome)["broken"]) == ["NC202"]
    assert outcome.exit_code == 3


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_ends_all_targets(run: Runner, number: signal.Signals) -> None:
    names = ["a", "b", "c", "d"]
    pipe = run.folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    waits = f"import os, time\nos.write(os.open({str(pipe)!r}, os.O_WRONLY), b'x')\ntime.sleep(600)\n"
    files = {f"{name}/main.py": waits for name in names}
    folder = write(run.folder, {**files, "netra-contracts.toml": targets(names)})

    def when_two_wait(process: subprocess.Popen[bytes]) -> None:
        seen, deadline = 0, time.monotonic() + 30
        while seen < 2:
            ready, _, _ = select.select([reader], [], [], max(0, deadline - time.monotonic()))
            assert ready, "the targets did not start"
            seen += len(os.read(reader, 2))
        process.send_signal(number)

    try:
        outcome = run.command("check", "--all", "--jobs", "2", cwd=folder, while_running=when_two_wait)
    finally:
        os.close(reader)
    assert outcome.exit_code == 128 + number
    assert outcome.stdout == "", "no part of a report is written"


@pytest.mark.slow
def test_projects_below_a_folder_run_each_in_its_own(run: Runner) -> None:
    here = "import os\nassert os.path.dirname(os.path.realpath(__file__)) == os.getcwd() == os.environ['PWD']\n"
    two = f'{POOL}[[targets]]\nname = "web"\ntarget = "main:app"\n[[targets]]\nname = "worker"\ntarget = "worker:app"\n'
    folder = write(
        run.folder,
        {
            "services/billing/pyproject.toml": '[tool.netra-contracts]\ntarget = "main:app"\n',
            "services/billing/main.py": here + GOOD,
            "services/chat/netra-contracts.toml": two,
            "services/chat/main.py": here + GOOD,
            "services/chat/worker.py": here + BROKEN,
            "services/wrong/netra-contracts.toml": "settle = -1\nfoo = 1\n",
            "services/malformed/netra-contracts.toml": "settle = \n",
            "services/empty/netra-contracts.toml": "settle = 1\n",
            "services/other/pyproject.toml": "[project\n",
            "node_modules/x/netra-contracts.toml": 'target = "x:y"\n',
            ".hidden/netra-contracts.toml": 'target = "x:y"\n',
            "venv/pyvenv.cfg": "",
            "venv/netra-contracts.toml": 'target = "x:y"\n',
            "shared.toml": '[components.pool]\ntype = "dict"\n',
        },
    )
    (folder / "services" / "again").symlink_to(folder)
    args = ("services", "--contracts", "shared.toml", "--format", "json")
    outcome = run.command("check", "--all", *args, cwd=folder, env={"PWD": str(folder)})
    assert {name: codes(entry) for name, entry in by_name(outcome).items()} == {
        "billing": [],
        "chat:web": [],
        "chat:worker": ["NC202"],
    }
    assert {error["name"]: len(error["problems"]) for error in outcome.report["errors"]} == {
        "empty": 1,
        "malformed": 1,
        "wrong": 2,
    }
    assert outcome.exit_code == 2
    report = api.check_all("services", cwd=folder)
    assert [named.name for named in report.reports] == ["billing", "chat:web", "chat:worker"]
    assert (report.several, report.exit_code) == (True, 2)


@pytest.mark.slow
def test_progress_is_drawn_on_a_terminal_and_erased(run: Runner) -> None:
    folder = write(run.folder, {"a/main.py": GOOD, "b/main.py": BROKEN, "netra-contracts.toml": targets(["a", "b"])})
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "netra_contracts", "check", "--all", "--format", "json"],
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80", "CI": "", "PRE_COMMIT": ""},
        stdout=subprocess.PIPE,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        assert process.stdout is not None
        written = process.stdout.read()
        drawn = b""
        while True:
            try:
                drawn += os.read(controller, 65536)
            except OSError:  # the other end is closed
                break
    os.close(controller)
    assert [entry["name"] for entry in json.loads(written)["reports"]] == ["a", "b"]
    assert b"0/2" in drawn
    assert b"\x1b[?25l" not in drawn, "an interrupt would leave the cursor hidden"
    assert drawn.rstrip().endswith(b"\x1b[2K"), "the bar is erased"


@pytest.mark.slow
def test_example_of_the_documentation_has_the_output_that_it_shows(run: Runner) -> None:
    document = ROOT / "docs" / "several-targets.md"
    states = {"billing": "{}\n    app.state.ledger = []", "chat": "None"}
    sources = {
        f"{name}/main.py": APPLICATION.format(pool=state).replace("state.pool", "state.database")
        for name, state in states.items()
    }
    settings = block(document, "toml", "chat.main:app")
    folder = write(run.folder, {**sources, "pyproject.toml": settings})
    (command,) = blocks(document, "console")
    outcome = run.command(*command.split()[2:], cwd=folder)
    assert without_measurements(outcome.stdout) == without_measurements(block(document, "text", "FAILED"))
    source = block(document, "python", "check_all").replace("assert run.exit_code == 0", "assert run.exit_code == 1")
    code = subprocess.run([sys.executable, "-c", source], cwd=folder, capture_output=True, text=True, check=False)
    assert (code.returncode, code.stdout) == (0, "billing passed\nchat failed\n"), code.stderr


@pytest.mark.slow
def test_interrupt_of_the_python_interface_ends_all_targets(run: Runner) -> None:
    waits = "import signal, os\nos.kill(int(os.environ['CALLER']), signal.SIGINT)\nsignal.pause()\n"
    code = """
import os, signal
from netra_contracts.api import check_all
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["CALLER"] = str(os.getpid())
try:
    check_all(jobs=2)
except KeyboardInterrupt:
    print("interrupted")
"""
    settings = targets(["a", "b", "c", "d"])
    folder = write(run.folder, {f"{name}/main.py": waits for name in "abcd"} | {"netra-contracts.toml": settings})
    called = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert called.stdout == "interrupted\n", called.stderr
    assert not [path for path in Path("/proc").glob("[0-9]*/cwd") if _leads_to(path, folder)]


def _leads_to(link: Path, folder: Path) -> bool:
    try:
        return link.readlink() == folder
    except OSError:
        return False


@pytest.mark.slow
def test_clients_of_several_targets_connect_at_the_same_time(run: Runner) -> None:
    for name in ("first", "second"):
        shutil.copytree(APPS / "events" / "chat", run.folder / name)
    outcome = run.command("check", "--all", ".", "--jobs", "2", "--format", "json", cwd=run.folder)
    assert outcome.exit_code == 0, outcome.details
    assert [len(entry["clients"]["scenarios"]) > 3 for entry in outcome.report["reports"]] == [True, True]


@pytest.mark.slow
@pytest.mark.parametrize("after_ms", [300, 500, 700, 900, 1200, 1700])
def test_interrupt_at_any_moment_leaves_nothing_behind(run: Runner, after_ms: int) -> None:
    sources = {**HOSTILE, "good": GOOD, "daemon": DAEMON, "other": GOOD}
    files = {f"{name}/main.py": source for name, source in sources.items()}
    folder = write(run.folder, {**files, "netra-contracts.toml": targets(list(sources)), "tmp/.keep": ""})

    def later(process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(after_ms / 1000)
        process.send_signal(signal.SIGINT)

    env = {"TMPDIR": str(folder / "tmp")}
    outcome = run.command("check", "--all", "--jobs", "4", cwd=folder, env=env, while_running=later)
    assert outcome.exit_code in {130, -signal.SIGINT}, outcome.details
    assert [path.name for path in (folder / "tmp").iterdir()] == [".keep"]
