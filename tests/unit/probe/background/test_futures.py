"""The probe searches for failed futures only if the application has created one."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from netra_contracts import probe
from tests.interpreters import interpreters

#: What an application does in its startup, by whether it creates futures, all of which fail.
WITHOUT = ("pass", "loop.call_soon(len, ''); loop.call_later(5, len, '')", "asyncio.Event().set()")
WITH = (
    "kept.append(loop.create_future()); kept[0].set_exception(ValueError())",
    "kept.append(asyncio.Future()); kept[0].set_exception(ValueError())",
    "kept.append(asyncio.futures._PyFuture(loop=loop)); kept[0].set_exception(ValueError())",
    "kept.append(asyncio.create_task(fails()))",
    "kept.append(asyncio.Task(fails()))",
    "kept.append(asyncio.gather(fails()))",
    "loop.call_soon(lambda: kept.append(asyncio.ensure_future(fails())))",
    "loop.call_soon(asyncio.ensure_future, fails())",
    "kept.append(concurrent.futures.ThreadPoolExecutor().submit(int, 'x')); concurrent.futures.wait(kept)",
    "kept.append(threading.Thread(target=asyncio.run, args=[other_loop()])); kept[0].start(); kept[0].join()",
)
#: The functions of the application.
APPLICATION = """
async def fails():
    raise ValueError

async def other_loop():
    kept.append(asyncio.ensure_future(fails()))
"""
#: Each startup in a process of its own, since the hooks stay: prints whether futures were searched, and failures.
DRIVER = """
import asyncio, concurrent.futures, importlib, os, sys, threading, types
package = types.ModuleType("_netra_contracts")
package.__path__ = [sys.argv[1]]
sys.modules["_netra_contracts"] = package
from _netra_contracts.probe.background.monitor import BackgroundMonitor
from _netra_contracts.probe.background.origins import Origins
from _netra_contracts.probe.startup.lifespans.lifespan import Lifespan

def app(code):
    async def app(scope, receive, send):
        await receive()
        exec(code, {**globals(), "loop": asyncio.get_running_loop()})
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    return app

async def run(code):
    lifespan = Lifespan(app(code), {}, True)
    monitor.own.append(lifespan.task)
    await lifespan.startup()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await lifespan.shutdown()

kept = []
exec(sys.argv[2])
for code in sys.argv[3:]:
    if not os.fork():
        monitor = BackgroundMonitor(Origins(lambda: "startup"))
        monitor.install()
        loop = asyncio.new_event_loop()
        monitor.observe_loops(loop)
        loop.run_until_complete(loop.create_task(run(code)))
        monitor.collect(final=True)
        print([code, "_netra_contracts.probe.background.failed_futures" in sys.modules, len(monitor.failed())])
        sys.stdout.flush()
        os._exit(0)
    os.wait()
"""


@pytest.mark.parametrize("version", sorted(interpreters()))
def test_failed_futures_are_searched_if_the_application_has_created_one(version: str) -> None:
    folder = Path(probe.__file__).parent
    # As code of the probe: what it creates itself does not count.
    script = f"exec(compile({DRIVER!r}, {str(folder / 'driver.py')!r}, 'exec'))"
    command = [interpreters()[version], "-I", "-c", script, str(folder.parent), APPLICATION, *WITHOUT, *WITH]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    results = [ast.literal_eval(line) for line in run.stdout.splitlines() if line.startswith("[")]
    expected = [*([code, False, 0] for code in WITHOUT), *([code, True, 1] for code in WITH)]
    assert results == expected, run.stderr
