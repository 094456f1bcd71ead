"""Finds out how the methods that create and release instances are called."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, NamedTuple

from ...protocol.names import nearest_name
from ...protocol.observed.failures import StageFailure
from ..inspection import questions
from ..inspection.safe_inspect import MISSING, class_attribute, class_name, names


class StepFailedError(Exception):
    """A step of a synthetic user failed. `step` says which, `failure` why."""

    def __init__(self, step: Any, failure: StageFailure) -> None:
        self.step = step
        self.failure = failure
        super().__init__(failure.message)


class Arguments(NamedTuple):
    """The arguments of one call."""

    positional: tuple[Any, ...]
    by_name: dict[str, Any]

    def describe(self) -> str:
        """How many there are, and the names of those that have one."""
        found = [f"{len(self.positional)} positional argument{'s' * (len(self.positional) != 1)}"]
        if self.by_name:
            found = [*(found if self.positional else ()), ", ".join(f"`{name}`" for name in self.by_name)]
        return " and ".join(found)


def signature_of(function: Any) -> inspect.Signature | None:
    """The parameters of a function; None if they are unknown, as those of many builtin functions are."""
    try:
        return inspect.signature(function)
    except Exception:
        return None


def create_arguments(function: Any, context: Any, has_context: bool) -> Arguments:
    """How `create` is called for a user.

    Args:
        function: the method.
        context: what the function `context` of the contract returned, or the user's id.
        has_context: whether the contract names such a function.

    Raises:
        StepFailedError: if the function cannot be called with that.
    """
    ways = [Arguments((context,), {})]
    if type(context) is tuple and has_context:
        ways.insert(0, Arguments(context, {}))
    elif issubclass(type(context), dict) and has_context and all(type(key) is str for key in context):
        ways.insert(0, Arguments((), dict(context)))
    elif not has_context or context is None:
        ways.append(Arguments((), {}))
    signature = signature_of(function)
    if signature is None:
        return ways[0]
    required = [name for name, parameter in signature.parameters.items() if _is_required_keyword(parameter)]
    if not has_context and len(required) == 1:
        ways.insert(1, Arguments((), {required[0]: context}))
    for arguments in ways:
        if _accepts(signature, arguments):
            return arguments
    raise _cannot_be_called("create", signature, ways[0])


def _is_required_keyword(parameter: inspect.Parameter) -> bool:
    return parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.default is inspect.Parameter.empty


def _accepts(signature: inspect.Signature, arguments: Arguments) -> bool:
    try:
        signature.bind(*arguments.positional, **arguments.by_name)
    except TypeError:
        return False
    return True


def _cannot_be_called(step: str, signature: inspect.Signature, arguments: Arguments) -> StepFailedError:
    parameters = ", ".join(
        ("*" if parameter.kind is inspect.Parameter.VAR_POSITIONAL else "") + name
        for name, parameter in signature.parameters.items()
    )
    message = f"it takes ({parameters}), and was given {arguments.describe()}"
    return StepFailedError(step, StageFailure("raised", message, missing="arguments"))


def release_function(component: Any, path: str, instance: Any) -> Callable[[], Any]:
    """The call that releases an instance: of the component's method, with the instance, or of the instance's method.

    If both have such a method, that of the component is called only if it requires an argument.

    Raises:
        StepFailedError: if neither has it, or it cannot be called like that.
    """
    of_component = questions.follow_path(component, path)
    if not of_component.missing and callable(of_component.value):
        signature = signature_of(of_component.value)
        with_instance = Arguments((instance,), {})
        if signature is None or (_accepts(signature, with_instance) and not _accepts(signature, Arguments((), {}))):
            return functools.partial(of_component.value, instance)
        found = questions.follow_path(instance, path)
        if found.missing or not callable(found.value):
            if _accepts(signature, with_instance):
                return functools.partial(of_component.value, instance)
            raise _cannot_be_called("release", signature, with_instance)
    else:
        found = questions.follow_path(instance, path)
    if found.missing or not callable(found.value):
        near = found.near or of_component.near or nearest_name(path, (*names(component), *names(instance)))
        message = (
            f"`release` asks for `{path}`, and neither the component (`{class_name(component)}`) "
            f"nor the instance (`{class_name(instance)}`) has such a method"
        )
        raise StepFailedError("release", StageFailure("raised", message, missing=path, near=near))
    signature = signature_of(found.value)
    if signature is not None and not _accepts(signature, Arguments((), {})):
        raise _cannot_be_called("release", signature, Arguments((), {}))
    return found.value  # type: ignore[no-any-return] # the application's method


def is_context_manager(obj: Any) -> bool:
    """Whether an object's class defines how to enter it."""
    return any(class_attribute(type(obj), name) is not MISSING for name in ("__aenter__", "__enter__"))
