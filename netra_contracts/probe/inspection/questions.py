"""Answers the plan: finds out, and judges nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, NamedTuple

from ...protocol.masking import mask
from ...protocol.names import nearest_name
from ...protocol.observation import Answer
from ...protocol.plan import Question, TypeSpec
from ..runtime import bounded_calls, exceptions
from ..startup.recorder import ObjectIds
from . import signatures, source_locations, type_matching
from .safe_inspect import MISSING, ComputedAttribute, lookup, names

_NO_SUCH_NAME = "netra_contracts_asks_for_a_name_that_nothing_has"

#: The item of an answer that `QuestionEvaluator.answer` has not numbered yet.
_UNNUMBERED = -1

#: Gives the object at an address, or `MISSING`.
Lookup = Callable[[str], Any]


class PathLookup(NamedTuple):
    """Where a dotted path led: to `thing`, or as far as the step `missing`."""

    thing: Any = None
    missing: str = ""
    near: str = ""
    detail: str = ""


def follow_path(thing: Any, path: str) -> PathLookup:
    """Follow a dotted path that a contract names. Properties and `__getattr__` are asked only where they must be."""
    for step in path.split(".") if path else ():
        found = lookup(thing, step)
        if found is MISSING or type(found) is ComputedAttribute:
            found = _ask(thing, step, found is MISSING)
        if type(found) is PathLookup:
            return found
        thing = found
    return PathLookup(thing)


def _ask(thing: Any, step: str, must_discriminate: bool) -> Any:
    """Read an attribute that only the application's own code can give."""
    if issubclass(type(thing), dict) and must_discriminate:
        value = dict.get(thing, step, MISSING)
        if value is not MISSING:
            return value
    try:
        if must_discriminate and _answers(thing, _NO_SUCH_NAME):
            return PathLookup(
                missing=step, detail="its `__getattr__` answers to every name, so this one proves nothing"
            )
        return bounded_calls.call_with_timeout(lambda: getattr(thing, step))
    except AttributeError:
        return PathLookup(missing=step, near=nearest_name(step, names(thing)))
    except bounded_calls.NoAnswerError:
        raise
    except Exception as error:
        return PathLookup(
            missing=step,
            detail=f"reading it raised {exceptions.exception_name(type(error))}: {mask(str(error))}",
        )


def _answers(thing: Any, name: str) -> bool:
    try:
        bounded_calls.call_with_timeout(lambda: getattr(thing, name))
    except bounded_calls.NoAnswerError:
        raise
    except Exception:
        return False
    return True


class QuestionEvaluator:
    """Answers questions about the objects of one state.

    Args:
        find: gives the object at an address.
        versions: tells which objects the recorder has seen.
    """

    def __init__(self, find: Lookup, versions: ObjectIds) -> None:
        self._find = find
        self._versions = versions
        self._kinds: dict[str, Callable[[Any, Question], Answer]] = {
            "present": self._present,
            "fits": self._fits,
            "attribute": self._attribute,
            "method": self._method,
            "same": self._same,
            "bound": self._bound,
        }

    def answer(self, items: list[tuple[int, Question]], moment: str) -> list[Answer]:
        """Answers to questions (with their index in the plan), as of now."""
        with bounded_calls.outside_event_loop():
            return [replace(self._one(question), item=item, moment=moment) for item, question in items]

    def _one(self, question: Question) -> Answer:
        thing = self._find(question.component)
        if thing is MISSING:
            return Answer(_UNNUMBERED, False, missing=question.component)
        try:
            answer = self._kinds[question.kind](thing, question)
        except bounded_calls.NoAnswerError as error:
            return Answer(_UNNUMBERED, None, detail=f"{question.path or 'its type'} cannot be read: {error}")
        except Exception as error:
            return Answer(_UNNUMBERED, None, detail=f"looking at it raised {exceptions.exception_name(type(error))}")
        return answer if answer.actual else replace(answer, actual=exceptions.type_name(type(thing)))

    def _present(self, thing: Any, question: Question) -> Answer:
        return Answer(_UNNUMBERED, True, is_none=thing is None)

    def _fits(self, thing: Any, question: Question) -> Answer:
        fit = type_matching.fits(thing, question.type or TypeSpec())
        return Answer(_UNNUMBERED, fit.holds, detail=fit.note, near=fit.near, is_none=thing is None)

    def _attribute(self, thing: Any, question: Question) -> Answer:
        reached = follow_path(thing, question.path)
        if reached.missing:
            return _nowhere(reached)
        return Answer(_UNNUMBERED, reached.thing is not None, is_none=reached.thing is None)

    def _method(self, thing: Any, question: Question) -> Answer:
        reached = follow_path(thing, question.path)
        if reached.missing:
            return _nowhere(reached)
        method = reached.thing
        if not callable(method):
            return Answer(_UNNUMBERED, False, reason="not-callable", actual=exceptions.type_name(type(method)))
        if question.asynchronous and not signatures.is_async(method):
            return Answer(_UNNUMBERED, False, reason="not-async")
        if question.signature:
            refused = signatures.refusal(method, signatures.parse_shape(question.signature))
            if refused is None:
                return Answer(_UNNUMBERED, None, detail="its signature cannot be read")
            if refused:
                location = source_locations.location_of_object(method)
                return Answer(_UNNUMBERED, False, reason="call-refused", detail=refused, location=location)
        return Answer(_UNNUMBERED, True)

    def _same(self, thing: Any, question: Question) -> Answer:
        reached = follow_path(thing, question.path)
        if reached.missing:
            return _nowhere(reached)
        other = self._find(question.other)
        return Answer(
            _UNNUMBERED,
            None if other is MISSING else reached.thing is other,
            reason="other-not-set" if other is MISSING else "",
            is_none=reached.thing is None,
            actual=exceptions.type_name(type(reached.thing)),
            version=self._versions.known(reached.thing),
        )

    def _bound(self, thing: Any, question: Question) -> Answer:
        fit = type_matching.bound_holds(thing, question.operator, question.operand)
        return Answer(_UNNUMBERED, fit.holds, detail=fit.note, is_none=thing is None)


def _nowhere(reached: PathLookup) -> Answer:
    return Answer(_UNNUMBERED, False, missing=reached.missing, near=reached.near, detail=reached.detail)
