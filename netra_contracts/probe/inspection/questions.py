"""Answers the questions of the plan about the components of a state."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, NamedTuple

from ...protocol.masking import mask
from ...protocol.names import nearest_name
from ...protocol.observed.answers import Answer, AnswerReason
from ...protocol.plan import Question, TypeSpec
from ...protocol.record import replace
from ..runtime import bounded_calls
from . import signatures, source_locations
from .object_graph import members
from .object_ids import ObjectIds
from .safe_inspect import MISSING, ComputedAttribute, dotted_name, lookup, names, type_name

#: A name that no object has, unless it answers to every name.
_NO_SUCH_NAME = "netra_contracts_asks_for_a_name_that_nothing_has"

#: Classes whose members a path names by their index.
SEQUENCES = (list, tuple, deque)
#: No index has as many digits.
LONGEST_NUMBER = 10

#: The item of an answer that `QuestionEvaluator.answer` has not numbered yet.
_UNNUMBERED = -1


class NoStateError(Exception):
    """There may be a state that has the component, but it was not found in the target."""


class ComponentNotFoundError(Exception):
    """An address below an entry, or in a module, leads to nothing.

    Attributes:
        missing: the address of the outermost object that does not exist.
        near: the nearest address that does.
        detail: why it does not, in words.
        reason: see `Answer.reason`.
    """

    def __init__(self, missing: str, *, near: str = "", detail: str = "", reason: AnswerReason = "") -> None:
        super().__init__(missing)
        self.missing = missing
        self.near = near
        self.detail = detail
        self.reason: AnswerReason = reason


class NotProvidedError(Exception):
    """It is unknown which object a provider returns. The message says why."""


#: Returns the object at an address, or `MISSING`, or raises one of these, or `NoAnswerError`.
Lookup = Callable[[str], Any]
#: Returns why it is unknown whether the objects of a question are the same; empty: it is known.
Refusal = Callable[[Question], str]


class PathLookup(NamedTuple):
    """The result of following a dotted path: the object at its end, or the first step that does not exist."""

    value: Any = None
    missing: str = ""
    near: str = ""
    detail: str = ""


def follow_path(obj: Any, path: str) -> PathLookup:
    """Follow a dotted path that a contract names. Properties and `__getattr__` run only if nothing else has the name.

    Raises:
        NoAnswerError: if a property does not return in time.
    """
    for step in path.split(".") if path else ():
        value = lookup(obj, step)
        if value is MISSING or type(value) is ComputedAttribute:
            value = _compute(obj, step, value is MISSING)
        if type(value) is PathLookup:
            return value
        obj = value
    return PathLookup(obj)


def _compute(obj: Any, step: str, is_dynamic: bool) -> Any:
    """Read an attribute that only code of the application can compute: a property or, if dynamic, `__getattr__`."""
    if is_dynamic:
        value = member(obj, step)
        if value is not MISSING:
            return value
    try:
        if is_dynamic and answers_to_every_name(obj):
            return PathLookup(
                missing=step, detail="its `__getattr__` answers to every name, so this one proves nothing"
            )
        return bounded_calls.call_with_timeout(lambda: getattr(obj, step))
    except AttributeError:
        return PathLookup(missing=step, near=nearest_name(step, names(obj)))
    except bounded_calls.NoAnswerError:
        raise
    except Exception as error:
        return PathLookup(missing=step, detail=f"reading it raised {dotted_name(type(error))}: {mask(str(error))}")


def member(obj: Any, step: str) -> Any:
    """The entry of a dict, or the member of a sequence, that a step of a path names; `MISSING`: there is none."""
    number = int(step) if step.isdecimal() and len(step) < LONGEST_NUMBER else None
    if issubclass(type(obj), dict):
        value = dict.get(obj, step, MISSING)
        return dict.get(obj, number, MISSING) if value is MISSING and number is not None else value
    if number is None or not issubclass(type(obj), SEQUENCES):
        return MISSING
    found = members(obj)
    return found[number] if number < len(found) else MISSING


def answers_to_every_name(obj: Any) -> bool:
    """Whether `__getattr__` of an object gives a name that nothing has: then its answer to another one proves nothing.

    Raises:
        NoAnswerError: if it does not return in time.
    """
    try:
        bounded_calls.call_with_timeout(lambda: getattr(obj, _NO_SUCH_NAME))
    except bounded_calls.NoAnswerError:
        raise
    except Exception:
        return False
    return True


class QuestionEvaluator:
    """Answers questions about the objects of one state.

    Args:
        find: returns the object at an address.
        versions: the objects that the recorder has seen.
        refusal: says which questions about identity have no answer.
    """

    def __init__(self, find: Lookup, versions: ObjectIds, refusal: Refusal = lambda question: "") -> None:
        self._find = find
        self._versions = versions
        self._refusal = refusal
        self._evaluators: dict[str, Callable[[Any, Question], Answer]] = {
            "present": self._present,
            "fits": self._fits,
            "attribute": self._attribute,
            "method": self._method,
            "same": self._same,
            "bound": self._bound,
        }

    def answer(self, items: list[tuple[int, Question]], moment: str) -> list[Answer]:
        """Answer questions, given with their index in the plan, as of now."""
        with bounded_calls.outside_event_loop():
            return [replace(self._answer_one(question), item=item, moment=moment) for item, question in items]

    def _answer_one(self, question: Question) -> Answer:
        try:
            value = self._find(question.component)
            if value is MISSING:
                return Answer(_UNNUMBERED, False, missing=question.component)
            answer = self._evaluators[question.kind](value, question)
        except Exception as error:
            return _unanswered(error, question)
        return answer if answer.actual else replace(answer, actual=type_name(type(value)))

    def _present(self, value: Any, question: Question) -> Answer:
        return Answer(_UNNUMBERED, True, is_none=value is None)

    def _fits(self, value: Any, question: Question) -> Answer:
        from . import type_matching

        spec = question.type or TypeSpec()
        match = type_matching.fits(value, spec)
        if value is None and match.holds and not type_matching.names_none(spec):
            match = match._replace(holds=False)  # a component may be None only if its contract says so
        return Answer(_UNNUMBERED, match.holds, detail=match.note, near=match.near, is_none=value is None)

    def _attribute(self, value: Any, question: Question) -> Answer:
        reached = follow_path(value, question.path)
        if reached.missing:
            return _not_found(reached)
        return Answer(_UNNUMBERED, reached.value is not None, is_none=reached.value is None)

    def _method(self, value: Any, question: Question) -> Answer:
        reached = follow_path(value, question.path)
        if reached.missing:
            return _not_found(reached)
        method = reached.value
        if not callable(method):
            return Answer(_UNNUMBERED, False, reason="not-callable", actual=type_name(type(method)))
        answers = [_async_answer(method, question), _signature_answer(method, question)]
        faults = [answer for answer in answers if answer is not None and answer.holds is False]
        unknown = [answer for answer in answers if answer is not None]
        return next(iter([*faults, *unknown, Answer(_UNNUMBERED, True)]))

    def _same(self, value: Any, question: Question) -> Answer:
        reached = follow_path(value, question.path)
        if reached.missing:
            return _not_found(reached)
        refused = self._refusal(question)
        if refused and question.path:
            return Answer(_UNNUMBERED, None, reason="not-provided", detail=refused)
        try:
            other = self._find(question.other)
        except ComponentNotFoundError:
            other = MISSING
        if refused and (other is MISSING or reached.value is other):
            return Answer(_UNNUMBERED, None, reason="not-provided", detail=refused)
        return Answer(
            _UNNUMBERED,
            None if other is MISSING else reached.value is other,
            reason="other-not-set" if other is MISSING else "",
            detail=refused,
            is_none=reached.value is None,
            actual=type_name(type(reached.value)),
            version=self._versions.known(reached.value),
        )

    def _bound(self, value: Any, question: Question) -> Answer:
        from . import type_matching

        match = type_matching.bound_holds(value, question.operator, question.operand)
        return Answer(_UNNUMBERED, match.holds, detail=match.note, is_none=value is None)


def _unanswered(error: Exception, question: Question) -> Answer:
    """The answer if looking for the component, or examining it, raised an exception."""
    if isinstance(error, ComponentNotFoundError):
        return Answer(
            _UNNUMBERED, False, missing=error.missing, near=error.near, detail=error.detail, reason=error.reason
        )
    if isinstance(error, NotProvidedError):
        return Answer(_UNNUMBERED, None, reason="not-provided", detail=str(error))
    if isinstance(error, NoStateError):
        return Answer(_UNNUMBERED, None, reason="no-state", detail="no state could be examined")
    if isinstance(error, bounded_calls.NoAnswerError):
        return Answer(_UNNUMBERED, None, detail=f"{question.path or 'its type'} cannot be read: {error}")
    return Answer(_UNNUMBERED, None, detail=f"inspecting it raised {dotted_name(type(error))}")


def _async_answer(method: Any, question: Question) -> Answer | None:
    """The answer about a method that is not async, or may not be; None if it is, or need not be."""
    is_async = signatures.is_async(method) if question.asynchronous else True
    if is_async is None:
        detail = "whether a call of it can be awaited is unknown: it is not `async def`, and no annotation says so"
        return Answer(_UNNUMBERED, None, detail=detail)
    return None if is_async else Answer(_UNNUMBERED, False, reason="not-async")


def _signature_answer(method: Any, question: Question) -> Answer | None:
    """The answer about a method that does not accept the call, or may not; None if it does."""
    if not question.signature:
        return None
    refused = signatures.refusal(method, signatures.parse_shape(question.signature))
    if refused is None:
        return Answer(_UNNUMBERED, None, detail="its signature cannot be read")
    if refused:
        location = source_locations.location_of_object(method)
        return Answer(_UNNUMBERED, False, reason="call-refused", detail=refused, location=location)
    return None


def _not_found(reached: PathLookup) -> Answer:
    return Answer(_UNNUMBERED, False, missing=reached.missing, near=reached.near, detail=reached.detail)
