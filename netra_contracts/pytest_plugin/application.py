"""The target's application in this process, with its lifespan run on an event loop in a thread of its own.

What the lifespan creates (connection pools, locks, queues) belongs to the event loop on which it runs. Requests arrive
on other loops: TestClient has one in a thread, an async test has that of its plugin. So while the application runs, it
handles all requests on the loop of its lifespan, with the state that this yielded, as with a server.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, TypeVar

from netra_contracts.errors import Problem, UsageError
from netra_contracts.probe.startup import target_loader
from netra_contracts.probe.startup.lifespans.lifespan import Lifespan
from netra_contracts.probe.startup.mounts import has_startup
from netra_contracts.probe.startup.wrappers import family_of, unwrap
from netra_contracts.pytest_plugin.declared import environment, importing_from
from netra_contracts.pytest_plugin.targets import CheckedTarget

T = TypeVar("T")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

#: The attribute by which an application of a framework passes requests on.
_HANDLERS = {"Starlette": "middleware_stack", "Litestar": "asgi_handler"}


#: How long a request waits for the event loop of the lifespan, in seconds.
_BLOCKED_S = 10.0
#: How many turns of both loops a message takes at most, and after how many messages a handler is cancelled in any case.
_TURNS, _MAX_MESSAGES = 5, 100


class StartupError(Exception):
    """The application did not start, stop or answer as it should, and no exception of it says why."""


class StartedApplication:
    """An application whose lifespan runs.

    Args:
        target: names the application.

    Attributes:
        app: the application; set by `start`.
        loop: the event loop of the lifespan.
    """

    def __init__(self, target: CheckedTarget) -> None:
        self._launch = target.launch
        self._variables = target.variables
        self.app: Any = None
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run_loop, name="netra-contracts lifespan", daemon=True)
        self._lifespan: Lifespan | None = None
        self._factory_context: Any = None
        self._state: dict[str, Any] = {}
        self._restore = contextlib.ExitStack()

    def start(self) -> None:
        """Import the application, build it if the target is a factory, and run its startup.

        Raises:
            UsageError: if the target is not an application.
            BaseException: what the application raised.
        """
        self._restore.enter_context(environment(self._variables))
        self._restore.enter_context(importing_from(self._launch.app_dir))
        self._thread.start()
        try:
            built = self._build()
            self._call(self._start(built), self._launch.options.startup_timeout, "startup")
            self._handle_requests_here()
        except BaseException as error:
            self._end()
            if isinstance(error, SystemExit):
                raise self._exited(error, "startup") from error
            raise

    def stop(self) -> None:
        """Run the shutdown.

        Raises:
            BaseException: what the application raised.
        """
        try:
            self._call(self._stop(), self._launch.options.shutdown_timeout, "shutdown")
        except SystemExit as error:
            raise self._exited(error, "shutdown") from error
        finally:
            self._end()

    def _exited(self, error: SystemExit, stage: str) -> StartupError:
        """What a fixture may raise instead of this exception, after which pytest cannot set it up again."""
        return StartupError(f"{stage} of `{self._launch.spec}` raised SystemExit: {error}")

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, run on the loop of the lifespan."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self.loop)
        is_stopped = False
        while not is_stopped:
            try:
                self.loop.run_forever()
                is_stopped = True
            except (SystemExit, KeyboardInterrupt):
                pass  # of a task: who waits for it gets it from there, if the loop goes on

    def _call(self, coroutine: Coroutine[Any, Any, None], timeout_s: float, stage: str) -> None:
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            future.result(timeout_s)
        except concurrent.futures.TimeoutError as error:
            if future.done():  # the application raised it
                raise
            future.cancel()
            message = f"{stage} of `{self._launch.spec}` did not end within {timeout_s:g} s"
            raise StartupError(f"{message}; `{stage}-timeout` in the configuration changes that") from error

    def _build(self) -> Any:
        """The object that the target names, or the result of the factory that it names."""
        launch = self._launch
        try:
            module = target_loader.import_target(launch.module, launch.app_dir)
            found = target_loader.find(module, launch.module, launch.attr)
            kind = target_loader.classify(found.value)
            if kind and launch.options.factory:
                kind = "factory"
            if kind == "factory" and launch.options.factory is not False:
                return target_loader.call_factory(found.value, f"`{launch.spec}`")
        except target_loader.LoadError as error:
            cause = error.__cause__
            if cause is not None and not isinstance(cause, AttributeError | ModuleNotFoundError):
                raise cause from None
            raise UsageError([Problem(error.failure.message, launch.spec)]) from cause
        return found.value

    async def _start(self, built: Any) -> None:
        if target_loader.must_be_awaited(built):
            built = await built
        if target_loader.is_async_context(built):
            self._factory_context = built
            built = await built.__aenter__()
        if target_loader.classify(built) != "application":
            hint = "the fixture `started_app` needs an application, or a factory of one"
            raise UsageError(
                [Problem(f"the target is an object of type {type(built).__name__}", self._launch.spec, hint)]
            )
        self.app = built
        inner = unwrap(built)
        knows = bool(family_of(inner))
        self._lifespan = Lifespan(built, self._state, knows, inner is built or has_startup(inner))
        outcome, failures = await self._lifespan.startup()
        if outcome not in ("ok", "unsupported"):
            raise self._lifespan.error or StartupError(failures[0].message)
        if outcome == "unsupported":
            self._lifespan = None

    async def _stop(self) -> None:
        if self._lifespan is not None:
            outcome, failures = await self._lifespan.shutdown()
            if outcome != "ok":
                raise self._lifespan.error or StartupError(failures[0].message)
        if self._factory_context is not None:
            await self._factory_context.__aexit__(None, None, None)

    def _handle_requests_here(self) -> None:
        """Have the application handle requests on the loop of its lifespan."""
        app = unwrap(self.app)
        name = _HANDLERS.get(family_of(app), "")
        if name == "middleware_stack" and app.middleware_stack is None:
            app.middleware_stack = app.build_middleware_stack()
        handler: Asgi | None = getattr(app, name, None) if name else None
        if handler is not None:
            setattr(app, name, _OnLoop(handler, self.loop, self._state))
            self._restore.callback(setattr, app, name, handler)

    def _end(self) -> None:
        """End the thread and restore what was changed."""
        self._restore.close()
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(_cancel_all(), self.loop)
            self._thread.join(self._launch.options.shutdown_timeout)
        if not self._thread.is_alive():
            self.loop.close()


class _OnLoop:
    """Passes requests on to a handler that runs on another event loop.

    A lifespan is answered at once: it runs already. So `with TestClient(app)` does not start the application again.
    """

    def __init__(self, handler: Asgi, loop: asyncio.AbstractEventLoop, state: dict[str, Any]) -> None:
        self._handler = handler
        self._loop = loop
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._answer(scope, receive, send)
            return
        scope["state"] = {**self._state, **scope.get("state", {})}
        caller = _running_loop()
        if caller is None or caller is self._loop:
            await self._handler(scope, receive, send)
            return
        await _Passed(self._loop, caller).run(self._handler, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {}).update(self._state)
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})


class _Passed:
    """A request that arrived on one loop and is handled on another one.

    Args:
        loop: on which it is handled.
        caller: on which it arrived, and which runs.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, caller: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._caller = caller
        self._messages = 0

    async def run(self, handler: Asgi, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until the handler has ended, also if that is cancelled."""
        begun: asyncio.Future[asyncio.Task[None]] = self._caller.create_future()

        async def handle() -> None:
            self._caller.call_soon_threadsafe(_resolve, begun, asyncio.current_task())
            await handler(scope, self._on_caller(receive), self._on_caller(send))

        handled = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(handle(), self._loop))
        cancelled = await self._wait_until_begun(begun)
        if not begun.done():
            handled.cancel()
            hint = "an async test that runs on it may be using a synchronous client"
            raise StartupError(f"the event loop of the lifespan has been blocked for {_BLOCKED_S:g} s: {hint}")
        cancelling = asyncio.ensure_future(self._cancel(begun.result())) if cancelled is not None else None
        while not handled.done():
            try:
                await asyncio.wait([handled])
            except asyncio.CancelledError as error:  # anyio repeats it until the handler has ended
                cancelled = error
                cancelling = cancelling or asyncio.ensure_future(self._cancel(begun.result()))
        if cancelled is not None and handled.cancelled():
            raise cancelled  # it says which scope of anyio it is of
        handled.result()

    async def _wait_until_begun(self, begun: asyncio.Future[asyncio.Task[None]]) -> asyncio.CancelledError | None:
        """Wait for the task of the handler, also if the request is cancelled before: then its exception is returned."""
        cancelled: asyncio.CancelledError | None = None
        until = self._caller.time() + _BLOCKED_S
        while not begun.done() and self._caller.time() < until:
            try:
                await asyncio.wait([begun], timeout=until - self._caller.time())
            except asyncio.CancelledError as error:
                cancelled = error
        return cancelled

    async def _cancel(self, task: asyncio.Task[None]) -> None:
        """Cancel the handler once it has got the messages that were sent to it before: that a WebSocket was closed."""
        for _ in range(_MAX_MESSAGES):
            before = self._messages
            for _ in range(_TURNS):  # of both loops, in which a message would arrive
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop))
            if self._messages == before:
                break
        self._loop.call_soon_threadsafe(task.cancel)

    def _on_caller(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that is awaited on the loop of the caller."""

        async def call(*args: Any) -> Any:
            self._messages += 1
            result = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(function(*args), self._caller))
            self._messages += 1
            return result

        return call


def _resolve(future: asyncio.Future[Any], value: object) -> None:
    """Give a future its result, unless nobody waits for it any more."""
    if not future.done():
        future.set_result(value)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """The running loop of asyncio; None under trio, to which nothing can be passed from another thread like this."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _cancel_all() -> None:
    """Cancel all other tasks of the running loop, then stop it."""
    loop = asyncio.get_running_loop()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=1.0)
    await loop.shutdown_asyncgens()
    with contextlib.suppress(TimeoutError):  # a function of the application still runs in a thread
        await asyncio.wait_for(loop.shutdown_default_executor(), 1.0)
    loop.call_soon(loop.stop)
