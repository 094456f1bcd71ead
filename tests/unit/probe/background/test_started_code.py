"""Names of what tasks, threads and processes were started with."""

from __future__ import annotations

import asyncio
import functools
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from netra_contracts.probe.background import started_code

HERE = __name__


class Consumer:
    def __init__(self, entered: threading.Event, stop: threading.Event) -> None:
        self.entered, self.stop = entered, stop

    def run(self) -> None:
        self.entered.set()
        self.stop.wait(30)

    def __call__(self) -> None:
        self.run()


class Orders(Consumer):
    pass


class Poller(threading.Thread):
    def __init__(self, consumer: Consumer) -> None:
        super().__init__()
        self.consumer = consumer

    def run(self) -> None:
        self.consumer.run()


def job(consumer: Consumer) -> None:
    consumer.run()


def _thread(case: str, consumer: Consumer) -> threading.Thread:
    if case == "subclass":
        return Poller(consumer)
    targets: dict[str, Any] = {
        "method": consumer.run,
        "partial": functools.partial(job, consumer),
        "callable": consumer,
        "library": consumer.stop.wait,
    }
    return threading.Thread(target=targets[case], name="a name with the number 7")


@pytest.mark.parametrize(
    ("case", "name"),
    [
        ("method", f"{HERE}:Orders.run"),
        ("partial", f"{HERE}:job"),
        ("callable", f"{HERE}:Orders"),
        ("subclass", f"{HERE}:Poller.run"),
        ("library", "threading:Event.wait"),
    ],
)
def test_thread_is_named_after_its_target(case: str, name: str) -> None:
    entered, stop = threading.Event(), threading.Event()
    thread = _thread(case, Orders(entered, stop))
    thread.start()
    try:
        assert started_code.of_thread(thread, sys._current_frames().get(thread.ident or 0)).name == name
    finally:
        stop.set()
        thread.join()


def test_worker_of_an_executor_is_named_after_its_job() -> None:
    entered, stop = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as executor:
        executor.submit(job, Consumer(entered, stop))
        assert entered.wait(30)
        [thread] = executor._threads
        started = started_code.of_thread(thread, sys._current_frames().get(thread.ident or 0))
        stop.set()
    assert started.name == f"{HERE}:job"


async def poll() -> None:
    await asyncio.Event().wait()


def test_task_is_named_after_its_coroutine_and_not_after_a_wrapper_of_anyio() -> None:
    names: list[str] = []

    async def main() -> None:
        direct = asyncio.create_task(poll(), name="poll-7f3a")
        async with anyio.create_task_group() as group:
            before = asyncio.all_tasks()
            group.start_soon(poll)
            await anyio.lowlevel.checkpoint()
            await anyio.lowlevel.checkpoint()
            [inner] = asyncio.all_tasks() - before
            names.extend(started_code.of_task(task).name for task in (direct, inner))
            group.cancel_scope.cancel()
        direct.cancel()

    asyncio.run(main())
    assert names == [f"{HERE}:poll"] * 2


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["/usr/bin/python3.12", "-X", "dev", "-u", "/srv/a/work.py", "--token=x"], "python work.py"),
        (["/opt/python", "-m", "celery", "worker"], "python -m celery"),
        (["python3", "-c", "import secrets"], "python"),
        (["redis-server", "*:6379"], "redis-server"),
        ([""], "kernel"),
    ],
)
def test_command_has_no_argument_but_a_script_or_module(words: list[str], command: str) -> None:
    assert started_code.command_of(words, "kernel") == command
