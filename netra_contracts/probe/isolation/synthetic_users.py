"""Creates instances for several synthetic users at once, as the application would, and releases them."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import importlib
import inspect
import math
import time
from typing import Any

from ...protocol.location import Location
from ...protocol.observed.failures import StageFailure
from ...protocol.plan import IsolationRequest
from ...protocol.users import user_name
from ..inspection import object_graph, questions, source_locations
from ..inspection.safe_inspect import MISSING, class_attribute, class_name
from ..runtime import exceptions, stack_snapshots
from ..startup import target_loader
from . import calls
from .calls import StepFailedError

#: Timeout for creating an instance, and for releasing it, in seconds.
TIMEOUT_S = 5.0
#: What a step gets at least, however near the deadline of the user is, in seconds.
MIN_TIMEOUT_S = 0.5


def function_at(reference: str) -> Any:
    """The function that `module:attr` names.

    Raises:
        LoadError: if it names nothing.
        Exception: whatever importing the module raises.
    """
    module, _, attr = reference.partition(":")
    return target_loader.find(importlib.import_module(module), module, attr).value


class InstanceFactory:
    """Creates and releases instances of one component.

    Args:
        component: the object that has the methods.
        request: their names.

    Raises:
        LookupError: if `create` is not there.
        Exception: whatever importing the functions that the contract names raises.
    """

    def __init__(self, component: Any, request: IsolationRequest) -> None:
        self.create_function = _method(component, request.create)
        self._component = component
        self._release = request.release
        self._context = function_at(request.context) if request.context else None
        self._release_function = function_at(request.release) if ":" in request.release else None
        #: Whether instances are released: the contract names a method for it, or they are context managers.
        self.releases = bool(self._release)
        #: Where the function that has released an instance is defined.
        self.release_location: Location | None = source_locations.location_of_object(self._release_function)

    @property
    def functions(self) -> list[Any]:
        """The functions that create and release instances, as far as they are known without an instance."""
        release = questions.follow_path(self._component, self._release) if self._release else None
        found = [self.create_function, self._context, self._release_function]
        return [*found, release.value] if release is not None and not release.missing else found

    async def context_for(self, user_id: str) -> Any:
        """What `create` is called with.

        Raises:
            StepFailedError: if that fails.
        """
        return user_id if self._context is None else await _step("context", self._context, user_id)

    async def create(self, context: Any) -> tuple[Any, Any]:
        """An instance, and the context manager that it was entered from, if any.

        Raises:
            StepFailedError: if that fails.
        """
        arguments = calls.create_arguments(self.create_function, context, self._context is not None)
        made = await _step("create", self.create_function, *arguments.positional, **arguments.by_name)
        del arguments
        if not self._is_entered(made):
            return _checked(made), None
        self.releases = True
        enter = "__aenter__" if class_attribute(type(made), "__aenter__") is not MISSING else "__enter__"
        return _checked(await _step("create", getattr(made, enter))), made

    def _is_entered(self, made: Any) -> bool:
        """Whether to enter what `create` returned: always if `contextlib` made it, else if nothing releases it."""
        if class_name(made) in ("_AsyncGeneratorContextManager", "_GeneratorContextManager"):
            return True
        return not self._release and calls.is_context_manager(made)

    async def release(self, instance: Any, manager: Any) -> None:
        """Release an instance.

        Raises:
            StepFailedError: if that fails.
        """
        if manager is not None:
            leave = "__aexit__" if class_attribute(type(manager), "__aexit__") is not MISSING else "__exit__"
            await _step("release", getattr(manager, leave), None, None, None)
        elif self._release_function is not None:
            await _step("release", self._release_function, instance)
        elif self._release:
            function = await _step("release", calls.release_function, self._component, self._release, instance)
            if self.release_location is None:
                defined = function.func if type(function) is functools.partial else function
                self.release_location = source_locations.location_of_object(defined)
            await _step("release", function)


def _method(component: Any, path: str) -> Any:
    found = questions.follow_path(component, path)
    if found.missing or not callable(found.value):
        raise LookupError(path)
    return found.value


def _checked(instance: Any) -> Any:
    """The instance, unless it is None or another object that cannot refer to others."""
    if not object_graph.is_followed(instance):
        result = "None" if instance is None else f"an object of type `{class_name(instance)}`, which has no attributes"
        raise StepFailedError("create", StageFailure("raised", f"it returned {result}"))
    return instance


async def _step(step: str, function: Any, *arguments: Any, **by_name: Any) -> Any:
    """Call a function, and await its result if that is awaitable."""
    try:
        result = function(*arguments, **by_name)
        return await result if inspect.isawaitable(result) else result
    except (asyncio.CancelledError, StepFailedError):
        raise
    except BaseException as error:
        raise StepFailedError(step, exceptions.of_exception("raised", error)) from error


class SyntheticUser:
    """One synthetic user, from context to release, in a task of its own, where context managers are entered and left.

    Args:
        number: from 0.
        user_id: a text that occurs nowhere else.
        deadline: when creating and releasing the instance must have ended, by `time.monotonic`.

    Attributes:
        context: the values of context variables once the instance has been created.
        took_s: how long creating the instance and releasing it took, in seconds.
        waited_s: how long a step was waited for that did not end, in seconds.
    """

    def __init__(self, number: int, user_id: str, deadline: float = math.inf) -> None:
        self.number = number
        self.name = user_name(number)
        self.user_id = user_id
        self.instance: Any = None
        self.failed: StepFailedError | None = None
        self.took_s = 0.0
        self.waited_s = 0.0
        self.context = contextvars.Context()
        self._deadline = deadline
        self._step: Any = "context"
        self._ready = asyncio.Event()
        self._leave = asyncio.Event()
        self._task: Any = None

    async def arrive(self, factory: InstanceFactory) -> None:
        """Have an instance created."""
        self._task = asyncio.ensure_future(self._live(factory))
        await self._with_timeout(self._ready.wait())

    async def leave(self) -> None:
        """Have the instance released; the user keeps a reference to it."""
        self._leave.set()
        if self._task is not None and self.failed is None:
            await self._with_timeout(asyncio.shield(self._task))

    async def _with_timeout(self, awaited: Any) -> None:
        timeout_s = min(TIMEOUT_S, max(self._deadline - time.monotonic(), MIN_TIMEOUT_S))
        try:
            await asyncio.wait_for(awaited, timeout_s)
        except asyncio.TimeoutError:
            self.waited_s = timeout_s
            self.failed = StepFailedError(self._step, _timeout_failure(self._task, timeout_s))
            self._task.cancel()

    async def _live(self, factory: InstanceFactory) -> None:
        began = time.monotonic()
        try:
            context = await factory.context_for(self.user_id)
            self._step = "create"
            self.instance, manager = await factory.create(context)
            del context
            self.took_s = time.monotonic() - began
            self.context = contextvars.copy_context()
            self._ready.set()
            await self._leave.wait()
            self._step = "release"
            began = time.monotonic()
            await factory.release(self.instance, manager)
            self.took_s += time.monotonic() - began
        except StepFailedError as error:
            self.failed = error
        except asyncio.CancelledError as error:  # this task ends in either case
            self.failed = self.failed or StepFailedError(self._step, exceptions.of_exception("raised", error))
        finally:
            self._ready.set()


def _timeout_failure(task: Any, timeout_s: float) -> StageFailure:
    stack = stack_snapshots.task_stack(task)
    return StageFailure("timeout", f"it did not end within {timeout_s:.2g} s", location=stack.location, stacks=(stack,))
