"""Makes instances for several users at once, the way the application would, and lets them go again."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from typing import Any, Callable

from ...protocol.failures import StageFailure
from ...protocol.plan import IsolationRequest
from ...protocol.users import user_name
from ..inspection import object_graph, questions
from ..inspection.safe_inspect import MISSING, class_attribute, class_name
from ..runtime import exceptions, stack_snapshots
from ..startup import target_loader

#: Seconds that making an instance, or letting it go, may take.
PATIENCE_S = 5.0


class StepFailedError(Exception):
    """A step of a user's life failed: `step` and `fault` say which and how."""

    def __init__(self, step: Any, fault: StageFailure) -> None:
        self.step = step
        self.fault = fault
        super().__init__(fault.message)


def function_at(reference: str) -> Any:
    """The function that `module:attr` names.

    Raises:
        LoadError: if it names nothing.
        Exception: whatever importing the module raises.
    """
    module, _, attr = reference.partition(":")
    return target_loader.find(importlib.import_module(module), attr).value


class InstanceFactory:
    """Knows how one component makes an instance for a user, and takes it back.

    Args:
        component: the object that has the methods.
        asked: their names.

    Raises:
        LookupError: if a method is not there.
    """

    def __init__(self, component: Any, asked: IsolationRequest) -> None:
        self.create_function = _method(component, asked.create)
        self._release = _method(component, asked.release) if asked.release else None
        self._context: Callable[[str], Any] = function_at(asked.context) if asked.context else lambda user_id: user_id
        #: Whether instances were let go in a way that the contract names.
        self.releases = self._release is not None

    async def context_for(self, user_id: str) -> Any:
        """What `create` takes.

        Raises:
            FailedError: if there is none.
        """
        return await _step("context", self._context, user_id)

    async def create(self, context: Any) -> tuple[Any, Any]:
        """An instance, and the context manager that gave it, if one did.

        Raises:
            FailedError: if there is none.
        """
        made = await _step("create", self.create_function, context)
        if not self._is_entered(made):
            return _checked(made), None
        self.releases = True
        enter = "__aenter__" if class_attribute(type(made), "__aenter__") is not MISSING else "__enter__"
        return _checked(await _step("create", getattr(made, enter))), made

    def _is_entered(self, made: Any) -> bool:
        """A manager that `contextlib` made is good for nothing else; others are entered where nothing releases them."""
        if class_name(made) in ("_AsyncGeneratorContextManager", "_GeneratorContextManager"):
            return True
        kind = type(made)
        enters = "__aenter__", "__enter__"
        return self._release is None and any(class_attribute(kind, name) is not MISSING for name in enters)

    async def release(self, instance: Any, manager: Any) -> None:
        """Let an instance go.

        Raises:
            FailedError: if that fails.
        """
        if manager is not None:
            leave = "__aexit__" if class_attribute(type(manager), "__aexit__") is not MISSING else "__exit__"
            await _step("release", getattr(manager, leave), None, None, None)
        elif self._release is not None:
            await _step("release", self._release, instance)


def _method(component: Any, path: str) -> Any:
    reached = questions.follow_path(component, path)
    if reached.missing or not callable(reached.value):
        raise LookupError(path)
    return reached.value


def _checked(instance: Any) -> Any:
    """An instance, if it is one: of `None` or a number, nothing could be shown."""
    if not object_graph.is_followed(instance):
        gave = "None" if instance is None else f"an object of type `{class_name(instance)}`, which holds nothing"
        raise StepFailedError("create", StageFailure("raised", f"it gave {gave}"))
    return instance


async def _step(step: str, function: Any, *arguments: Any) -> Any:
    """Call a function, and await what it gives."""
    try:
        result = function(*arguments)
        return await result if inspect.isawaitable(result) else result
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        raise StepFailedError(step, exceptions.of_exception("raised", error)) from error


class SyntheticUser:
    """One made-up user, from context to release, in a task of its own: a context manager is left where it was entered.

    Args:
        number: from 0.
        user_id: a text that no other user has, and nothing else holds.
    """

    def __init__(self, number: int, user_id: str) -> None:
        self.number = number
        self.name = user_name(number)
        self.user_id = user_id
        self.instance: Any = None
        self.failed: StepFailedError | None = None
        self._step: Any = "context"
        self._ready = asyncio.Event()
        self._leave = asyncio.Event()
        self._task: Any = None

    async def arrive(self, maker: InstanceFactory) -> None:
        """Have an instance made."""
        self._task = asyncio.ensure_future(self._live(maker))
        await self._in_time(self._ready.wait())

    async def leave(self) -> None:
        """Let it go; the user still holds on to the object itself."""
        self._leave.set()
        if self._task is not None and self.failed is None:
            await self._in_time(asyncio.shield(self._task))

    async def _in_time(self, awaited: Any) -> None:
        try:
            await asyncio.wait_for(awaited, PATIENCE_S)
        except asyncio.TimeoutError:
            self.failed = StepFailedError(self._step, _too_late(self._task))
            self._task.cancel()

    async def _live(self, maker: InstanceFactory) -> None:
        try:
            context = await maker.context_for(self.user_id)
            self._step = "create"
            self.instance, manager = await maker.create(context)
            del context
            self._ready.set()
            await self._leave.wait()
            self._step = "release"
            await maker.release(self.instance, manager)
        except StepFailedError as error:
            self.failed = error
        except asyncio.CancelledError as error:  # it ends this task, in either case
            self.failed = self.failed or StepFailedError(self._step, exceptions.of_exception("raised", error))
        finally:
            self._ready.set()


def _too_late(task: Any) -> StageFailure:
    where = stack_snapshots.task_stack(task)
    return StageFailure("timeout", f"it did not end within {PATIENCE_S:g} s", location=where.location, stacks=(where,))
