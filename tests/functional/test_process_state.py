"""What the tool changes in the target's process is what `probe/process_changes.py` lists, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from netra_contracts.probe.process_changes import CHANGES
from tests.functional.environments import python_with
from tests.functional.harness import _KEPT, Runner
from tests.interpreters import interpreters

#: Drives the startup of the target without the tool.
PLAIN = """
import asyncio, sys
sys.path[0] = sys.argv[1]
import main
async def run():
    queue = asyncio.Queue()
    for name in ("startup", "shutdown"):
        queue.put_nowait({"type": "lifespan." + name})
    async def send(message): pass
    await main.app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, queue.get, send)
asyncio.new_event_loop().run_until_complete(run())
"""
LISTED = {change.subject: set(change.members) for change in CHANGES}
#: Not on every version of Python, or not where this test can see it.
NOT_ALWAYS_SEEN = {
    "SIGALRM",
    "lifespan classes",
    "profiler",
    "sys.monitoring",
    "trace function",
    "streams",
    "session",
    "sys.path",
}
VARIABLES = {"NETRA_CONTRACTS", "NETRA_CONTRACTS_RUN"}
AT_STARTUP = {"threads of the system", "loop.time"}


def _differences(run: Runner, python: str) -> dict[str, dict[str, tuple[Any, Any]]]:
    folder = run.project("hostile/process_state")
    plain = [python, "-u", "-c", PLAIN, str(folder)]
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    env["STATE_FILE"] = str(run.folder / "plain.json")
    subprocess.run(plain, env=env, cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    env["STATE_FILE"] = str(run.folder / "checked.json")
    run.run_and_assert("hostile/process_state", "main:app", "--python", python, exit_code=0, env=env)
    plainly, checked = (json.loads((run.folder / name).read_text()) for name in ("plain.json", "checked.json"))
    return {
        moment: {
            key: (plainly[moment][key], value)
            for key, value in checked[moment].items()
            if value != plainly[moment][key]
        }
        for moment in checked
    }


def _assert_listed(found: dict[str, dict[str, tuple[Any, Any]]]) -> None:
    for moment, differences in found.items():
        unlisted = {key: both for key, both in differences.items() if key not in LISTED}
        assert unlisted == {}, moment
        assert set(differences["replaced functions"][1]) <= LISTED["replaced functions"], moment
        plain, checked = (dict(variables) for variables in differences["environment"])
        set_by_the_test = {"STATE_FILE", "PYTHONDONTWRITEBYTECODE", "NETRA_TEST_RUN", *_KEPT}
        assert {name for name in checked if plain.get(name) != checked[name]} - set_by_the_test == VARIABLES, moment
    assert set(LISTED) - NOT_ALWAYS_SEEN <= set(found["startup"])
    assert not AT_STARTUP & set(found["import"]), "a thread has been started before the end of the import"


def test_every_change_of_the_process_is_listed(run: Runner) -> None:
    _assert_listed(_differences(run, sys.executable))


@pytest.mark.slow
@pytest.mark.parametrize("version", sorted(interpreters()))
def test_every_change_of_the_process_is_listed_on_each_version(run: Runner, version: str) -> None:
    _assert_listed(_differences(run, python_with("starlette", interpreter=interpreters()[version])))
