"""Answers the questions whether an object allows what code does with it."""

from __future__ import annotations

from typing import Any

from ...protocol.plan import Question
from ...protocol.source_usage import UseAnswer
from ..inspection import signatures, source_locations
from ..inspection.safe_inspect import MISSING, ComputedAttribute, class_attribute, class_name, type_name
from .loaded_code import LoadedCode
from .paths import UnknownError, follow, has_special
from .results import function_of, is_plain_class, result_classes

#: The special methods that each kind of use needs: one of each group.
_SPECIAL: dict[str, tuple[tuple[str, ...], ...]] = {
    "await": (("__await__",),),
    "with": (("__enter__",), ("__exit__",)),
    "async-with": (("__aenter__",), ("__aexit__",)),
    "iterate": (("__iter__", "__getitem__"),),
    "async-iterate": (("__aiter__",),),
    "subscript": (("__getitem__",),),
}


def answer(obj: Any, question: Question, code: LoadedCode) -> UseAnswer:
    """Whether an object allows a use.

    Args:
        obj: the component.
        question: of a kind that is about uses.
        code: what the process has loaded.
    """
    try:
        return _answer(obj, question, code)
    except Exception:  # `UnknownError`, or one of the metaclass of an unusual object
        return UseAnswer(question, None)


def _answer(obj: Any, question: Question, code: LoadedCode) -> UseAnswer:
    reached = follow(obj, question.path, code)
    if reached.missing:
        return UseAnswer(question, False, reached.holder, reached.missing, reached.near)
    value = reached.value
    if question.kind == "exists":
        return UseAnswer(question, True)
    if type(value) is ComputedAttribute or value is None:  # an attribute that is None may be set when it is needed
        raise UnknownError
    if question.kind == "call":
        return _call(value, question)
    if question.called:
        refused = _call(value, question)
        return refused if refused.holds is False else _of_result(value, question)
    holds = _allows(value, question.kind)
    return UseAnswer(question, holds, "" if holds else type_name(type(value)))


def _of_result(value: Any, question: Question) -> UseAnswer:
    """Whether the result of a call allows a use. The call is not made: what is returned may be known without it."""
    classes = result_classes(value)
    if not classes:
        is_async = signatures.is_async(value) if question.kind == "await" and _is_plain(value) else None
        return UseAnswer(question, is_async)
    refusing = [cls for cls in classes if not _class_allows(cls, question.kind)]
    if len(refusing) < len(classes):
        return UseAnswer(question, None if refusing else True)
    return UseAnswer(question, False, type_name(refusing[0]))


def _is_plain(value: Any) -> bool:
    """Whether a value is a function that nothing wraps and that says nothing of what it returns."""
    function = function_of(value)
    return function is not None and "__wrapped__" not in function.__dict__ and "return" not in function.__annotations__


def _call(value: Any, question: Question) -> UseAnswer:
    if not callable(value):
        return UseAnswer(question, False, type_name(type(value)))
    if not question.signature:
        return UseAnswer(question, True)
    function = _plain_function(value)
    if function is None:
        return UseAnswer(question, None)
    refused = signatures.refusal(function, signatures.parse_shape(question.signature), follow_wrapped=False)
    if not refused:
        return UseAnswer(question, True if refused == "" else None)
    location = source_locations.location_of_object(function)
    return UseAnswer(question, False, type_name(type(value)), refused=refused, location=location)


def _plain_function(value: Any) -> Any:
    """The function or bound method whose signature says what a call accepts; None: nothing that can be read does."""
    if issubclass(type(value), type):
        return value if is_plain_class(value) else None
    if class_name(value) not in ("function", "method", "partial"):
        value = _bound_call(value)
    function = function_of(value)
    if function is not None:
        return None if "__signature__" in function.__dict__ else value
    return value if class_name(value) == "partial" and _plain_function(value.func) is not None else None


def _bound_call(value: Any) -> Any:
    call = class_attribute(type(value), "__call__")
    return call.__get__(value, type(value)) if class_name(call) == "function" else None


def _allows(value: Any, kind: str) -> bool:
    """Whether an object allows a use, by its class."""
    cls = type(value)
    if kind == "await" and class_name(value) in ("coroutine", "generator"):
        return True
    if kind == "subscript" and issubclass(cls, type):
        return class_attribute(value, "__class_getitem__") is not MISSING or has_special(cls, "__getitem__")
    return all(has_special(cls, *group) for group in _SPECIAL[kind])


def _class_allows(cls: type, kind: str) -> bool:
    return all(has_special(cls, *group) for group in _SPECIAL[kind])
