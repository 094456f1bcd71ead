"""Background work that fails, and whose exception something retrieves; work that ends, or is meant to run on."""

import asyncio
import concurrent.futures
import contextlib
import logging
import sys
import threading
import time

import anyio
from starlette.applications import Starlette


async def fails():
    raise ValueError("expected")


def job_fails():
    raise ValueError("expected")


async def supervisor():
    """Restarts a task that fails."""
    while True:
        task = asyncio.create_task(fails())
        await asyncio.wait({task})
        logging.getLogger("app").warning("restarting", exc_info=task.exception())
        await asyncio.sleep(0.001)


def log_failure(task):
    if not task.cancelled() and task.exception() is not None:
        logging.getLogger("app").error("failed", exc_info=task.exception())


def poll(stop):
    while not stop.wait(0.01):
        pass


def poll_slowly(stopped):
    while not stopped:
        time.sleep(0.05)


async def in_groups():
    with contextlib.suppress(Exception):
        async with anyio.create_task_group() as group:
            group.start_soon(fails)
            group.start_soon(asyncio.sleep, 3600)
    await anyio.to_thread.run_sync(str)
    if sys.version_info >= (3, 11):
        with contextlib.suppress(Exception):
            async with asyncio.TaskGroup() as group:
                group.create_task(fails())
                group.create_task(asyncio.sleep(3600))


async def in_executors(loop):
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        with contextlib.suppress(ValueError):
            executor.submit(job_fails).result()
        executor.submit(job_fails).add_done_callback(log_failure_of_job)
        executor.submit(time.sleep, 0.001).cancel()
    for job in (loop.run_in_executor(None, job_fails), asyncio.to_thread(job_fails)):
        with contextlib.suppress(ValueError):
            await job
    threadsafe = asyncio.run_coroutine_threadsafe(fails(), loop)
    with contextlib.suppress(ValueError):
        await asyncio.wrap_future(threadsafe)


def log_failure_of_job(job):
    log_failure(job)


async def retrieve(future):
    await asyncio.sleep(0.005)
    with contextlib.suppress(ValueError):
        await future


async def become_ready(ready):
    await asyncio.sleep(0.04)
    ready.set()


@contextlib.asynccontextmanager
async def lifespan(app):
    loop, state = asyncio.get_running_loop(), app.state
    await in_groups()
    await in_executors(loop)
    state.results = asyncio.gather(fails(), fails(), return_exceptions=True)
    asyncio.create_task(fails()).add_done_callback(log_failure)
    with contextlib.suppress(ValueError):
        await asyncio.shield(fails())
    future = loop.create_future()
    future.set_exception(ValueError("expected"))
    loop.create_future().cancel()
    state.ready = asyncio.Event()
    state.tasks = [asyncio.create_task(work) for work in (supervisor(), retrieve(future), become_ready(state.ready))]
    leaving = threading.Thread(target=sys.exit, args=(3,))
    leaving.start()
    leaving.join()
    stop, stopped = threading.Event(), []
    threading.Thread(target=poll, args=(stop,), daemon=True).start()
    threading.Thread(target=poll_slowly, args=(stopped,)).start()
    yield
    assert state.ready.is_set(), "shutdown came before the application was ready"
    stopped.append(True)  # the thread ends a moment later
    for task in state.tasks:
        task.cancel()  # nothing awaits them: the event loop's owner does
    state.held = state.tasks


app = Starlette(lifespan=lifespan)
