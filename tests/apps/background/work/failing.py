"""Background work of every kind that fails, and work that is left running after the shutdown."""

import asyncio
import concurrent.futures
import contextlib
import os
import signal
import subprocess
import threading

KEPT = set()
FACTORY_CALLS = []
STOPPED = threading.Event()


def refuses(*args):
    raise RuntimeError("called by the tool")


class RefusingTask(asyncio.Task):
    __eq__ = __bool__ = get_name = get_coro = cancelling = refuses
    __hash__ = asyncio.Task.__hash__


class RefusingThread(threading.Thread):
    __eq__ = __bool__ = is_alive = join = refuses
    __hash__ = threading.Thread.__hash__
    name = ident = property(refuses)


class Bridge:
    def start(self):
        self.pump = asyncio.create_task(fails("kept by a component"), name="pump")
        loop = asyncio.get_running_loop()
        loop.set_task_factory(lambda loop, *args, **kwargs: RefusingTask(*args, loop=loop, **kwargs))
        self.left = asyncio.create_task(waits(), name="left in a component")
        loop.set_task_factory(None)
        self.failed = RefusingTask(fails("kept and incomparable"), loop=loop, name="incomparable")


async def waits():
    await asyncio.Event().wait()


async def fails(why):
    raise ValueError(why)


def job_fails(why):
    raise ValueError(why)


def signal_handler():
    raise ValueError("signal handler")


def own_loop():
    async def main():
        asyncio.create_task(fails("task of another loop"), name="inner")
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(main())


def counting_factory(loop, coroutine, **kwargs):
    FACTORY_CALLS.append(coroutine)
    return RefusingTask(coroutine, loop=loop, **kwargs)


def with_factories(loop):
    loop.set_task_factory(counting_factory)
    asyncio.create_task(fails("made by a task factory"), name="manufactured")
    if hasattr(asyncio, "eager_task_factory"):
        loop.set_task_factory(asyncio.eager_task_factory)
        asyncio.create_task(fails("eager"), name="eager")
    loop.set_task_factory(None)


async def startup(app):
    loop = asyncio.get_running_loop()
    app.state.bridge = Bridge()
    app.state.bridge.start()
    asyncio.create_task(fails("dropped"), name="dropped")
    KEPT.add(asyncio.create_task(fails("kept in a module"), name="in a module"))
    app.state.gathered = asyncio.gather(fails("kept gather"))
    asyncio.gather(fails("dropped gather"))
    app.state.future = loop.create_future()
    app.state.future.set_exception(ValueError("kept future"))
    app.state.executor = concurrent.futures.ThreadPoolExecutor(1)
    app.state.executor.submit(job_fails, "submitted")
    loop.run_in_executor(None, job_fails, "run in executor")
    asyncio.run_coroutine_threadsafe(fails("run threadsafe"), loop)
    loop.call_soon(job_fails, "called soon")
    loop.call_later(0.005, job_fails, "called later")
    loop.add_signal_handler(signal.SIGUSR1, signal_handler)
    os.kill(os.getpid(), signal.SIGUSR1)
    threading.excepthook = lambda args: None
    threads = [
        threading.Thread(target=job_fails, args=("thread",), name="poller"),
        threading.Thread(target=own_loop, name="looper"),
    ]
    for thread in threads:
        thread.start()
        thread.join()
    asyncio.Task(fails("direct task"), loop=loop, name="direct")
    with_factories(loop)
    RefusingThread(target=STOPPED.wait, args=(20,), name="left-thread").start()
    app.state.process = subprocess.Popen(["sleep", "20"])
    await loop.run_in_executor(None, str)  # its worker waits for the next job, which is not left running


@contextlib.asynccontextmanager
async def lifespan(app):
    await startup(app)
    local = asyncio.create_task(fails("kept in a variable"), name="in a variable")
    yield
    assert len(FACTORY_CALLS) == 1, local
    app.state.executor.shutdown()
    KEPT.add(asyncio.create_task(asyncio.Event().wait(), name="left by the shutdown"))  # else it may be collected
    asyncio.create_task(fails("at shutdown"), name="at shutdown")
    await asyncio.sleep(0)


def create_app():
    from starlette.applications import Starlette

    return Starlette(lifespan=lifespan)
