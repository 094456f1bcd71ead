"""Exceptions of executors' jobs that nothing retrieves, in a process of its own: the hooks stay for its whole life."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import asyncio, concurrent.futures, gc
from netra_contracts.probe.background import executor_jobs
from netra_contracts.probe.background.origins import Origins

lost = []
executor_jobs.install(Origins(lambda: "startup"), lambda future, error: lost.append(str(error)), lambda: None)

def fails(why):
    raise ValueError(why)

with concurrent.futures.ThreadPoolExecutor(1) as executor:
    executor.submit(fails, "dropped")
    executor.submit(fails, "retrieved by a callback").add_done_callback(lambda job: job.exception())
    asked = executor.submit(fails, "asked for")
    shown = executor.submit(fails, "only shown")
try:
    asked.result()
except ValueError:
    pass
repr(shown)
del asked, shown

async def awaits():
    loop = asyncio.get_running_loop()
    try:
        await loop.run_in_executor(None, fails, "awaited")
    except ValueError:
        pass

asyncio.run(awaits())
gc.collect()
print(sorted(lost))
"""


def test_only_jobs_whose_exception_nothing_asked_for_are_lost() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == ("['dropped', 'only shown']", "")
