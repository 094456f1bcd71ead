"""Which expression of a request a stored value comes from."""

from __future__ import annotations

from ..syntax.facts import ROOTS, Value
from ..syntax.frameworks import USER_ATTRIBUTES, is_user_word
from .request_time import RequestTime
from .resolution import Resolution


def user_data(resolution: Resolution, request_time: RequestTime, number: int, index: int) -> str:
    """The expression of the request that the value comes from which a step stores; empty: none was found."""
    facts = resolution.files[number].facts
    step = facts.steps[index]
    for source in facts.user_data.get(str(index), ()):
        if isinstance(source, str) and source.startswith("!"):
            return source[1:]
        if (
            isinstance(source, str)
            and source.startswith("?")
            and _is_endpoint(resolution, request_time, number, step.function)
        ):
            return source[1:]
        if isinstance(source, int) and _is_of_user(resolution, number, source):
            return _text(resolution, number, source)
    return ""


def _is_endpoint(resolution: Resolution, request_time: RequestTime, number: int, function: int) -> bool:
    functions = resolution.files[number].facts.functions
    while function and (number, function) not in request_time.endpoints:
        function = functions[function].outer
    return function > 0


def _is_of_user(resolution: Resolution, number: int, index: Value) -> bool:
    assert isinstance(index, int)  # noqa: S101 - as the caller says
    step = resolution.files[number].facts.steps[index]
    if step.kind in ROOTS or step.kind not in ("attribute", "item", "get"):
        return False
    parent = resolution.role(number, step.parent)
    if parent is None:
        return False
    if parent.kind in ("request", "scope"):
        return step.name in USER_ATTRIBUTES
    return parent.kind == "state" and parent.scope == "request" and is_user_word(step.name)


def _text(resolution: Resolution, number: int, index: int) -> str:
    """A chain as source, such as `request.json()`."""
    file = resolution.files[number]
    text = "()" if index in file.called else ""
    step = file.facts.steps[index]
    while step.parent >= 0:
        text = (f'["{step.name}"]' if step.kind == "item" else f".{step.name}") + text
        index = step.parent
        step = file.facts.steps[index]
    return file.facts.labels.get(str(index), "request") + text
