"""An observation is reconstructed from what a process left when it ended."""

from __future__ import annotations

import pytest

from netra_contracts.launch.crash_dump import stacks_from_dump
from netra_contracts.launch.post_mortem import ProcessEnd, reconstruct_observation
from netra_contracts.protocol.control import StageStarted
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.observation import Observation, Stage, TargetInfo

KNOWN = Observation(TargetInfo("main:app", "main"))
STARTED = [
    StageStarted("import", 0.0, {}),
    StageStarted("build", 100.0, {"1": ""}),
    StageStarted("startup", 150.0, {"1": "", "2": "/api"}),
]
DUMP = """Fatal Python error: Segmentation fault

Thread 0x00007f0000000002 [worker]:
  File "/venv/lib/python3.11/site-packages/pool/core.py", line 7 in run
  File "/app/jobs.py", line 20 in job

Current thread 0x00007f0000000001 (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 522 in string_at
  File "/app/main.py", line 12 in lifespan
  File "/x/netra_contracts/probe/session.py", line 99 in _call
"""


def end(status: int = 1, *, timed_out: bool = False, dump: str = "", journal: str = "") -> ProcessEnd:
    return ProcessEnd(status, timed_out, 30.0, 400.0, dump, journal)


def last_stage(end: ProcessEnd, started: list[StageStarted] = STARTED) -> Stage:
    return reconstruct_observation(KNOWN, started, end).stages[-1]


@pytest.mark.parametrize(
    ("how", "outcome", "message"),
    [
        (end(3), "exited", "the process ended with status 3 during startup"),
        (end(-11), "died", "the process was killed by SIGSEGV during startup"),
        (end(-63), "died", "the process was killed by signal 63 during startup"),
        (end(-9, timed_out=True), "timeout", "startup did not end within 30 s"),
        (end(1, dump="Timeout (0:00:31)!\n"), "timeout", "startup did not end within 30 s"),
    ],
)
def test_last_stage_says_how_the_process_ended(how: ProcessEnd, outcome: str, message: str) -> None:
    stage = last_stage(how)
    assert (stage.name, stage.start_ms, stage.ms, stage.outcome) == ("startup", 150.0, 250.0, outcome)
    assert [failure.message for failure in stage.failures] == [message]


def test_stages_before_the_last_one_succeeded() -> None:
    stages = reconstruct_observation(KNOWN, STARTED, end()).stages
    assert stages[:-1] == (Stage("import", 0.0, 100.0, "ok"), Stage("build", 100.0, 50.0, "ok"))


def test_process_that_ends_before_any_stage_ended_during_import() -> None:
    assert last_stage(end(), []).name == "import"


def test_line_of_an_installed_target_is_the_applications_line_of_a_crash_dump() -> None:
    dump = (
        "Fatal Python error: Segmentation fault\n\n"
        "Current thread 0x00007f (most recent call first):\n"
        '  File "/venv/lib/python3.12/site-packages/shopping/__init__.py", line 3 in run\n'
        '  File "/venv/lib/python3.12/site-packages/shop/database.py", line 9 in connect\n'
        '  File "/usr/lib/python3.12/asyncio/runners.py", line 8 in run\n'
    )
    assert stacks_from_dump(dump, "shop.main")[0].location == Location(
        "/venv/lib/python3.12/site-packages/shop/database.py", 9, "connect"
    )
    assert stacks_from_dump(dump, "main")[0].location is None


def test_crash_dump_gives_the_current_thread_first_and_the_applications_line() -> None:
    current, worker = stacks_from_dump(DUMP)
    assert (current.main, worker.main, worker.name) == (True, False, "worker")
    assert current.location == Location("/app/main.py", 12, "lifespan")
    assert [frame.file for frame in current.lines] == ["/usr/lib/python3.11/ctypes/__init__.py", "/app/main.py"]
    assert last_stage(end(-11, dump=DUMP)).failures[0].location == current.location
